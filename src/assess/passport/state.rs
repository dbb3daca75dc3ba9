//! How far a passport has come: the steps of order 111/НҚ/2021, paragraphs 7 to 11.

use std::error::Error;
use std::fmt;

use chrono::NaiveDate;
use serde::Serialize;

use super::language::Language;

/// A step that a passport has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The service integrator drew up the draft (paragraph 7).
    Draft,
    /// The state body, to which the draft was sent, agreed (paragraph 8).
    Agreed,
    /// The draft was brought before the Commission, which gave its recommendations (paragraphs 9 and 10).
    Commission,
    /// The state body approved it (paragraph 11).
    Approved,
    /// The set is on the portal (paragraph 11).
    Published,
}

impl Step {
    /// Every step, in the order's sequence.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Agreed, Self::Commission, Self::Approved, Self::Published];

    /// `draft`, `agreed`, `commission`, `approved` or `published`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Agreed => "agreed",
            Self::Commission => "commission",
            Self::Approved => "approved",
            Self::Published => "published",
        }
    }

    /// The step of a [`Step::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// What the step is called in a passport.
    #[must_use]
    pub const fn title(self, language: Language) -> &'static str {
        language.of(match self {
            Self::Draft => ["паспорт жобасы", "проект паспорта"],
            Self::Agreed => ["мемлекеттік органмен келісілді", "согласован с государственным органом"],
            Self::Commission => ["Комиссияда қаралды", "рассмотрен Комиссией"],
            Self::Approved => ["мемлекеттік орган бекітті", "утверждён государственным органом"],
            Self::Published => {
                ["жиынтық Интернет-порталда орналастырылды", "набор размещён на Интернет-портале"]
            }
        })
    }

    /// The paragraph of the rules of order 111/НҚ/2021 that asks for the step.
    #[must_use]
    pub const fn paragraph(self) -> u8 {
        match self {
            Self::Draft => 7,
            Self::Agreed => 8,
            Self::Commission => 10,
            Self::Approved | Self::Published => 11,
        }
    }

    /// What that paragraph says: the order's words in Kazakh, a translation in Russian.
    #[must_use]
    pub const fn quotation(self, language: Language) -> &'static str {
        language.of(match self {
            Self::Draft => [
                "Сервистік интегратор … ашық деректер жиынтығының технологиялық паспортының жобасын (бұдан әрі - \
                 паспорт жобасы) әзірлейді.",
                "Сервисный интегратор … разрабатывает проект технологического паспорта набора открытых данных \
                 (далее – проект паспорта).",
            ],
            Self::Agreed => [
                "Сервистік интегратор әзірленген паспорттардың жобаларын мемлекеттік органға келісуге жібереді.",
                "Сервисный интегратор направляет разработанные проекты паспортов на согласование \
                 государственному органу.",
            ],
            Self::Commission => [
                "Комиссия ақпаратқа қол жеткізу саласындағы қоғамдық мүдделерді және ақпаратты \
                 пайдаланушылардың қажеттіліктерін ескере отырып, паспорттардың жобаларына ұсынымдар береді.",
                "Комиссия, принимая во внимание общественные интересы в сфере доступа к информации и \
                 потребности пользователей информации, даёт рекомендации к проектам паспортов.",
            ],
            Self::Approved => [
                "Паспорттардың жобаларын мемлекеттік органдар бекітеді …",
                "Проекты паспортов утверждают государственные органы …",
            ],
            Self::Published => [
                "… ашық деректер жиынтығы Интернет-порталда орналастырылады.",
                "… набор открытых данных размещается на Интернет-портале.",
            ],
        })
    }

    /// Which steps may come after one; after none, a draft.
    ///
    /// The order has one way: from paragraph 7 to paragraph 11. Three ways back are this module's own: a draft is
    /// drawn up anew before the body agreed, or after the Commission's remarks (paragraph 10 lets the body accept
    /// them), or when the published set changes.
    #[must_use]
    pub const fn after(step: Option<Self>) -> &'static [Self] {
        match step {
            None | Some(Self::Published) => &[Self::Draft],
            Some(Self::Draft) => &[Self::Agreed, Self::Draft],
            Some(Self::Agreed) => &[Self::Commission],
            Some(Self::Commission) => &[Self::Approved, Self::Draft],
            Some(Self::Approved) => &[Self::Published],
        }
    }

    /// Whether this step may come after another, or be the first.
    ///
    /// # Errors
    /// [`StepError::Sequence`], which says what was expected.
    pub fn may_follow(self, step: Option<Self>) -> Result<(), StepError> {
        if Self::after(step).contains(&self) {
            return Ok(());
        }
        Err(StepError::Sequence { found: self, after: step })
    }
}

/// A step with its date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassportState {
    /// The step.
    pub step: Step,
    /// The day on which it was taken.
    pub at: NaiveDate,
    /// Who took it: a body or an office.
    pub by: Option<String>,
    /// What there is to say of it.
    pub note: Option<String>,
}

/// The steps that a passport has taken, the first one first: each may follow the one before it and is not
/// earlier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    states: Vec<PassportState>,
}

impl History {
    /// A history of steps in their order.
    ///
    /// # Errors
    /// That of the first step that [`History::push`] refuses.
    pub fn new(states: impl IntoIterator<Item = PassportState>) -> Result<Self, StepError> {
        let mut history = Self::default();
        states.into_iter().try_for_each(|state| history.push(state))?;
        Ok(history)
    }

    /// Adds a step. A step that is refused changes nothing.
    ///
    /// # Errors
    /// [`StepError`], where it may not follow the last one, or is earlier.
    pub fn push(&mut self, state: PassportState) -> Result<(), StepError> {
        let last = self.states.last();
        state.step.may_follow(last.map(|last| last.step))?;
        if let Some(last) = last.filter(|last| state.at < last.at) {
            return Err(StepError::Date { found: state.at, step: last.step, last: last.at });
        }
        self.states.push(state);
        Ok(())
    }

    /// The steps, the first one first.
    #[must_use]
    pub fn states(&self) -> &[PassportState] {
        &self.states
    }

    /// Where the passport is now; none before its first draft.
    #[must_use]
    pub fn last(&self) -> Option<&PassportState> {
        self.states.last()
    }
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepError {
    /// The step may not follow the last one.
    Sequence {
        /// The step that was to be added.
        found: Step,
        /// The last one.
        after: Option<Step>,
    },
    /// The step is earlier than the last one.
    Date {
        /// The day that was given.
        found: NaiveDate,
        /// The last step.
        step: Step,
        /// Its day.
        last: NaiveDate,
    },
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Sequence { found, after } => {
                let expected = Step::after(after).iter().map(|step| {
                    format!("'{}' (order 111/НҚ/2021, paragraph {})", step.name(), step.paragraph())
                });
                let expected = expected.collect::<Vec<_>>().join(" or ");
                let found = found.name();
                match after {
                    None => write!(f, "a passport cannot begin with '{found}': expected {expected}")?,
                    Some(last) => {
                        write!(f, "'{found}' cannot follow '{}': expected {expected}", last.name())?;
                    }
                }
                f.write_str("; record the steps between with their dates")
            }
            Self::Date { found, step, last } => write!(
                f,
                "the step is dated {found}, before '{}' of {last}: expected {last} or later; correct the date",
                step.name()
            ),
        }
    }
}

impl Error for StepError {}
