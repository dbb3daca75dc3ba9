//! The databases of a store that are tables, too, as they were opened: why one cannot be is told to each who asks for it.

use std::sync::Arc;

use super::store::{PassportSteps, QualityHistory, Requests, Store};
use crate::error::{Error, Result};

/// A database: none where there is no store to keep it.
type Opened<T> = Result<Option<Arc<T>>, Arc<Error>>;

/// What a store keeps beside its versions.
#[derive(Debug, Clone)]
pub struct Databases {
    requests: Opened<Requests>,
    quality: Opened<QualityHistory>,
    passport_steps: Opened<PassportSteps>,
}

impl Default for Databases {
    /// Those of no store: none.
    fn default() -> Self {
        Self { requests: Ok(None), quality: Ok(None), passport_steps: Ok(None) }
    }
}

impl Databases {
    /// Those of a store. One that is damaged keeps nobody from the others, nor from what is published.
    pub(super) fn of(store: &Store) -> Self {
        Self {
            requests: opened(store.requests()),
            quality: opened(store.quality()),
            passport_steps: opened(store.passport_steps()),
        }
    }

    /// What people asked public bodies for, and what became of it; none where there is no store to keep it.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`: why it could not be opened.
    pub fn requests(&self) -> Result<Option<&Arc<Requests>>> {
        found(&self.requests)
    }

    /// How good datasets were found, and when; none where there is no store to keep it.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`: why it could not be opened.
    pub fn quality(&self) -> Result<Option<&Arc<QualityHistory>>> {
        found(&self.quality)
    }

    /// How far the passports of the datasets have come; none where there is no store to keep it.
    ///
    /// # Errors
    /// `store.damaged`, `store.io`: why it could not be opened.
    pub fn passport_steps(&self) -> Result<Option<&Arc<PassportSteps>>> {
        found(&self.passport_steps)
    }
}

fn opened<T>(opened: Result<Option<Arc<T>>>) -> Opened<T> {
    opened.inspect_err(|error| tracing::error!(code = %error.code, "{error}")).map_err(Arc::new)
}

fn found<T>(opened: &Opened<T>) -> Result<Option<&Arc<T>>> {
    opened.as_ref().map(Option::as_ref).map_err(|error| error.again())
}
