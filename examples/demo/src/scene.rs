//! What every scene gives in the end.

use serde_json::Value;

/// What a scene found out.
pub(crate) trait Report {
    /// One line for each check that did not hold.
    fn complaints(&self) -> Vec<String>;

    /// One JSON object.
    fn json(&self, scene: &str) -> Value;

    /// For people.
    fn table(&self) -> String;

    /// Whether every check held.
    fn ok(&self) -> bool {
        self.complaints().is_empty()
    }
}
