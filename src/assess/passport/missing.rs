//! What a person must still write.

use serde::Serialize;

use super::annex::Item;
use super::contents::Passport;
use super::language::{Bilingual, Language};
use super::requirement::Requirement;

/// Something that the annex asks for and the passport has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The annex's number; `title` for the title page, `state` for the steps.
    pub number: &'static str,
    /// What is missing, by its technical name.
    pub name: &'static str,
    /// Path of the attribute that it is missing of.
    pub attribute: Option<String>,
    /// The language in which it is missing; none where it is missing altogether.
    pub language: Option<Language>,
}

impl Missing {
    const fn whole(number: &'static str, name: &'static str) -> Self {
        Self { number, name, attribute: None, language: None }
    }

    /// Whether a passport in a language shows it as missing.
    #[must_use]
    pub fn is_seen_in(&self, language: Language) -> bool {
        self.language.is_none_or(|it| it == language)
    }
}

impl Passport {
    /// What is missing, in the annex's order: the title page first, the state last.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        for (name, text) in [("source", &self.source), ("city", &self.city)] {
            missing.extend(of_text("title", name, text));
        }
        missing.extend(self.year.is_none().then(|| Missing::whole("title", "year")));
        for item in Item::ALL {
            match self.text(item) {
                Some(text) => missing.extend(of_text(item.number(), item.name(), text)),
                None if self.is_empty(item) => missing.push(Missing::whole(item.number(), item.name())),
                None => {}
            }
            match item {
                Item::Attributes => self.missing_of_attributes(&mut missing),
                Item::Requirements => self.missing_of_requirements(&mut missing),
                Item::RecordChecks => self.missing_of_checks(&mut missing),
                _ => {}
            }
        }
        let has_no_step = self.history.last().is_none() && !self.is_history_unread;
        missing.extend(has_no_step.then(|| Missing::whole("state", "step")));
        missing
    }

    /// The items that have nothing to be filled with, such as 1.3.2 to 1.3.4 where rows have no places.
    #[must_use]
    pub fn not_applicable(&self) -> Vec<Item> {
        Item::ALL.into_iter().filter(|item| self.geo_link.is_idle(*item)).collect()
    }

    /// The text of an item that is a text in both languages.
    pub(crate) const fn text(&self, item: Item) -> Option<&Bilingual> {
        Some(match item {
            Item::FullName => &self.full_name,
            Item::ShortName => &self.short_name,
            Item::Category => &self.category,
            Item::Provider => &self.provider,
            Item::Description => &self.description,
            Item::UpdateFrequency => &self.update_frequency,
            _ => return None,
        })
    }

    /// Whether an item that is no text in both languages should be filled and is not.
    fn is_empty(&self, item: Item) -> bool {
        let geo = &self.geo_link;
        let is_unfilled = match item {
            Item::Keywords => self.keywords.iter().all(|word| word.trim().is_empty()),
            Item::HasGeoLink => geo.is_present.is_none(),
            Item::GeometryType => geo.geometry.is_none(),
            Item::GeoLinkKind => geo.kinds.is_empty(),
            Item::AddressAttribute => geo.address_attribute.is_none(),
            Item::Attributes => self.attributes.is_empty(),
            Item::Requirements => self.requirements.is_empty(),
            Item::RecordChecks => self.record_checks.is_none(),
            _ => false,
        };
        is_unfilled && !geo.is_idle(item)
    }

    fn missing_of_attributes(&self, missing: &mut Vec<Missing>) {
        let number = Item::Attributes.number();
        for attribute in &self.attributes {
            let of = |found: Missing| Missing { attribute: Some(attribute.path()), ..found };
            missing.extend(of_text(number, "name", &attribute.name).map(of));
            missing.extend(attribute.kind.is_none().then(|| of(Missing::whole(number, "type"))));
            let is_unseen = attribute.is_mandatory.is_none();
            missing.extend(is_unseen.then(|| of(Missing::whole(number, "mandatory"))));
        }
    }

    fn missing_of_requirements(&self, missing: &mut Vec<Missing>) {
        let number = Item::Requirements.number();
        for it in &self.requirements {
            let of = |found: Missing| Missing { attribute: Some(it.attribute.clone()), ..found };
            missing.extend(it.requirements.is_empty().then(|| of(Missing::whole(number, "requirements"))));
            let stated = it.requirements.iter().filter_map(Requirement::stated);
            missing.extend(stated.filter_map(|text| of_text(number, "text", text)).map(of));
        }
    }

    fn missing_of_checks(&self, missing: &mut Vec<Missing>) {
        let checks = self.record_checks.iter().flatten();
        for broken in checks.flat_map(|check| &check.broken) {
            let found = of_text(Item::RecordChecks.number(), "expected", &broken.expected);
            missing.extend(found.map(|it| Missing { attribute: Some(broken.attribute.clone()), ..it }));
        }
    }
}

/// That a text is missing, altogether or in one language.
fn of_text(number: &'static str, name: &'static str, text: &Bilingual) -> Option<Missing> {
    let absent: Vec<Language> =
        Language::ALL.into_iter().filter(|language| text.get(*language).is_none()).collect();
    let language = match absent.as_slice() {
        [] => return None,
        [language] => Some(*language),
        _ => None,
    };
    Some(Missing { language, ..Missing::whole(number, name) })
}
