//! Requests and events as they come in, by whichever door.

use chrono::{DateTime, Utc};

use crate::assess::restricted::{Day, kinds_of, mask_persons};
use crate::catalog::{Filed, Happened, RequestForm, records};
use crate::error::{Code, Error, Place, Result};

/// The requests of a body or a file, and whether it is one alone. What tells of persons in their texts, and in what
/// they call the body, is masked: a request says what is wanted, and not by whom.
///
/// # Errors
/// `request.body` names the row and the member; so it is where the name of a request tells of a person.
pub fn filed(form: RequestForm, bytes: &[u8], now: DateTime<Utc>) -> Result<(Vec<Filed>, bool)> {
    let (mut filed, is_one) = records::<Filed>(form, bytes)?;
    for (row, request) in (1..).zip(&mut filed) {
        if let Some(id) = &request.id {
            require_impersonal(id, now).map_err(|message| {
                wrong("id", message, (row, is_one))
                    .hint("expected another name, or none: then it gets one here")
            })?;
        }
        let texts = [&mut request.text, &mut request.body].into_iter().chain(request.topic.as_mut());
        texts.for_each(|text| mask_persons(text, now));
    }
    Ok((filed, is_one))
}

/// That a name, which is in tables that everybody reads, tells of no person: a masked one would name nothing.
fn require_impersonal(id: &str, now: DateTime<Utc>) -> std::result::Result<(), String> {
    let Some(day) = Day::of(now.date_naive()) else { return Ok(()) };
    match kinds_of(id, day).find(|(kind, _)| kind.is_personal()) {
        Some((kind, _)) => {
            Err(format!("'id' tells of a person ({}), and everybody may read it", kind.code()))
        }
        None => Ok(()),
    }
}

fn wrong(member: &str, message: String, (row, is_one): (u64, bool)) -> Error {
    let row = if is_one { None } else { Some(row) };
    Error::new(Code::RequestBody, message).at(Place { row, ..Place::field(member) })
}

/// The events of a body or a file, each with its request: of `request` where that is given, else of the one that
/// each of them names. What tells of persons in their reasons is masked: these are kept for ever, and everybody reads
/// them.
///
/// # Errors
/// `request.body` names the row and the member; an event that names another request than the one given is refused.
pub fn happened(
    form: RequestForm,
    bytes: &[u8],
    request: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Vec<Happened>> {
    let (mut happened, is_one) = records::<Happened>(form, bytes)?;
    for (row, event) in (1..).zip(&mut happened) {
        let wrong = |message: String| wrong("request", message, (row, is_one));
        event.reason.iter_mut().for_each(|reason| mask_persons(reason, now));
        let named = event.request.take().filter(|named| !named.trim().is_empty());
        event.request = match (request, named) {
            (Some(request), Some(named)) if named != request => {
                return Err(wrong(format!("'request' is '{named}'; the address says '{request}'")));
            }
            (Some(request), _) => Some(request.to_owned()),
            (None, Some(named)) => Some(named),
            (None, None) => {
                return Err(wrong("'request' is missing in an event".to_owned())
                    .hint("each event names its request by the id that this got when it was filed"));
            }
        };
    }
    Ok(happened)
}
