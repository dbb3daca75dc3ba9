//! What a publication plan says of a set, and what of it stands in its passport.

use arrow::array::{Array, RecordBatch};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::annex::Item;
use super::contents::Passport;
use super::language::{Bilingual, Language};
use super::sheet::{Block, Cell, Piece};
use crate::assess::{NamedQueries, report};
use crate::encode::{self, cell_text};
use crate::error::Result;
use crate::query::{QueryService, Question};

/// The named query that tells it.
const QUERY: &str = "passport_plan";

/// What a publication plan (a list of datasets that a body owes the portal: orders 113 and 38 of 2016) says of a
/// dataset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlanRow {
    /// The list.
    pub list: String,
    /// The row of the list.
    pub number: u64,
    /// The planned dataset, as the list calls it.
    pub name: String,
    /// How often it is updated, in Kazakh: the order's own words.
    pub period_kk: String,
    /// The same in Russian; empty where nobody translated it.
    pub period_ru: String,
    /// The body that owes it, in Kazakh.
    pub responsible: String,
    /// The unit of that body.
    pub unit: String,
    /// By when it is due, as the list says it.
    pub deadline: String,
    /// By what the row was found to be the dataset: `apiUri` or `name`.
    pub matched_by: String,
    /// How sure that is, from 0 to 1.
    pub score: f64,
}

/// The row of a plan that a passport knows, and the items that were filled from it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FromPlan {
    /// The row.
    pub row: PlanRow,
    /// What was missing in the set itself.
    pub items: Vec<Item>,
}

impl PlanRow {
    /// The row of a dataset, by the named query `passport_plan`; none where it is in no plan, or where there is no such
    /// query. Nobody uses what is read for it.
    ///
    /// # Errors
    /// `query.*`, `request.parameter` where an operator's query takes something else.
    pub async fn of_dataset(
        dataset: &str,
        (queries, named): (&QueryService, &NamedQueries),
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let Ok(query) = named.get(QUERY) else { return Ok(None) };
        let parameters = query.values([("dataset".to_owned(), dataset.to_owned())], now)?;
        let mut rows =
            queries.query(Question { parameters, is_inner: true, ..Question::new(&query.sql) }).await?;
        while let Some(batch) = rows.next().await? {
            if batch.num_rows() > 0 {
                return Ok(Some(Self::first(&batch)));
            }
        }
        Ok(None)
    }

    /// The first row of an answer; what it has no column for is empty.
    fn first(batch: &RecordBatch) -> Self {
        let schema = batch.schema();
        let text = |name: &str| {
            let (at, field) = schema.column_with_name(name)?;
            let column = batch.columns().get(at).filter(|column| column.is_valid(0))?;
            Some(cell_text(field, column, 0))
        };
        let owned = |name| text(name).unwrap_or_default();
        Self {
            list: owned("list"),
            number: text("number").and_then(|text| text.parse().ok()).unwrap_or_default(),
            name: owned("name"),
            period_kk: owned("period_kk"),
            period_ru: owned("period_ru"),
            responsible: owned("body"),
            unit: owned("unit"),
            deadline: owned("deadline"),
            matched_by: owned("matched_by"),
            score: text("score").and_then(|text| text.parse().ok()).unwrap_or_default(),
        }
    }

    /// Where it stands, as a line: the list, the row, and how that was found.
    fn place(&self, language: Language) -> String {
        if self.matched_by.is_empty() {
            return language.of(["жариялау жоспары бойынша", "по плану публикации"]).to_owned();
        }
        let of_report = match language {
            Language::Kk => encode::Language::Kazakh,
            Language::Ru => encode::Language::Russian,
        };
        let list = report::list(&self.list, of_report);
        let (number, matched_by) = (self.number, report::matched_by(&self.matched_by, of_report));
        let score = self.score * 100.0;
        match language {
            Language::Kk => {
                format!(
                    "жариялау жоспары бойынша: {list}, {number}-жол; сәйкестік: {matched_by}, {score:.0} %"
                )
            }
            Language::Ru => {
                format!(
                    "по плану публикации: {list}, строка {number}; соответствие: {matched_by}, {score:.0} %"
                )
            }
        }
    }
}

impl Passport {
    /// The same passport with what a plan tells where the set itself tells nothing: 1.1.4 and 1.2.1.
    #[must_use]
    pub fn with_plan(mut self, row: &PlanRow) -> Self {
        let told = [
            (Item::Provider, &mut self.provider, Bilingual::new(&row.responsible, "")),
            (
                Item::UpdateFrequency,
                &mut self.update_frequency,
                Bilingual::new(&row.period_kk, &row.period_ru),
            ),
        ];
        let mut items = Vec::new();
        for (item, place, text) in told {
            if place.is_missing() && !text.is_missing() {
                *place = text;
                items.push(item);
            }
        }
        self.plan = Some(FromPlan { row: row.clone(), items });
        self
    }

    /// Behind a value that is not the set's own: where it is from.
    pub(crate) fn origin(&self, item: Item, language: Language) -> Cell {
        let plan = self.plan.as_ref().filter(|plan| plan.items.contains(&item));
        plan.map_or_else(Cell::new, |plan| vec![Piece::Break, Piece::Small(plan.row.place(language))])
    }

    /// What the plan says beside the annex's items: the name there, the deadline, who is responsible.
    pub(crate) fn plan_note(&self, language: Language) -> Option<Block> {
        let row = &self.plan.as_ref()?.row;
        let parts = [
            (["Жоспардағы атауы", "Наименование в плане"], &row.name),
            (["Мерзімі", "Срок"], &row.deadline),
            (["Жауапты", "Ответственный"], &row.unit),
        ];
        let parts = parts.iter().filter(|(_, text)| !text.is_empty());
        let parts: Vec<String> =
            parts.map(|(words, text)| format!("{}: {text}", language.of(*words))).collect();
        (!parts.is_empty()).then(|| Block::Note(vec![Piece::Text(parts.join("; "))]))
    }
}

impl FromPlan {
    /// An object of the row, and of the numbers of the items that were filled from it.
    pub(crate) fn to_json(&self) -> Value {
        let row = &self.row;
        json!({
            "list": row.list,
            "number": row.number,
            "name": row.name,
            "body": row.responsible,
            "unit": row.unit,
            "period": Bilingual::new(&row.period_kk, &row.period_ru),
            "deadline": row.deadline,
            "matched_by": row.matched_by,
            "score": row.score,
            "filled": self.items.iter().map(|item| item.number()).collect::<Vec<_>>(),
        })
    }
}
