//! Whether the rows of a set hold personal data: told by their values ([`crate::assess::restricted`]).

use serde_json::{Value, json};

use super::annex;
use super::contents::Passport;
use super::language::Language;
use super::placed::{Placed, placed, texts};
use super::sheet::{Block, Cell, Piece, Table, text};
use crate::assess::restricted::{Day, FieldHit, FieldScan, Kind, restricting};
use crate::catalog::Dataset;
use crate::document::Type;
use crate::error::Result;

/// The first rows, which are scanned.
pub const MOST_SCANNED: u64 = 20_000;

/// Rows that are texts at the same time.
const PART: usize = 1_000;

/// This module's own table: the annex has none.
const COLUMNS: [([&str; 2], u8); 4] = [
    (annex::NUMBER, 6),
    (["Атрибут", "Атрибут"], 30),
    (["Табылғаны", "Найдено"], 40),
    (["Мәндер", "Значений"], 24),
];

/// What a scan of the rows found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Restriction {
    /// How many rows there are.
    pub rows: u64,
    /// How many of them, the first ones, were scanned.
    pub scanned: u64,
    /// What was found, beyond chance, in the order of the attributes.
    pub found: Vec<FoundKind>,
    /// Why it restricts nothing all the same, where a person said so.
    pub lifted: Option<String>,
}

/// Personal data of one kind in one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundKind {
    /// Path of the attribute.
    pub attribute: String,
    /// What it holds.
    pub kind: Kind,
    /// How many of its values hold it.
    pub hits: u64,
    /// How many values were scanned.
    pub values: u64,
    /// Whether it restricts the set (order 111/НҚ/2021, paragraph 7, 1).
    pub is_restricting: bool,
}

impl Restriction {
    /// What the first [`MOST_SCANNED`] rows of a dataset hold. `as_of` is a day after which nobody in them was born.
    ///
    /// Cost: one pass over the texts and whole numbers of those rows, on one thread; `check` is asked again and again
    /// whether somebody still waits.
    ///
    /// # Errors
    /// `store.damaged`, `store.io` where rows cannot be read, and what `check` says.
    pub fn of_dataset(dataset: &Dataset, as_of: Day, check: &dyn Fn() -> Result<()>) -> Result<Self> {
        let (document, schema) = (&dataset.document, &dataset.document.schema);
        let fields: Vec<Placed<'_>> = placed(&document.fields).into_iter().filter(Placed::is_leaf).collect();
        let mut scans: Vec<FieldScan> = fields.iter().map(|_| FieldScan::new(as_of)).collect();
        let columns: Vec<usize> = (0..schema.fields().len()).collect();
        let mut scanned = 0;
        for batch in 0..dataset.rows.batches() {
            let left = usize::try_from(MOST_SCANNED - scanned).unwrap_or(usize::MAX);
            if left == 0 {
                break;
            }
            let rows = dataset.rows.read(batch, &columns)?;
            let all: Vec<usize> = (0..rows.num_rows().min(left)).collect();
            for part in all.chunks(PART) {
                check()?;
                let mut found = Vec::with_capacity(fields.len());
                texts(&document.fields, schema.fields(), rows.columns(), part, &mut found);
                for ((scan, field), texts) in scans.iter_mut().zip(&fields).zip(&found) {
                    if matches!(field.value().kind, Type::String | Type::Int) {
                        for text in texts {
                            scan.add(text);
                        }
                    }
                }
            }
            scanned += all.len() as u64;
        }
        let paths: Vec<String> = fields.iter().map(Placed::path).collect();
        let hits = paths.iter().map(String::as_str).zip(scans.into_iter().map(FieldScan::finish));
        Ok(Self { rows: document.rows, scanned, found: found(&hits.collect::<Vec<_>>()), lifted: None })
    }

    /// Whether the set must not be opened: personal data were found, and no person said otherwise.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.lifted.is_none() && self.has_restricting()
    }

    fn has_restricting(&self) -> bool {
        self.found.iter().any(|it| it.is_restricting)
    }

    /// Paths of the attributes whose values are not to be shown, whoever says what: those that restrict.
    #[must_use]
    pub fn masked(&self) -> Vec<String> {
        let restricting = self.found.iter().filter(|it| it.is_restricting);
        restricting.map(|it| it.attribute.clone()).collect()
    }

    /// An object of what was scanned and found.
    pub(crate) fn to_json(&self) -> Value {
        let found = self.found.iter().map(|it| {
            json!({
                "attribute": it.attribute,
                "rule": it.kind.code(),
                "name": {"kk": it.kind.name_kk(), "ru": it.kind.name_ru()},
                "hits": it.hits,
                "values": it.values,
                "is_restricting": it.is_restricting,
            })
        });
        json!({
            "is_restricted": self.is_restricted(),
            "rows": self.rows,
            "scanned_rows": self.scanned,
            "lifted": self.lifted,
            "found": found.collect::<Vec<_>>(),
        })
    }

    /// Which rows were scanned, and what that says.
    fn sentence(&self, language: Language) -> String {
        let Self { rows, scanned, .. } = self;
        let looked_at = match language {
            Language::Kk => format!("Тексерілген жолдар: {rows} жолдың алғашқы {scanned} жолы."),
            Language::Ru => format!("Проверено строк: первые {scanned} из {rows}."),
        };
        let verdict = language.of(match (self.has_restricting(), self.found.is_empty()) {
            (true, _) => WARNING,
            (false, false) => [
                "Тек байланыс деректері табылды: адамның аты мен нөмірінсіз олар қолжетімділікті шектемейді.",
                "Найдены только контактные данные: без имени и номера человека они доступ не ограничивают.",
            ],
            (false, true) => ["Дербес деректер табылмады.", "Персональные данные не найдены."],
        });
        let lifted = self.lifted.as_ref().filter(|_| self.has_restricting()).map(|ground| match language {
            Language::Kk => format!(" Адамның шешімі бойынша шектелмейді: {ground}"),
            Language::Ru => format!(" По решению человека не ограничен: {ground}"),
        });
        format!("{looked_at} {verdict}{}", lifted.unwrap_or_default())
    }
}

/// What a set with personal data is, until a person says otherwise.
const WARNING: [&str; 2] = [
    "Дербес деректер табылды: адам өзгеше шешкенге дейін жинаққа қолжетімділік шектеулі (№ 111/НҚ бұйрық, \
     7-тармақ, 1).",
    "Найдены персональные данные: доступ к набору ограничен, пока человек не решит иначе (приказ № 111/НҚ, \
     пункт 7, 1).",
];

/// What is beyond chance, of persons or of their contacts.
fn found(table: &[(&str, Vec<FieldHit>)]) -> Vec<FoundKind> {
    let restricting: Vec<&FieldHit> = restricting(table).map(|(_, hit)| hit).collect();
    let all = table.iter().flat_map(|(path, hits)| hits.iter().map(move |hit| (*path, hit)));
    let personal = all.filter(|(_, hit)| hit.is_beyond_chance && hit.kind.is_personal());
    personal
        .map(|(path, hit)| FoundKind {
            attribute: path.to_owned(),
            kind: hit.kind,
            hits: hit.hits,
            values: hit.values,
            is_restricting: restricting.iter().any(|it| std::ptr::eq(*it, hit)),
        })
        .collect()
}

impl Passport {
    /// What the title page warns of; empty where there is nothing.
    pub(crate) fn warning(&self, language: Language) -> Cell {
        let is_restricted = self.restriction.as_ref().is_some_and(Restriction::is_restricted);
        if is_restricted { text(language.of(WARNING)) } else { Cell::new() }
    }

    /// What the scan found, as blocks; none where nobody scanned.
    pub(crate) fn restrictions(&self, language: Language) -> Vec<Block> {
        let Some(restriction) = &self.restriction else { return Vec::new() };
        let heading = ["ҚОЛЖЕТІМДІЛІГІ ШЕКТЕУЛІ ДЕРЕКТЕР", "ДАННЫЕ ОГРАНИЧЕННОГО ДОСТУПА"];
        let mut blocks = vec![
            Block::Heading(1, "", language.of(heading)),
            Block::Paragraph(text(restriction.sentence(language))),
        ];
        let row = |(it, number): (&FoundKind, usize)| {
            let kind = language.of([it.kind.name_kk(), it.kind.name_ru()]).to_owned();
            let kind = if it.is_restricting { Piece::Broken(kind) } else { Piece::Text(kind) };
            let name = vec![Piece::Name(it.attribute.clone())];
            vec![text(format!("{number}.")), name, vec![kind], text(format!("{}/{}", it.hits, it.values))]
        };
        let rows: Vec<_> = restriction.found.iter().zip(1..).map(row).collect();
        if !rows.is_empty() {
            let columns = COLUMNS.map(|(words, share)| (language.of(words), share)).to_vec();
            blocks.push(Block::Table(Table { columns, rows }));
        }
        blocks
    }
}
