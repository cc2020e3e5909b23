//! `convoke provider …`

use convoke_core::service::Core;

use crate::{output::Output, words};

/// Every provider with what the organisation and the broker say of it.
pub async fn list(core: &Core, output: Output) {
    output.value(&core.providers().await, |providers| {
        providers.iter().map(words::provider).collect::<Vec<_>>().join("\n")
    });
}
