//! A profile file that leads the app and the command line to a sandbox and a broker.

use std::path::PathBuf;

use crate::private_dir::PrivateDir;

/// What a profile file says. Any address can be replaced before it is written.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The name that the app shows.
    pub name: String,
    /// The broker's origin.
    pub broker: String,
    /// What it speaks: `convoke` or `domi`.
    pub dialect: &'static str,
    /// The API base of each OAuth provider, by its name.
    pub api_bases: Vec<(String, String)>,
    /// The Sametime server.
    pub sametime: String,
    /// The Domino server.
    pub domino: String,
}

impl Profile {
    /// The profile of a sandbox and a broker at these origins.
    #[must_use]
    pub fn new(sandbox: &str, broker: &str) -> Self {
        let bases = [("teams", "graph/v1.0"), ("zoom", "zoom/v2"), ("webex", "webex/v1"), ("goto", "goto/G2M/rest")];
        Self {
            name: "Sandbox".to_owned(),
            broker: broker.to_owned(),
            dialect: "convoke",
            api_bases: bases.map(|(name, path)| (name.to_owned(), format!("{sandbox}/{path}"))).to_vec(),
            sametime: format!("{sandbox}/sametime"),
            domino: format!("{sandbox}/domino"),
        }
    }

    /// Replaces one provider's API base.
    #[must_use]
    pub fn api_base(mut self, provider: &str, address: &str) -> Self {
        let base = self.api_bases.iter_mut().find(|(name, _)| name == provider);
        address.clone_into(&mut base.expect("a provider with an API base").1);
        self
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text =
            format!("name = {:?}\n[broker]\nurl = {:?}\ndialect = {:?}\n", self.name, self.broker, self.dialect);
        for (provider, base) in &self.api_bases {
            text += &format!("[providers.{provider}]\napi_base = {base:?}\n");
        }
        text += &format!("[providers.sametime]\nserver = {:?}\n", self.sametime);
        text += &format!("[domino]\nserver = {:?}\n", self.domino);
        text
    }

    /// Writes it to `dir` and answers the file's path.
    pub fn write(&self, dir: &PrivateDir) -> PathBuf {
        dir.file("profile.toml", 0o600, self.text().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_readable_toml() {
        let profile = Profile::new("http://127.0.0.1:1", "http://127.0.0.1:2").api_base("zoom", "http://127.0.0.1:3/z");
        let table: toml::Table = profile.text().parse().expect("toml");
        assert_eq!(table["broker"]["url"].as_str(), Some("http://127.0.0.1:2"));
        assert_eq!(table["providers"]["zoom"]["api_base"].as_str(), Some("http://127.0.0.1:3/z"));
        assert_eq!(table["providers"]["sametime"]["server"].as_str(), Some("http://127.0.0.1:1/sametime"));
    }
}
