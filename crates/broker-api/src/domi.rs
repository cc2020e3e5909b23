//! The paths of the broker that Convoke's replaces (HCL Domino Online Meeting Integration): its client's registrations and scripts
//! have them, so both sides still speak them. A refresh there is a GET with the refresh token as the bearer.

/// What one provider is called there: our name, theirs in paths, and theirs on the callback's path.
const NAMES: [(&str, &str, &str); 4] =
    [("teams", "Teams", "teams"), ("zoom", "Zoom", "zoom"), ("webex", "Webex", "webex"), ("goto", "GTM", "gtm")];

fn names(provider: &str) -> Option<(&'static str, &'static str)> {
    NAMES.iter().find(|(ours, ..)| *ours == provider).map(|(_, path, callback)| (*path, *callback))
}

/// `GET`: starts a sign-in at `provider` (`teams`, `zoom`, `webex`, `goto`) that ends on a page with the refresh token.
#[must_use]
pub fn start_path(provider: &str) -> Option<String> {
    names(provider).map(|(path, _)| format!("/domino{path}/index.html"))
}

/// `GET`: where the provider returns to.
#[must_use]
pub fn callback_path(provider: &str) -> Option<String> {
    names(provider).map(|(_, callback)| format!("/{callback}Callback"))
}

/// `GET` with `Authorization: Bearer REFRESH_TOKEN`: the provider's token answer, or 400 with a text.
#[must_use]
pub fn refresh_path(provider: &str) -> Option<String> {
    names(provider).map(|(path, _)| format!("/domino{path}Refresh"))
}

/// With `Authorization: Bearer ACCESS_TOKEN`: 200 and nothing, or 400 with a text. Only Zoom has it.
#[must_use]
pub fn revoke_path(provider: &str) -> Option<String> {
    (provider == "zoom").then(|| "/dominoZoomRevoke".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_names() {
        assert_eq!(start_path("goto").as_deref(), Some("/dominoGTM/index.html"));
        assert_eq!(callback_path("goto").as_deref(), Some("/gtmCallback"));
        assert_eq!(refresh_path("teams").as_deref(), Some("/dominoTeamsRefresh"));
        assert_eq!(revoke_path("zoom").as_deref(), Some("/dominoZoomRevoke"));
        assert_eq!((revoke_path("webex"), start_path("sametime")), (None, None));
    }
}
