//! Who may write: tokens, kept as hashes.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::PoisonError;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{Connection, params};

use super::Store;
use super::database::{PATIENCE, open_readable};
use super::ledger::Ledger;
use crate::error::{Code, Error, Result};

/// What stands before the random part of a token, so that one is known where it should not be.
const PREFIX: &str = "derek_";

/// What the holder of a token may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// Publish versions of this dataset, and delete it.
    Publish(String),
    /// Write to requests.
    Requests,
    /// All of it.
    All,
}

impl FromStr for Permission {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "requests" => Ok(Self::Requests),
            "all" => Ok(Self::All),
            _ => match text.strip_prefix("publish:").filter(|name| !name.is_empty()) {
                Some(name) => Ok(Self::Publish(name.to_owned())),
                None => Err("expected publish:APIURI, requests or all".to_owned()),
            },
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Publish(name) => write!(f, "publish:{name}"),
            Self::Requests => f.write_str("requests"),
            Self::All => f.write_str("all"),
        }
    }
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is called in lists and logs.
    pub name: String,
    /// What its holder may do.
    pub can: Vec<Permission>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it is worth nothing.
    pub expires_at: Option<DateTime<Utc>>,
    /// Since when it is worth nothing, because somebody said so.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    /// Whether its holder may publish a dataset.
    #[must_use]
    pub fn can_publish(&self, dataset: &str) -> bool {
        self.can.iter().any(|can| match can {
            Permission::All => true,
            Permission::Publish(name) => name == dataset,
            Permission::Requests => false,
        })
    }

    /// Whether its holder may file requests, and say what became of them.
    #[must_use]
    pub fn can_request(&self) -> bool {
        self.can.iter().any(|can| matches!(can, Permission::All | Permission::Requests))
    }

    /// Whether it is worth something at a moment.
    #[must_use]
    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

fn hash(secret: &str) -> blake3::Hash {
    blake3::hash(secret.as_bytes())
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Store {
    /// Keeps a token and returns its secret, which is nowhere else; `random` comes from the system.
    ///
    /// # Errors
    /// `store.token` where one has the name already, or the name is blank or has control characters; `store.io`.
    pub fn create_token(&self, token: &Token, random: [u8; 32]) -> Result<String> {
        self.ledger.create_token(token, random)
    }

    /// Every token, by name.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn tokens(&self) -> Result<Vec<Token>> {
        self.ledger.tokens()
    }

    /// The token that a secret is of.
    ///
    /// # Errors
    /// `store.damaged`.
    pub fn token_of(&self, secret: &str) -> Result<Option<Token>> {
        self.ledger.token_of(secret)
    }

    /// Makes a token worth nothing from now on; false where there is none of this name.
    ///
    /// # Errors
    /// `store.io`.
    pub fn revoke_token(&self, name: &str, now: DateTime<Utc>) -> Result<bool> {
        self.ledger.revoke_token(name, now)
    }
}

impl Ledger {
    /// Keeps a token and returns its secret, which is nowhere else; `random` comes from the system.
    pub(super) fn create_token(&self, token: &Token, random: [u8; 32]) -> Result<String> {
        check_name(&token.name)?;
        let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
        let can: Vec<String> = token.can.iter().map(ToString::to_string).collect();
        let kept = self.lock().execute(
            "INSERT INTO token (name, hash, can, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                token.name,
                hash(&secret).to_hex().as_str(),
                can.join("\n"),
                moment(token.created_at),
                token.expires_at.map(moment)
            ],
        );
        match kept {
            Ok(_) => Ok(secret),
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
                let message = format!("a token is called '{}' already", token.name);
                Err(Error::new(Code::StoreToken, message)
                    .hint("choose another name; derek token list shows them"))
            }
            Err(error) => Err(self.fault(&error)),
        }
    }

    /// Every token, by name.
    pub(super) fn tokens(&self) -> Result<Vec<Token>> {
        Ok(self.hashed_tokens()?.into_iter().map(|(token, _)| token).collect())
    }

    /// The token that a secret is of. All are compared, each in the same time whatever the secret is. Cost: they
    /// are read again only where some process has written to the ledger since; a publication that is being
    /// written holds nobody up.
    pub(super) fn token_of(&self, secret: &str) -> Result<Option<Token>> {
        let given = hash(secret);
        let mut cache = self.token_cache.lock().unwrap_or_else(PoisonError::into_inner);
        let tokens = TokenCache::refreshed(&mut cache, &self.path).map_err(|error| self.fault(&error))?;
        let mut found = None;
        for (token, kept) in tokens {
            if *kept == given {
                found = Some(token);
            }
        }
        Ok(found.cloned())
    }

    /// Makes a token worth nothing; false where there is none of this name.
    pub(super) fn revoke_token(&self, name: &str, now: DateTime<Utc>) -> Result<bool> {
        let sql = "UPDATE token SET revoked_at = coalesce(revoked_at, ?2) WHERE name = ?1";
        let changed = self.lock().execute(sql, params![name, moment(now)]);
        changed.map(|count| count > 0).map_err(|error| self.fault(&error))
    }

    fn hashed_tokens(&self) -> Result<Vec<(Token, String)>> {
        hashed_tokens(&self.lock()).map_err(|error| self.fault(&error))
    }
}

/// The tokens as they were read last, over a connection of their own.
#[derive(Debug)]
pub(super) struct TokenCache {
    connection: Connection,
    /// Changes when another connection writes: all that write are others.
    state: Option<i64>,
    tokens: Vec<(Token, blake3::Hash)>,
}

impl TokenCache {
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = open_readable(path)?;
        connection.busy_timeout(PATIENCE)?;
        Ok(Self { connection, state: None, tokens: Vec::new() })
    }

    /// The tokens of this moment.
    fn refreshed<'c>(
        cache: &'c mut Option<Self>,
        path: &Path,
    ) -> rusqlite::Result<&'c [(Token, blake3::Hash)]> {
        let cache = match cache {
            Some(cache) => cache,
            none => none.insert(Self::open(path)?),
        };
        let state = cache.connection.query_row("PRAGMA data_version", [], |row| row.get(0))?;
        if cache.state != Some(state) {
            let hashed = |(token, hash): (Token, String)| Some((token, blake3::Hash::from_hex(hash).ok()?));
            cache.tokens = hashed_tokens(&cache.connection)?.into_iter().filter_map(hashed).collect();
            cache.state = Some(state);
        }
        Ok(&cache.tokens)
    }
}

/// Whether a name can be told from others in lists and logs, and moves no terminal that shows it.
fn check_name(name: &str) -> Result<()> {
    let found = if name.trim().is_empty() {
        "nothing".to_owned()
    } else if name.contains(char::is_control) {
        format!("the control characters in {name:?}")
    } else {
        return Ok(());
    };
    let message =
        format!("a token cannot be called so: found {found}; expected a name of visible characters");
    Err(Error::new(Code::StoreToken, message).hint("such as the name of the body that publishes with it"))
}

fn hashed_tokens(connection: &Connection) -> rusqlite::Result<Vec<(Token, String)>> {
    let sql = "SELECT name, hash, can, created_at, expires_at, revoked_at FROM token ORDER BY name";
    let mut statement = connection.prepare(sql)?;
    let tokens = statement.query_map([], |row| {
        // A moment that cannot be read has passed: no token lives longer for it.
        let at = |text: Option<String>| -> Option<DateTime<Utc>> {
            text.map(|text| text.parse().unwrap_or_default())
        };
        let can: String = row.get(2)?;
        let token = Token {
            name: row.get(0)?,
            can: can.lines().filter_map(|can| can.parse().ok()).collect(),
            created_at: at(row.get(3)?).unwrap_or_default(),
            expires_at: at(row.get(4)?),
            revoked_at: at(row.get(5)?),
        };
        Ok((token, row.get(1)?))
    })?;
    tokens.collect()
}
