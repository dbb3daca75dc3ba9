//! How a request stands.

use serde_json::{Value, json};

use super::clock::Clock;
use crate::catalog::Standing;

/// A request with its state and its clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The request, and what happened to it.
    pub standing: Standing,
    /// `received`, `processed`, `sent`, `published` or `refused`.
    pub state: String,
    /// The clocks that run, or ran, for it.
    pub clocks: Vec<Clock>,
}

impl Status {
    /// It as a JSON object: the members of the request, `state` and `clocks`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut status = self.standing.to_json();
        status["state"] = json!(self.state);
        status["clocks"] = self.clocks.iter().map(Clock::to_json).collect();
        status
    }

    /// The clock of a name.
    pub(super) fn clock(&self, name: &str) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.clock == name)
    }
}
