//! A picture of every screen in light and dark, and the accessibility checker over each.

use std::path::PathBuf;

use convoke_harness::program::{binary, repository};
use serde_json::{Value, json};

use super::desk::App;

/// Waits until nothing moves any more and what was changed is drawn.
const SETTLE: &str = "const done = arguments[0];
    const drawn = () => requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
    const look = () => {
        const moving = document.getAnimations().filter(one => one.playState === 'running');
        if (moving.length > 0) Promise.allSettled(moving.map(one => one.finished)).then(look); else drawn();
    };
    look();";

/// What is wrong, as one text per rule: its name, and where.
const CHECK: &str = "const done = arguments[0];
    axe.run(document, { resultTypes: ['violations'] }).then(
        found => done(found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html + ' ' + node.failureSummary).join(' | '))),
        failed => done(['axe itself failed: ' + failed]));";

impl App {
    /// Checks and pictures the screen as it is, in both themes.
    #[track_caller]
    pub fn picture(&self, name: &str) {
        let own = self.told("return document.documentElement.dataset.theme");
        for theme in ["light", "dark"] {
            self.wear(theme);
            self.check(&format!("{name}, {theme}"));
            self.window.screenshot(&folder().join(theme).join(format!("{name}.png")));
        }
        self.wear(&own);
    }

    #[track_caller]
    fn wear(&self, theme: &str) {
        let _ = self.window.execute("document.documentElement.dataset.theme = arguments[0]", &json!([theme]));
        let _ = self.window.execute_async(SETTLE, &json!([]));
    }

    #[track_caller]
    fn check(&self, screen: &str) {
        assert_eq!(self.violations(), json!([]), "{screen}");
    }

    #[track_caller]
    fn violations(&self) -> Value {
        if self.window.execute("return typeof window.axe === 'undefined'", &json!([])) == Value::Bool(true) {
            let file = repository().join("ui/node_modules/axe-core/axe.min.js");
            let source = std::fs::read_to_string(&file)
                .unwrap_or_else(|error| panic!("{}: {error}: run `npm ci` in ui first", file.display()));
            let _ = self.window.execute(&source, &json!([]));
        }
        self.window.execute_async(CHECK, &json!([]))
    }

    /// That the checker finds something where something is wrong.
    #[track_caller]
    pub fn checker_finds_a_nameless_button(&self) {
        let add = "const button = document.createElement('button'); button.id = 'nameless'; document.querySelector('main').append(button)";
        let _ = self.window.execute(add, &json!([]));
        let found = self.violations().to_string();
        let _ = self.window.execute("document.getElementById('nameless').remove()", &json!([]));
        assert!(found.contains("button-name"), "{found}");
    }
}

/// `screenshots` in cargo's target folder.
fn folder() -> PathBuf {
    let program = binary("convoke-desktop");
    program.ancestors().nth(2).expect("a binary stands in target/PROFILE").join("screenshots")
}
