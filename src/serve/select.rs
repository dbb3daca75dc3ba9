//! `select=name,oblast:region(nameRu,country(nameRu))` and `expand=region`: the texts of what a request wants.

use crate::error::{Code, Error, Place, Result};

/// Names, and names within them, beyond which a selection is refused.
const MOST_ITEMS: usize = 500;
/// How deep names may stand within one another.
const MOST_LEVELS: usize = 8;

/// Something that is selected: a field, or what is within it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    /// The name of the field, or `*` for all of them.
    pub(super) name: String,
    /// What it is called in the answer, where that is said.
    pub(super) alias: Option<String>,
    /// What is selected of the object that it leads to; none for its own value.
    pub(super) below: Option<Vec<Item>>,
}

impl Item {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), alias: None, below: None }
    }

    /// Everything.
    pub(super) fn all() -> Self {
        Self::named("*")
    }

    /// What it is called in the answer.
    pub(super) fn called(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

/// What `select` and `expand` say together; all columns where neither says anything.
///
/// # Errors
/// `request.parameter` names the one that is wrong.
pub(super) fn items(select: &str, expand: &str) -> Result<Vec<Item>> {
    let mut items = if select.is_empty() { vec![Item::all()] } else { parse("select", select)? };
    for item in parse("expand", expand)? {
        put(&mut items, whole(item));
    }
    Ok(items)
}

/// The same with everything in each object that it leads to.
fn whole(mut item: Item) -> Item {
    let mut below = vec![Item::all()];
    for inner in item.below.take().into_iter().flatten() {
        put(&mut below, whole(inner));
    }
    item.below = Some(below);
    item
}

/// Adds an item, to the one of the same field and name where there is one.
fn put(items: &mut Vec<Item>, item: Item) {
    let same = items.iter_mut().find(|known| known.name == item.name && known.called() == item.called());
    match (same, item.below.clone()) {
        (Some(Item { below: Some(known), .. }), Some(below)) => {
            for inner in below {
                put(known, inner);
            }
        }
        (Some(known), below) => known.below = below.or(known.below.take()),
        (None, _) => items.push(item),
    }
}

fn parse(parameter: &'static str, text: &str) -> Result<Vec<Item>> {
    let mut parser = Parser { parameter, text, at: 0, items: 0 };
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let items = parser.list(0)?;
    match parser.peek() {
        None => Ok(items),
        Some(_) => Err(parser.wrong("a bracket is closed that was not opened")),
    }
}

struct Parser<'t> {
    parameter: &'static str,
    text: &'t str,
    at: usize,
    items: usize,
}

impl Parser<'_> {
    fn list(&mut self, level: usize) -> Result<Vec<Item>> {
        if level > MOST_LEVELS {
            return Err(self.too_deep());
        }
        let mut items = Vec::new();
        loop {
            let item = self.item(level)?;
            let known = items.iter().find(|known: &&Item| known.called() == item.called());
            if known.is_some_and(|known| item.below.is_none() || known.name != item.name) {
                return Err(self.wrong(&format!("the column '{}' stands there twice", item.called())));
            }
            put(&mut items, item);
            if !self.takes(',') {
                return Ok(items);
            }
        }
    }

    fn item(&mut self, level: usize) -> Result<Item> {
        self.items += 1;
        if self.items > MOST_ITEMS {
            return Err(self.wrong(&format!("more than {MOST_ITEMS} names")));
        }
        let mut path = self.path(level)?;
        let alias = if self.takes(':') {
            let [alias] = path.as_slice() else { return Err(self.wrong("another name has no dots")) };
            let alias = alias.clone();
            path = self.path(level)?;
            Some(alias)
        } else {
            None
        };
        let mut below = None;
        if self.takes('(') {
            below = Some(self.list(level + path.len())?);
            if !self.takes(')') {
                return Err(self.wrong("a bracket is not closed"));
            }
        }
        // `region.nameRu` is `region(nameRu)`.
        let mut names = path.into_iter().rev();
        let last = names.next().unwrap_or_default();
        let mut item = Item { below, ..Item::named(&last) };
        for name in names {
            item = Item { below: Some(vec![item]), ..Item::named(&name) };
        }
        item.alias = alias;
        Ok(item)
    }

    /// Names with dots between them; what stands in double quotes may hold any sign, a quote twice.
    fn path(&mut self, level: usize) -> Result<Vec<String>> {
        let mut names = vec![self.name()?];
        while self.takes('.') {
            if level + names.len() > MOST_LEVELS {
                return Err(self.too_deep());
            }
            names.push(self.name()?);
        }
        Ok(names)
    }

    fn too_deep(&self) -> Error {
        self.wrong(&format!("nested deeper than {MOST_LEVELS} levels"))
    }

    fn name(&mut self) -> Result<String> {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        if let Some(quoted) = rest.strip_prefix('"') {
            let (mut name, mut rest) = (String::new(), quoted);
            loop {
                let Some(end) = rest.find('"') else { return Err(self.wrong("a quote is not closed")) };
                name.push_str(&rest[..end]);
                rest = &rest[end + 1..];
                let Some(after) = rest.strip_prefix('"') else { break };
                name.push('"');
                rest = after;
            }
            self.at = self.text.len() - rest.len();
            return Ok(name);
        }
        let end = rest.find([',', '(', ')', ':', '.']).unwrap_or(rest.len());
        self.at += end;
        match rest[..end].trim() {
            "" => Err(self.wrong("a name is missing")),
            name => Ok(name.to_owned()),
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].trim_start().chars().next()
    }

    fn takes(&mut self, sign: char) -> bool {
        let is_next = self.peek() == Some(sign);
        if is_next {
            let rest = self.text[self.at..].trim_start();
            self.at = self.text.len() - rest.len() + sign.len_utf8();
        }
        is_next
    }

    fn wrong(&self, what: &str) -> Error {
        let before = self.text[..self.at.min(self.text.len())].chars().count();
        let message = format!("'{}': {what}, at sign {}", self.parameter, before + 1);
        Error::new(Code::RequestParameter, message)
            .at(Place::field(self.parameter))
            .hint("such as name,oblast:region(nameRu); a name with other signs stands in double quotes")
    }
}
