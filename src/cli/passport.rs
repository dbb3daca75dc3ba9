//! `derek passport`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::Utc;
use clap::Args;

use super::serve::Limits;
use super::{Documents, complain, load, print, runtime};
use crate::assess::NamedQueries;
use crate::assess::passport::{Form, History, Language, Passport as Annex, PlanRow};
use crate::assess::restricted::Day;
use crate::catalog::{Catalog, LoadOutcome, Store};
use crate::error::{Code, Error, Result};
use crate::query::{QueryLimits, QueryService};

/// Arguments of `derek passport`.
#[derive(Debug, Args)]
pub(super) struct Passport {
    #[command(flatten)]
    documents: Documents,
    /// The dataset's name: its `apiUri`.
    #[arg(long, env = "DEREK_DATASET", value_name = "APIURI")]
    dataset: String,
    /// The language of the passport: kk or ru.
    #[arg(long, env = "DEREK_LANG", value_name = "LANGUAGE", default_value = "kk", value_parser = language)]
    lang: Language,
    /// The form of the passport: html, a page for print; md, a text with tables; json, both languages.
    #[arg(long, env = "DEREK_FORMAT", value_name = "FORMAT", default_value = "html", value_parser = form)]
    format: Form,
    /// A folder of named queries (.sql), beside the built-in ones and before those of the same name: such as a plan.
    #[arg(long, env = "DEREK_QUERIES", value_name = "DIR")]
    queries: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

impl Passport {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let Documents { paths, store, .. } = &self.documents;
        let (catalog, loaded) = load::load(paths, store.folder(), self.documents.options())?;
        for file in &loaded {
            if let LoadOutcome::Refused(error) = &file.outcome {
                complain(error);
            }
        }
        let snapshot = catalog.snapshot();
        let dataset = snapshot.require(&self.dataset)?;
        let as_of = Day::of(Utc::now().date_naive())
            .ok_or_else(|| Error::new(Code::ServerSetup, "the clock tells no day"))?;
        let history = history(&catalog, dataset.name());
        let passport = Annex::draft(dataset, as_of, &|| Ok(()))?.with_history(history);
        let passport = match self.plan(catalog, dataset.name())? {
            Some(plan) => passport.with_plan(&plan),
            None => passport,
        };
        print(passport.written(self.format, self.lang).as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }

    /// What a publication plan says of the dataset; a plan that is at fault is told, and left out.
    fn plan(&self, catalog: Catalog, dataset: &str) -> Result<Option<PlanRow>> {
        let limits = QueryLimits { is_yielding: false, ..self.limits.query_limits() };
        let named = NamedQueries::open(self.queries.as_deref())?;
        let queries = QueryService::with_views(Arc::new(catalog), limits, named.views())?;
        let row = runtime()?.block_on(PlanRow::of_dataset(dataset, (&queries, &named), Utc::now()));
        Ok(row.unwrap_or_else(|error| {
            complain(&error);
            None
        }))
    }
}

/// The steps that the store has of the passport; none where they cannot be read, which is told.
fn history(catalog: &Catalog, dataset: &str) -> Option<History> {
    let read = |store: &Arc<Store>| match store.passport_steps()? {
        Some(steps) => History::of_kept(&steps.of_dataset(dataset)?),
        None => Ok(History::default()),
    };
    let read = catalog.store().map_or_else(|| Ok(History::default()), read);
    read.inspect_err(complain).ok()
}

pub(super) fn language(code: &str) -> Result<Language, String> {
    Language::named(code)
        .ok_or_else(|| format!("expected one of {}", Language::ALL.map(Language::code).join(", ")))
}

fn form(name: &str) -> Result<Form, String> {
    Form::named(name).ok_or_else(|| format!("expected one of {}", Form::ALL.map(Form::name).join(", ")))
}
