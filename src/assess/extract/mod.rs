//! What does an extract of a body's information system hold, may it be opened, and is it ready for it?
//!
//! Order 111 of 2021 has the service integrator judge an extract by four criteria (paragraph 7); two of them are
//! told here from the values: whether the data are restricted ([`super::restricted`]), and whether they are ready:
//! a score of 100 whose parts are shown ([`Readiness`]). The other two, demand and what is published already, are
//! told by others ([`Said`]).
//!
//! Of a workbook one sheet is judged, and the others are scanned for restricted data; the order's own template is
//! judged as the document that it stands for.
//!
//! A file is read once, row by row (a document twice), into counts; no row is kept but, until the report is made, the
//! first ones as examples. No personal value stands in a [`Report`] or in the draft of a passport that is made of it:
//! values of a field that holds any, and of every field of a restricted table, are masked.

mod alphabet;
mod cells;
mod columns;
mod criteria;
mod csv;
mod decimal;
mod declared;
mod demand;
mod draft;
mod examples;
mod field;
mod form;
mod json;
mod link;
mod pattern;
mod place;
mod profile;
mod range;
mod readiness;
mod report;
mod sheet;
mod template;
mod text;
mod tree;
mod values;
mod xlsx;

pub use self::criteria::{Criterion, Said};
pub use self::demand::Demand;
pub use self::form::Form;
pub use self::link::{EXPECTED_LINK, is_link};
pub use self::readiness::{Part, Readiness, WEIGHTS};
pub use self::report::{Counted, FieldReport, Reason, Report, RuleHit, Verdict};
pub use self::sheet::{SheetHit, SheetReport};

use self::profile::Profile;
use super::restricted::Day;
use crate::catalog::Snapshot;
use crate::error::{Code, Error, Place, Result};

/// The largest extract, in bytes.
pub const MOST_BYTES: usize = 256 << 20;
/// The most rows of an extract.
pub const MOST_ROWS: u64 = 1_000_000;
/// The most fields of an extract.
pub const MOST_FIELDS: usize = 2_000;

/// Bytes of a field's path, with the names of what it lies in.
const MOST_PATH: usize = 1_000;

/// Characters of a value that are shown.
const MOST_SHOWN: usize = 60;

/// How an extract is judged.
pub struct Options<'a> {
    /// What its bytes are.
    pub form: Form,
    /// The day on which it is judged: nobody in it was born later.
    pub as_of: Day,
    /// The datasets among which its references are looked up; without, they are not judged.
    pub datasets: Option<&'a Snapshot>,
    /// Asked now and then: an error ends the work.
    pub check: &'a dyn Fn() -> Result<()>,
}

/// Judges an extract.
///
/// Cost: one pass over the bytes, two over a document; memory: what the fields count, which has a bound, and as
/// much as the file again where it is not UTF-8.
///
/// # Errors
/// `request.body` with row or field where it is no extract, or has no rows; `request.too_large` beyond
/// [`MOST_BYTES`], [`MOST_ROWS`] and [`MOST_FIELDS`], and for a value of more than
/// [`MOST_CELL_BYTES`](crate::convert::bounds::MOST_CELL_BYTES).
///
/// ```
/// use derek::assess::extract::{Form, Options, Verdict, analyse};
/// use derek::assess::restricted::Day;
/// let as_of = Day::new(2026, 11, 1).expect("a day");
/// let options = Options { form: Form::Csv, as_of, datasets: None, check: &|| Ok(()) };
/// let report = analyse("код;аты\n1;Үлгіев Болат Серікұлы\n2;Ким Анна Викторовна\n".as_bytes(), &options)?;
/// assert_eq!((report.rows, report.verdict), (2, Verdict::Restricted));
/// assert_eq!(report.fields[1].restricted[0].samples[0], "Ү***** Б**** С*******");
/// # Ok::<(), derek::error::Error>(())
/// ```
pub fn analyse(bytes: &[u8], options: &Options<'_>) -> Result<Report> {
    if bytes.len() > MOST_BYTES {
        let message = format!("the extract has {} bytes; at most {MOST_BYTES} are read", bytes.len());
        return Err(Error::new(Code::RequestTooLarge, message).hint("take an extract of some of the rows"));
    }
    let mut profile = Profile::new(options);
    let (form, sheets) = read(bytes, &mut profile, options)?;
    if profile.rows == 0 || profile.fields.is_empty() {
        let message = "the extract has no rows; expected the names of fields and at least one row";
        return Err(Error::new(Code::RequestBody, message));
    }
    report::of(profile, sheets, &Options { form, ..*options })
}

/// Takes in an extract; what its fields are called as, and what was found on further sheets. The order's template is the
/// JSON that it stands for.
fn read(bytes: &[u8], profile: &mut Profile<'_>, options: &Options<'_>) -> Result<(Form, Vec<SheetReport>)> {
    match options.form {
        Form::Csv => {
            let text = csv::text(bytes)?;
            if template::is_titled(&text) {
                template::read_text(&text, profile)?;
                return Ok((Form::Json, Vec::new()));
            }
            csv::read(&text, profile)?;
        }
        Form::Json => json::read(bytes, profile)?,
        Form::Xlsx => {
            let (mut workbook, mut names) = xlsx::open(bytes)?;
            if template::is_workbook(&names) {
                template::read_workbook(bytes, profile)?;
                names.retain(|name| !template::is_part(name));
                return Ok((Form::Json, xlsx::scan(&mut workbook, &names, options)?));
            }
            return Ok((Form::Xlsx, xlsx::read(&mut workbook, &names, profile, options)?));
        }
    }
    Ok((options.form, Vec::new()))
}

/// The place of a row.
fn in_row(row: u64) -> Place {
    Place { row: Some(row), ..Place::default() }
}

/// The start of a value that is shown.
fn excerpt(text: &str) -> &str {
    text.char_indices().nth(MOST_SHOWN).map_or(text, |(end, _)| &text[..end])
}
