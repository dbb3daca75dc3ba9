//! What users of information ask public bodies to publish or to update, and what became of it.
//!
//! Order 144 of 2021, paragraphs 7 to 10: a user asks; the integrator processes each month's requests and sends
//! them to the body's administrator; the body publishes or refuses; the user is told. Requests and what happened
//! to them are only ever added: nothing is overwritten. Of who asked, the kind is kept, and where somebody says
//! how to reach them a salted hash of that, by which the requests of one person can be counted and nobody found.

mod cell;
mod reading;
mod when;

use std::str::FromStr;

use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;

pub use reading::{Record, RequestForm, records};
pub use when::When;
use when::{day_of, start, when};

use crate::error::{Code, Error, Place, Result};

/// The longest texts that are kept, in characters.
const MOST_TEXT: usize = 10_000;
const MOST_NAME: usize = 500;

/// What no request can be called: `/requests/events` takes events of all requests, and the others are no part of an
/// address.
const NO_NAMES: [&str; 3] = ["events", ".", ".."];

/// The first sign of what requests are called in tables whose names were made here: `#1`.
const NUMBER_SIGN: char = '#';

/// Declares words with a meaning each.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> std::result::Result<Self, String> {
                Self::ALL.iter().copied().find(|it| it.as_str() == text).ok_or_else(|| {
                    let words: Vec<_> = Self::ALL.iter().map(|it| it.as_str()).collect();
                    format!("expected one of {}; found '{text}'", words.join(", "))
                })
            }
        }
    };
}

words! {
    /// What is asked for.
    RequestKind {
        /// A dataset that is not there.
        Publish = "publish",
        /// A later version of one that is.
        Update = "update",
    }
}

words! {
    /// Who asks.
    RequesterKind {
        /// A person.
        Citizen = "citizen",
        /// A legal entity.
        Business = "business",
    }
}

words! {
    /// What happened to a request.
    EventKind {
        /// The integrator has processed it (paragraph 8).
        Processed = "processed",
        /// It was sent to the body's administrator (paragraph 8).
        Sent = "sent",
        /// The body has published what was asked for (paragraph 9).
        Published = "published",
        /// The body has refused, for a reason that the law knows (paragraph 9).
        Refused = "refused",
        /// The user was told (paragraph 10).
        Notified = "notified",
    }
}

/// A request as somebody files it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filed {
    /// Its name, where it has one already: an import keeps those of the system that it comes from.
    pub id: Option<String>,
    /// When it was received; now, where nothing is said. Of a day its first moment in Kazakhstan.
    #[serde(default, deserialize_with = "start")]
    pub received_at: Option<DateTime<Utc>>,
    /// What is asked for.
    pub kind: RequestKind,
    /// Who asks.
    pub requester: RequesterKind,
    /// How to reach who asks: never kept, only a salted hash of it.
    pub contact: Option<String>,
    /// What is asked for, in the user's words.
    pub text: String,
    /// The body that is asked.
    pub body: String,
    /// The `apiUri` of the dataset that is asked for, where it has one.
    pub dataset: Option<String>,
    /// What it is about, where no dataset is named.
    pub topic: Option<String>,
}

/// What happened to a request, as somebody says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happened {
    /// The request; in an address where it is not here.
    pub request: Option<String>,
    /// When it happened; now, where nothing is said.
    #[serde(default, deserialize_with = "when")]
    pub at: Option<When>,
    /// What happened.
    pub event: EventKind,
    /// The dataset that was published.
    pub dataset: Option<String>,
    /// Its version.
    pub version: Option<u32>,
    /// Why it was refused: the law's ground.
    pub reason: Option<String>,
}

impl Record for Filed {
    const WHAT: &'static str = "a request";
    const MEMBERS: &'static str =
        "kind, requester, text, body; where known id, received_at, contact, dataset, topic";
}

impl Record for Happened {
    const WHAT: &'static str = "an event";
    const MEMBERS: &'static str = "event; where known request, at, dataset, version, reason";
}

impl Filed {
    /// That it can be kept.
    ///
    /// # Errors
    /// `request.body` names the member that is missing, too long, or of the future, or a name that no request can have.
    pub fn check(&self, now: DateTime<Utc>) -> Result<()> {
        self.id.as_deref().map_or(Ok(()), check_id)?;
        let named =
            [("id", self.id.as_ref()), ("dataset", self.dataset.as_ref()), ("topic", self.topic.as_ref())];
        for (member, text) in named.into_iter().chain([("body", Some(&self.body))]) {
            check_text(member, text, MOST_NAME)?;
        }
        check_text("text", Some(&self.text), MOST_TEXT)?;
        check_moment("received_at", self.received_at, now)
    }
}

impl Happened {
    /// That it can be kept.
    ///
    /// # Errors
    /// `request.body` names the member that is missing, too long, or of the future.
    pub fn check(&self, now: DateTime<Utc>) -> Result<()> {
        check_text("dataset", self.dataset.as_ref(), MOST_NAME)?;
        check_text("reason", self.reason.as_ref(), MOST_TEXT)?;
        check_moment("at", self.at.map(When::start), now)?;
        if self.event == EventKind::Refused && self.reason.is_none() {
            let message = "a refusal has no reason; expected the law's ground";
            return Err(wrong("reason", message.to_owned()));
        }
        Ok(())
    }
}

fn check_id(id: &str) -> Result<()> {
    if NO_NAMES.contains(&id) {
        let message = format!("'id' is '{id}', which is an address of its own; expected another");
        return Err(wrong("id", message));
    }
    if id.trim() != id {
        return Err(wrong("id", format!("'id' is '{id}'; expected a name without spaces around it")));
    }
    if id.starts_with(NUMBER_SIGN) {
        let message =
            format!("'id' is '{id}'; names that begin with {NUMBER_SIGN} are those of requests without one");
        return Err(wrong("id", message).hint("expected another first sign"));
    }
    Ok(())
}

fn check_text(member: &str, text: Option<&String>, most: usize) -> Result<()> {
    let Some(text) = text else { return Ok(()) };
    if text.trim().is_empty() {
        return Err(wrong(member, format!("'{member}' is empty; expected a text")));
    }
    if let Some(sign) = text.chars().find(|sign| sign.is_control() && !"\n\r\t".contains(*sign)) {
        let message =
            format!("'{member}' has the control character U+{:04X}; expected a text", u32::from(sign));
        return Err(wrong(member, message));
    }
    let count = text.chars().count();
    if count > most {
        return Err(wrong(member, format!("'{member}' has {count} characters; at most {most} are kept")));
    }
    Ok(())
}

/// What is said to have happened later than tomorrow, or before there were portals, was written wrongly; and nothing
/// that is kept can be mended.
fn check_moment(member: &str, at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<()> {
    match at {
        Some(at) if at > now + chrono::TimeDelta::days(1) => {
            Err(wrong(member, format!("'{member}' is {}, which is yet to come", at.to_rfc3339())))
        }
        Some(at) if day_of(at).year() < 2000 => {
            Err(wrong(member, format!("'{member}' is {}; expected a moment from 2000 on", at.to_rfc3339())))
        }
        _ => Ok(()),
    }
}

fn wrong(member: &str, message: String) -> Error {
    Error::new(Code::RequestBody, message).at(Place::field(member))
}
