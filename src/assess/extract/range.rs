//! The least and the greatest of values.

use std::cmp::Ordering;

use super::excerpt;

/// The least and the greatest of the values that were added, with their texts.
#[derive(Debug, Default)]
pub(super) struct Range<K> {
    ends: Option<[(K, Box<str>); 2]>,
}

impl<K: PartialOrd + Copy> Range<K> {
    pub(super) fn add(&mut self, key: K, text: &str) {
        match &mut self.ends {
            None => self.ends = Some([(key, excerpt(text).into()), (key, excerpt(text).into())]),
            Some([least, _]) if key < least.0 => *least = (key, excerpt(text).into()),
            Some([_, greatest]) if key > greatest.0 => *greatest = (key, excerpt(text).into()),
            Some(_) => {}
        }
    }

    /// The texts of both ends.
    pub(super) fn texts(&self) -> Option<[&str; 2]> {
        let [least, greatest] = self.ends.as_ref()?;
        Some([&least.1, &greatest.1])
    }
}

/// The first and the last of texts in the order of their code points.
#[derive(Debug, Default)]
pub(super) struct TextRange {
    ends: Option<[Box<str>; 2]>,
}

impl TextRange {
    pub(super) fn add(&mut self, text: &str) {
        let text = excerpt(text);
        let Some([least, greatest]) = &mut self.ends else {
            self.ends = Some([text.into(), text.into()]);
            return;
        };
        if text.cmp(&**least) == Ordering::Less {
            *least = text.into();
        } else if text.cmp(&**greatest) == Ordering::Greater {
            *greatest = text.into();
        }
    }

    pub(super) fn texts(&self) -> Option<[&str; 2]> {
        self.ends.as_ref().map(|[least, greatest]| [&**least, &**greatest])
    }
}
