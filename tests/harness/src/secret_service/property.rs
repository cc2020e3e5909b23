//! The properties of the service, its collection and its items, as clients ask for them.

use std::collections::HashMap;

use zbus::zvariant::{OwnedValue, Value};

use super::answer::{Refusal, Target, collection_path, item_path};
use super::vault::Vault;

/// The names that each kind of object has.
fn names(target: &Target) -> &'static [&'static str] {
    match target {
        Target::Service => &["Collections"],
        Target::Collection => &["Items", "Label", "Locked", "Created", "Modified"],
        Target::Item(_) => &["Attributes", "Label", "Locked", "Created", "Modified"],
        Target::Other(_) => &[],
    }
}

/// One property.
pub(super) fn get(vault: &Vault, target: &Target, name: &str) -> Result<OwnedValue, Refusal> {
    let value = match (target, name) {
        (Target::Service, "Collections") => Value::from(vec![collection_path()]),
        (Target::Collection, "Items") => Value::from(vault.numbers().into_iter().map(item_path).collect::<Vec<_>>()),
        (Target::Collection, "Label") => Value::from("Login"),
        (Target::Item(number), "Label") => Value::from(vault.item(*number)?.label.clone()),
        (Target::Item(number), "Attributes") => Value::from(vault.item(*number)?.attributes.clone()),
        (Target::Item(number), "Locked") => {
            vault.item(*number)?;
            Value::from(vault.is_locked())
        }
        (Target::Collection, "Locked") => Value::from(vault.is_locked()),
        // The double has no clock.
        (Target::Collection | Target::Item(_), "Created" | "Modified") => Value::from(0u64),
        _ => return Err(Refusal::unknown(name)),
    };
    Ok(OwnedValue::try_from(value).expect("no descriptors in it"))
}

/// All of them.
pub(super) fn all(vault: &Vault, target: &Target) -> Result<HashMap<&'static str, OwnedValue>, Refusal> {
    names(target).iter().map(|name| Ok((*name, get(vault, target, name)?))).collect()
}

/// Changes one: a write like any other.
pub(super) fn set(vault: &mut Vault, target: &Target, name: &str, value: OwnedValue) -> Result<(), Refusal> {
    match (target, name) {
        (Target::Item(number), "Label") => {
            let label = String::try_from(value).map_err(Refusal::arguments)?;
            vault.change(*number, |item| item.label = label)
        }
        (Target::Item(number), "Attributes") => {
            let attributes = HashMap::try_from(value).map_err(Refusal::arguments)?;
            vault.change(*number, |item| item.attributes = attributes)
        }
        _ => Err(Refusal::unknown(name)),
    }
}
