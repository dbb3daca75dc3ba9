//! Requests and events as they come in, by whichever door.

use chrono::{DateTime, Utc};

use crate::assess::restricted::mask_persons;
use crate::catalog::{Filed, Happened, RequestForm, records};
use crate::error::{Code, Error, Place, Result};

/// The requests of a body or a file, and whether it is one alone. What tells of persons in their texts is masked: a
/// request says what is wanted, and not by whom.
///
/// # Errors
/// `request.body` names the row and the member.
pub fn filed(form: RequestForm, bytes: &[u8], now: DateTime<Utc>) -> Result<(Vec<Filed>, bool)> {
    let (mut filed, is_one) = records::<Filed>(form, bytes)?;
    let texts =
        filed.iter_mut().flat_map(|filed| std::iter::once(&mut filed.text).chain(filed.topic.as_mut()));
    texts.for_each(|text| mask_persons(text, now));
    Ok((filed, is_one))
}

/// The events of a body or a file, each with its request: of `request` where that is given, else of the one that
/// each of them names.
///
/// # Errors
/// `request.body` names the row and the member; an event that names another request than the one given is refused.
pub fn happened(form: RequestForm, bytes: &[u8], request: Option<&str>) -> Result<Vec<Happened>> {
    let (mut happened, is_one) = records::<Happened>(form, bytes)?;
    for (row, event) in (1..).zip(&mut happened) {
        let wrong = |message: String| {
            let row = if is_one { None } else { Some(row) };
            Error::new(Code::RequestBody, message).at(Place { row, ..Place::field("request") })
        };
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
