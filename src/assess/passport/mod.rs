//! The technological passport of a set of open data: annex 2 to the rules of order 111/НҚ of 31 March 2021.
//!
//! A [`Passport`] holds what the annex asks for under the annex's own numbers. What is not known is `None`, and
//! every rendering says so where it stands: [`Passport::to_json`], [`Passport::to_html`] (one page for print,
//! without script or network) and [`Passport::to_markdown`].
//!
//! The Kazakh headings are those of the order, letter by letter, as are the sentences of its paragraphs 7 to 11
//! that are quoted with the steps of a passport ([`Step`]), and the alphabet of String (order 144/2021, annex 1,
//! part 3, row 3). **The Russian headings and quotations are a translation: the text of the orders is the Kazakh
//! one.** Words that the annex has no text for (answers, notes, the headings of the examples and of the state)
//! are this module's own in both languages.
//!
//! ```
//! use derek::assess::passport::{Bilingual, Language, Passport};
//! let passport = Passport { full_name: Bilingual::new("Дәріханалар", "Аптеки"), ..Passport::default() };
//! assert!(passport.to_markdown(Language::Kk).contains("**1.1.1 Толық атауы:** Дәріханалар"));
//! assert!(passport.to_markdown(Language::Ru).contains("**1.1.2 Сокращённое наименование:** ☐ **требуется заполнить**"));
//! assert_eq!(passport.to_json()["1.1.1"]["full_name"]["ru"], "Аптеки");
//! ```

mod annex;
mod attribute;
mod checks;
mod contents;
mod examples;
mod fill;
mod form;
mod general;
mod geo_link;
mod html;
mod json;
mod kept;
mod language;
mod markdown;
mod missing;
mod placed;
mod plan;
mod privacy;
mod progress;
mod record;
mod requirement;
mod restriction;
mod sample;
mod sheet;
mod state;
mod structure;
mod values;

pub use annex::Item;
pub use attribute::{Attribute, AttributeType, ValueKind};
pub use contents::Passport;
pub use fill::Known;
pub use form::Form;
pub use geo_link::{GeoLink, GeoLinkKind, Geometry};
pub use language::{Bilingual, Language};
pub use missing::Missing;
pub use plan::{FromPlan, PlanRow};
pub use record::{BrokenRule, CheckedValue, RecordCheck};
pub use requirement::{AttributeRequirements, ListedValue, Requirement};
pub use restriction::{FoundKind, Restriction};
pub use sample::MOST_SCANNED;
pub use state::{History, PassportState, Step, StepError};
