//! One field: what its values hold, how many of them, and whether that is chance.

use super::chance::{Trials, float};
use super::day::Day;
use super::kind::{Kind, Role};
use super::mask::masked;
use super::part::{self, Part};
use super::scanner::Scanner;
use super::sighting::{Evidence, Sighting};

/// Samples that are kept of a kind.
pub(super) const MOST_SAMPLES: usize = 5;

/// Hits that are looked at for samples: some fields have one masked form only.
const MOST_LOOKED_AT: u64 = 50;

/// The share of values that have to be patronymics alone for a field to be that of patronymics.
const LEAST_PARTS: f64 = 0.5;

/// Scans the values of a field, one by one; keeps counts and a few masked samples, never a value.
#[derive(Debug)]
pub struct FieldScan {
    as_of: Day,
    scanner: Scanner,
    values: u64,
    tallies: [Tally; Kind::ALL.len()],
    /// Values that are a given name, or a surname, and nothing else.
    given: part::Tally,
    surnames: part::Tally,
}

/// What was found of one kind.
#[derive(Debug, Default)]
struct Tally {
    trials: Trials,
    parts: u64,
    samples: Vec<String>,
    part_samples: Vec<String>,
}

/// What a field holds of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldHit {
    /// Of which kind.
    pub kind: Kind,
    /// Values that are not empty.
    pub values: u64,
    /// Values that hold something of the kind, one or more.
    pub hits: u64,
    /// `hits` of `values`, from 0 to 1.
    pub share: f64,
    /// At most five different ones of those found, masked: `А****** Б**** С*******`.
    pub samples: Vec<String>,
    /// Whether chance does not explain the hits. Numbers pass a check digit now and then, whatever they are.
    pub is_beyond_chance: bool,
    /// Whether the field restricts its table, whatever else that holds: beyond chance, and of a kind that
    /// identifies a person.
    pub is_restricting: bool,
}

impl FieldScan {
    /// A scan on the given day, after which nobody in the extract was born.
    #[must_use]
    pub fn new(as_of: Day) -> Self {
        Self {
            as_of,
            scanner: Scanner::default(),
            values: 0,
            tallies: std::array::from_fn(|_| Tally::default()),
            given: part::Tally::default(),
            surnames: part::Tally::default(),
        }
    }

    /// Takes a value in. Empty ones (blanks too) do not count. Cost: linear in the length of the value.
    pub fn add(&mut self, value: &str) {
        if value.trim_ascii_start().is_empty() {
            return;
        }
        self.values += 1;
        let mut hit_kinds = 0_u8;
        for sighting in self.scanner.scan(value, self.as_of) {
            let alone = match sighting.evidence {
                Evidence::Given => Some(&mut self.given),
                Evidence::Surname => Some(&mut self.surnames),
                _ => None,
            };
            if let Some(tally) = alone {
                tally.add(value.trim());
                continue;
            }
            let at = sighting.kind as usize;
            let Some(tally) = self.tallies.get_mut(at) else { continue };
            let is_first = (hit_kinds >> at) & 1 == 0;
            hit_kinds |= u8::from(sighting.is_hit()) << at;
            tally.add(sighting, value, is_first);
        }
    }

    /// What the field holds, in the order of [`Kind::ALL`]; kinds without a hit are left out.
    #[must_use]
    pub fn finish(self) -> Vec<FieldHit> {
        self.finish_as(None)
    }

    /// Which part of full names its values are by themselves.
    pub(super) fn part(&self) -> Option<Part> {
        let patronymics = self.tallies[Kind::FullName as usize].parts;
        if self.given.is_most(0, self.values) {
            Some(Part::Given)
        } else {
            self.surnames.is_most(patronymics, self.values).then_some(Part::Surname)
        }
    }

    /// The same as [`Self::finish`], where another field tells that these values are a part of full names.
    pub(super) fn finish_as(mut self, part: Option<Part>) -> Vec<FieldHit> {
        let names = &mut self.tallies[Kind::FullName as usize];
        match part {
            Some(Part::Given) => names.add_parts(&mut self.given),
            Some(Part::Surname) => names.add_parts(&mut self.surnames),
            None => {}
        }
        // Numbers that are neither a person's nor an organisation's speak against both.
        let neither = self.tallies[Kind::Iin as usize].trials.sized;
        self.tallies[Kind::Bin as usize].trials.sized = neither;
        let values = self.values;
        Kind::ALL
            .into_iter()
            .zip(self.tallies)
            .filter_map(|(kind, tally)| tally.finish(kind, values))
            .collect()
    }
}

impl Tally {
    fn add(&mut self, sighting: &Sighting, value: &str, is_first: bool) {
        let trials = &mut self.trials;
        match sighting.evidence {
            Evidence::Written => trials.written += 1,
            Evidence::Checked => trials.checked += 1,
            Evidence::Shaped => trials.shaped += 1,
            Evidence::Sized => trials.sized += 1,
            Evidence::Part => self.parts += 1,
            Evidence::Named | Evidence::Given | Evidence::Surname => {}
        }
        let (samples, count) = if sighting.is_hit() {
            trials.hits += u64::from(is_first);
            (&mut self.samples, trials.hits)
        } else if sighting.evidence == Evidence::Part {
            (&mut self.part_samples, self.parts)
        } else {
            return;
        };
        if samples.len() < MOST_SAMPLES
            && count <= MOST_LOOKED_AT
            && let Some(text) = value.get(sighting.range.clone())
        {
            let sample = masked(text);
            if !samples.contains(&sample) {
                samples.push(sample);
            }
        }
    }

    /// Adds words that are a part of full names, patronymics among them.
    fn add_parts(&mut self, words: &mut part::Tally) {
        self.trials.hits += words.count + std::mem::take(&mut self.parts);
        self.samples.append(&mut words.samples);
        self.samples.append(&mut self.part_samples);
        self.samples.truncate(MOST_SAMPLES);
    }

    fn finish(mut self, kind: Kind, values: u64) -> Option<FieldHit> {
        if self.parts > 0 && float(self.parts) >= LEAST_PARTS * float(values) {
            self.trials.hits += self.parts;
            self.samples.append(&mut self.part_samples);
            self.samples.truncate(MOST_SAMPLES);
        }
        self.trials.values = values;
        let hits = self.trials.hits;
        let is_beyond_chance = self.trials.is_beyond_chance(kind);
        (hits > 0).then(|| FieldHit {
            kind,
            values,
            hits,
            share: float(hits) / float(values),
            samples: self.samples,
            is_beyond_chance,
            is_restricting: is_beyond_chance && kind.role() == Role::Identifies,
        })
    }
}
