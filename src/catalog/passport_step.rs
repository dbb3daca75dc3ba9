//! A step that the technological passport of a dataset has taken (order 111/НҚ/2021, paragraphs 7 to 11), as it is
//! kept. Which steps there are and which may follow which is not known here: who adds one brings the rule along
//! ([`super::PassportSteps::add`]).

use chrono::{DateTime, NaiveDate, Utc};

use crate::error::{Code, Error, Place, Result};

/// The longest texts that are kept, in characters.
const MOST_NOTE: usize = 10_000;
const MOST_NAME: usize = 500;

/// A step as somebody says that it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStep {
    /// The `apiUri` of the dataset, which need not be published yet: that is the last step.
    pub dataset: String,
    /// The word for the step.
    pub step: String,
    /// The day on which it was taken.
    pub at: NaiveDate,
    /// Who took it: a body or an office.
    pub by: Option<String>,
    /// What there is to say of it.
    pub note: Option<String>,
}

/// A step as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptStep {
    /// What was said.
    pub said: NewStep,
    /// The name of the token with which it was said.
    pub written_by: String,
    /// When it was said.
    pub kept_at: DateTime<Utc>,
}

impl NewStep {
    /// That its texts can be kept.
    ///
    /// # Errors
    /// `request.body` names the member that is empty or too long.
    pub fn check(&self) -> Result<()> {
        for (member, text, most) in [("by", &self.by, MOST_NAME), ("note", &self.note, MOST_NOTE)] {
            let Some(text) = text else { continue };
            let count = text.chars().count();
            if text.trim().is_empty() {
                return Err(wrong(member, format!("'{member}' is empty; expected a text")));
            }
            if count > most {
                return Err(wrong(
                    member,
                    format!("'{member}' has {count} characters; at most {most} are kept"),
                ));
            }
        }
        Ok(())
    }
}

fn wrong(member: &str, message: String) -> Error {
    Error::new(Code::RequestBody, message).at(Place::field(member))
}
