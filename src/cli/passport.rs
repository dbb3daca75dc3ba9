//! `derek passport`.

use std::process::ExitCode;

use clap::Args;

use super::{Documents, complain, load, print};
use crate::assess::passport::{Form, Known, Language, Passport as Annex};
use crate::assess::profile::profile;
use crate::catalog::LoadOutcome;
use crate::error::Result;

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
        let passport = Annex::of_dataset(dataset, &profile(dataset)?, Known::default())?;
        print(passport.written(self.format, self.lang).as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn language(code: &str) -> Result<Language, String> {
    Language::named(code)
        .ok_or_else(|| format!("expected one of {}", Language::ALL.map(Language::code).join(", ")))
}

fn form(name: &str) -> Result<Form, String> {
    Form::named(name).ok_or_else(|| format!("expected one of {}", Form::ALL.map(Form::name).join(", ")))
}
