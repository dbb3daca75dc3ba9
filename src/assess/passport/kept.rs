//! The steps of a passport as a store keeps them: words there, [`Step`]s here.

use chrono::NaiveDate;
use serde_json::Value;

use super::json::step;
use super::state::{History, PassportState, Step, StepError};
use crate::catalog::{KeptStep, NewStep};
use crate::error::{Code, Error, Place, Result};

impl History {
    /// The history that a store has of a dataset.
    ///
    /// # Errors
    /// `store.damaged` where a kept word is no step, or the steps do not follow one another.
    pub fn of_kept(steps: &[KeptStep]) -> Result<Self> {
        let damaged =
            |what: String| Error::new(Code::StoreDamaged, format!("passports.sqlite is damaged: {what}"));
        let states: Result<Vec<PassportState>> = steps
            .iter()
            .map(|kept| state(&kept.said).ok_or_else(|| damaged(format!("'{}' is no step", kept.said.step))))
            .collect();
        Self::new(states?).map_err(|error| damaged(error.to_string()))
    }

    /// Whether a step may be added to what a store has: it may follow the last one, is not earlier, and is of today at
    /// the latest.
    ///
    /// # Errors
    /// `request.body` for a word that is no step; `assess.step` says what was expected; `store.damaged`.
    pub fn may_add(before: &[KeptStep], new: &NewStep, today: NaiveDate) -> Result<()> {
        let state = state(new).ok_or_else(|| {
            let words = Step::ALL.map(Step::name).join(", ");
            Error::new(Code::RequestBody, format!("'step' is '{}'; expected one of {words}", new.step))
                .at(Place::field("step"))
        })?;
        let mut history = Self::of_kept(before)?;
        history.push(state).map_err(|error| refused(&error))?;
        if new.at > today {
            let message =
                format!("the step is dated {}, which is yet to come: expected {today} or earlier", new.at);
            return Err(Error::new(Code::AssessStep, message).at(Place::field("at")));
        }
        Ok(())
    }

    /// The steps as a list of objects: `step`, `paragraph`, `at`, `by`, `note`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.states().iter().map(step).collect()
    }
}

fn state(said: &NewStep) -> Option<PassportState> {
    let step = Step::named(&said.step)?;
    Some(PassportState { step, at: said.at, by: said.by.clone(), note: said.note.clone() })
}

fn refused(error: &StepError) -> Error {
    let member = match error {
        StepError::Sequence { .. } => "step",
        StepError::Date { .. } => "at",
    };
    Error::new(Code::AssessStep, error.to_string()).at(Place::field(member))
}
