//! How a client has packed a body (`Content-Encoding`; RFC 9110, 8.4).

use std::io::Read;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;

use crate::error::{Code, Error, Result};

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Gzip,
    Zstd,
}

impl Coding {
    /// What the headers say.
    ///
    /// # Errors
    /// `request.encoding` for any other way, and for several one after the other.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self> {
        let values = headers.get_all(CONTENT_ENCODING).iter();
        let listed: Vec<String> = values
            .flat_map(|value| {
                String::from_utf8_lossy(value.as_bytes()).split(',').map(named).collect::<Vec<_>>()
            })
            .filter(|coding| !coding.is_empty() && coding != "identity")
            .collect();
        match listed.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Ok(Self::Plain),
            ["gzip" | "x-gzip"] => Ok(Self::Gzip),
            ["zstd"] => Ok(Self::Zstd),
            _ => {
                let message = format!("the body is packed as '{}'; expected gzip or zstd", listed.join(", "));
                Err(Error::new(Code::RequestEncoding, message)
                    .hint("or send it as it is, without Content-Encoding"))
            }
        }
    }

    /// The bytes of a body, at most `limit` of them. Cost: a body that is packed is unpacked where it is called.
    ///
    /// # Errors
    /// `request.body` where it is not packed so, or damaged; `request.too_large`.
    pub(super) fn unpack(self, body: Bytes, limit: usize) -> Result<Bytes> {
        let mut bytes = Vec::new();
        let most = limit as u64 + 1;
        let unpacked = match self {
            Self::Plain => return Ok(body),
            Self::Gzip => flate2::read::MultiGzDecoder::new(&body[..]).take(most).read_to_end(&mut bytes),
            Self::Zstd => {
                zstd::Decoder::new(&body[..]).and_then(|decoder| decoder.take(most).read_to_end(&mut bytes))
            }
        };
        unpacked.map_err(|error| {
            Error::new(Code::RequestBody, "the body cannot be unpacked as Content-Encoding says")
                .hint("without Content-Encoding it is taken as it is")
                .caused_by(error)
        })?;
        if bytes.len() > limit {
            let message = format!("the body unpacks to more than {limit} bytes");
            return Err(Error::new(Code::RequestTooLarge, message));
        }
        Ok(bytes.into())
    }
}

/// A coding as it is compared.
fn named(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}
