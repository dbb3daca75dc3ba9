//! The title page and part 1 as blocks.

use super::annex::{self, Heading, Item};
use super::contents::Passport;
use super::language::Language;
use super::sheet::{Block, Cell, Cover, Entry, Piece, Sheet, bilingual, missing_words, text};

impl Passport {
    /// The passport in a language.
    pub(crate) fn sheet(&self, language: Language) -> Sheet {
        let title = language.of(["Технологиялық паспорт", "Технологический паспорт"]);
        let name = match self.full_name.get(language) {
            Some(name) => format!("{title}: {name}"),
            None => title.to_owned(),
        };
        let mut blocks = self.general(language);
        blocks.extend(self.structure(language));
        blocks.extend(self.checks(language));
        blocks.extend(self.restrictions(language));
        blocks.extend(self.progress(language));
        Sheet { language, name, cover: self.cover(language), blocks, footer: self.footer(language) }
    }

    fn cover(&self, language: Language) -> Cover {
        // The order's own quotation marks are straight.
        let (open, close) = (language.of(["\"", "«"]), language.of(["\"", "»"]));
        let dataset = bilingual(&self.full_name, language, language.of(annex::DATASET));
        let source = bilingual(&self.source, language, language.of(annex::SOURCE));
        let mut made = bilingual(&self.city, language, language.of(annex::CITY));
        made.extend(text(", "));
        made.extend(match self.year {
            Some(year) => text(year.to_string()),
            None => vec![Piece::Missing(language.of(annex::YEAR))],
        });
        Cover {
            annex: language.of(annex::ANNEX),
            title: language.of(annex::TITLE),
            of_what: language.of(annex::OF_WHAT),
            dataset: between(open, dataset, close),
            source: between("(", source, ")"),
            made,
            warning: self.warning(language),
            open: self.open(language),
        }
    }

    /// The numbers of what must still be filled in.
    fn open(&self, language: Language) -> Cell {
        let missing = self.missing();
        let mut places: Vec<&str> = Vec::new();
        for it in missing.iter().filter(|it| it.is_seen_in(language)) {
            let place = match it.number {
                "title" => language.of(["титул парағы", "титульный лист"]),
                "state" => language.of(["паспорттың күйі", "состояние паспорта"]),
                number => number,
            };
            if !places.contains(&place) {
                places.push(place);
            }
        }
        if places.is_empty() {
            return Cell::new();
        }
        text(format!("{}: {}", capitalised(missing_words(language)), places.join(", ")))
    }

    fn general(&self, language: Language) -> Vec<Block> {
        let heading = |level, (number, words): Heading| Block::Heading(level, number, language.of(words));
        let items =
            |items: &[Item]| Block::Items(items.iter().map(|item| self.entry(*item, language)).collect());
        let mut blocks = vec![
            heading(1, annex::GENERAL),
            heading(2, annex::BASICS),
            items(&[
                Item::FullName,
                Item::ShortName,
                Item::Category,
                Item::Provider,
                Item::Description,
                Item::Keywords,
            ]),
            heading(2, annex::UPDATE),
            items(&[Item::UpdateFrequency]),
        ];
        blocks.extend(self.plan_note(language));
        blocks.push(heading(2, annex::GEO));
        blocks.push(items(&[
            Item::HasGeoLink,
            Item::GeometryType,
            Item::GeoLinkKind,
            Item::AddressAttribute,
        ]));
        blocks
    }

    fn entry(&self, item: Item, language: Language) -> Entry {
        let mut value = match self.text(item) {
            Some(both) => bilingual(both, language, ""),
            None => self.value(item, language).unwrap_or_else(|| vec![self.gap(item, language)]),
        };
        value.extend(self.origin(item, language));
        Entry { number: item.number(), title: item.title(language), value }
    }

    /// The value of an item that is no text in both languages.
    fn value(&self, item: Item, language: Language) -> Option<Cell> {
        let geo = &self.geo_link;
        Some(match item {
            Item::Keywords => {
                let words: Vec<&str> =
                    self.keywords.iter().map(|it| it.trim()).filter(|it| !it.is_empty()).collect();
                text(Some(words.join(", ")).filter(|words| !words.is_empty())?)
            }
            Item::HasGeoLink => {
                text(language.of(if geo.is_present? { ["бар", "есть"] } else { ["жоқ", "нет"] }))
            }
            Item::GeometryType => text(geo.geometry?.word(language)),
            Item::GeoLinkKind => {
                let kinds: Vec<&str> = geo.kinds.iter().map(|kind| kind.word(language)).collect();
                text(Some(kinds.join(", ")).filter(|kinds| !kinds.is_empty())?)
            }
            Item::AddressAttribute => vec![Piece::Name(geo.address_attribute.clone()?)],
            _ => return None,
        })
    }

    /// What stands in the place of a value that is not there.
    fn gap(&self, item: Item, language: Language) -> Piece {
        if self.geo_link.is_idle(item) {
            return Piece::Small(language.of(["қолданылмайды", "неприменимо"]).to_owned());
        }
        Piece::Missing("")
    }

    fn footer(&self, language: Language) -> Vec<Cell> {
        let mut lines = Vec::new();
        if let Some(dataset) = &self.dataset {
            let words = language.of(["Жиынтықтың сәйкестендіргіші", "Идентификатор набора"]);
            lines.push(vec![Piece::Text(format!("{words}: ")), Piece::Name(dataset.clone())]);
        }
        lines.push(text(language.of([
            "Қазақстан Республикасы Цифрлық даму, инновациялар және аэроғарыш өнеркәсібі министрінің 2021 жылғы \
             31 наурыздағы № 111/НҚ бұйрығы, 2-қосымша",
            "Приказ Министра цифрового развития, инноваций и аэрокосмической промышленности Республики Казахстан \
             от 31 марта 2021 года № 111/НҚ, приложение 2. Слова приложения и выдержки из приказов переведены с \
             казахского текста",
        ])));
        lines
    }
}

fn between(open: &str, cell: Cell, close: &str) -> Cell {
    if cell.iter().any(|piece| matches!(piece, Piece::Missing(_))) {
        return cell;
    }
    text(open).into_iter().chain(cell).chain(text(close)).collect()
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
