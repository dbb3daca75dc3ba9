//! All references between the datasets of a snapshot: remade where either side changed, kept where not.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::BuildHasher;
use std::sync::Arc;

use arrow::array::Array;
use foldhash::fast::FixedState;

use super::dataset::Dataset;
use super::link::Link;
use super::version::Version;
use crate::document::{Findings, Rule};
use crate::encode::cell_text;

type Versions = BTreeMap<String, Arc<Version>>;
type Datasets = BTreeMap<String, Arc<Dataset>>;

/// The datasets of a snapshot, each with its references. Cost: a look-up for each value of a link that
/// neither side of was there in `before`, and a look at each dataset.
pub(super) fn connect(versions: &Versions, before: &Datasets, threads: usize) -> Datasets {
    let names = Names { versions, folded: OnceCell::new() };
    let mut links: BTreeMap<&str, Vec<Arc<Link>>> = BTreeMap::new();
    for (name, version) in versions.iter().filter(|(_, version)| !version.references.is_empty()) {
        let before = before.get(name).filter(|before| Arc::ptr_eq(before.version_of_document(), version));
        let of_dataset = version.references.iter().map(|(path, datapath)| {
            let target = names.target(datapath);
            let known = before.and_then(|before| before.links.iter().find(|it| it.path.names == path.names));
            let known = known.filter(|link| leads_to(link, target.as_ref()));
            known.map_or_else(
                || Arc::new(Link::new(version, path.clone(), datapath.clone(), target, threads)),
                Arc::clone,
            )
        });
        links.insert(name, of_dataset.collect());
    }
    let reaches: HashMap<&str, u64> =
        links.keys().map(|name| (*name, reach(name, versions, &links))).collect();
    let datasets = versions.iter().map(|(name, version)| {
        let links = links.remove(name.as_str()).unwrap_or_default();
        let reach = reaches.get(name.as_str()).copied().unwrap_or_default();
        let is_same = |before: &&Arc<Dataset>| {
            Arc::ptr_eq(before.version_of_document(), version)
                && before.reach() == reach
                && before.links.len() == links.len()
                && before.links.iter().zip(&links).all(|(before, now)| Arc::ptr_eq(before, now))
        };
        let dataset = before.get(name).filter(is_same).map(Arc::clone);
        let dataset = dataset.unwrap_or_else(|| Arc::new(Dataset::new(Arc::clone(version), links, reach)));
        (name.clone(), dataset)
    });
    datasets.collect()
}

/// The datasets that a link leads to.
fn targets(links: &[Arc<Link>]) -> impl Iterator<Item = &Version> {
    links.iter().filter_map(|link| link.target.as_ref()).map(|target| target.version.as_ref())
}

/// What tells the versions that references lead to from a dataset, over any number of them.
fn reach(name: &str, versions: &Versions, links: &BTreeMap<&str, Vec<Arc<Link>>>) -> u64 {
    let (mut reached, mut next) = (BTreeSet::new(), vec![name]);
    while let Some(name) = next.pop() {
        let further = links.get(name).into_iter().flat_map(|links| targets(links));
        next.extend(further.map(Version::name).filter(|name| reached.insert(*name)));
    }
    let prints: Vec<&str> =
        reached.iter().filter_map(|name| versions.get(*name)).map(|it| it.fingerprint()).collect();
    FixedState::with_seed(0).hash_one(&prints)
}

fn leads_to(link: &Link, target: Option<&(Arc<Version>, usize)>) -> bool {
    match (&link.target, target) {
        (Some(known), Some((version, column))) => {
            Arc::ptr_eq(&known.version, version) && known.column == *column
        }
        (None, None) => true,
        _ => false,
    }
}

/// How a `datapath` finds a dataset: exactly, or alone in differing by letter case.
struct Names<'v> {
    versions: &'v Versions,
    /// The name that each one without letter case stands for, none where it is not one alone.
    folded: OnceCell<HashMap<String, Option<&'v str>>>,
}

impl<'v> Names<'v> {
    fn dataset(&self, name: &str) -> Option<&'v Arc<Version>> {
        self.versions.get(name).or_else(|| {
            let folded = self.folded.get_or_init(|| {
                let mut folded = HashMap::new();
                for name in self.versions.keys() {
                    let of_name = folded.entry(name.to_lowercase());
                    of_name.and_modify(|only| *only = None).or_insert(Some(name.as_str()));
                }
                folded
            });
            self.versions.get(folded.get(&name.to_lowercase()).copied().flatten()?)
        })
    }

    /// The dataset and the column that a `datapath` means; both names may have dots.
    fn target(&self, datapath: &str) -> Option<(Arc<Version>, usize)> {
        let dots = datapath.match_indices('.').map(|(at, _)| at);
        dots.rev().find_map(|at| {
            let version = self.dataset(&datapath[..at])?;
            Some((Arc::clone(version), column(version, &datapath[at + 1..])?))
        })
    }
}

/// The column of this name, exactly or alone in differing by letter case, whose values can be looked up.
pub(super) fn column(version: &Version, name: &str) -> Option<usize> {
    let fields = version.document.schema.fields();
    let exact = fields.iter().position(|field| field.name() == name);
    let column = exact.or_else(|| {
        let folded = name.to_lowercase();
        let mut alike = fields.iter().enumerate().filter(|(_, field)| field.name().to_lowercase() == folded);
        let first = alike.next().filter(|_| alike.next().is_none());
        first.map(|(at, _)| at)
    });
    column.filter(|column| super::key_value::can_be_key(fields[*column].data_type()))
}

/// For each dataset with links, in or out, what tells the versions of all datasets that it hangs together
/// with, in every process.
pub(super) fn surroundings(datasets: &Datasets) -> HashMap<String, String> {
    let mut leader: HashMap<&str, &str> = HashMap::new();
    for dataset in datasets.values() {
        for to in targets(&dataset.links) {
            let (one, other) = (lead(&mut leader, dataset.name()), lead(&mut leader, to.name()));
            leader.insert(one, other);
            leader.entry(other).or_insert(other);
        }
    }
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in datasets.keys().map(String::as_str) {
        if leader.contains_key(name) {
            groups.entry(lead(&mut leader, name)).or_default().push(name);
        }
    }
    let mut of = HashMap::new();
    for names in groups.values() {
        let prints: Vec<&str> = names.iter().map(|name| datasets[*name].fingerprint()).collect();
        let hash = FixedState::with_seed(0).hash_one(&prints);
        of.extend(names.iter().map(|name| ((*name).to_owned(), format!("{hash:016x}"))));
    }
    of
}

/// The one that stands for all that a dataset hangs together with; the way there becomes shorter.
fn lead<'l>(leader: &mut HashMap<&'l str, &'l str>, name: &'l str) -> &'l str {
    let (mut end, mut at) = (name, name);
    while let Some(next) = leader.get(end).filter(|next| **next != end) {
        end = *next;
    }
    while let Some(next) = leader.get(at).copied().filter(|next| *next != end && *next != at) {
        leader.insert(at, end);
        at = next;
    }
    end
}

/// What the references of a dataset break (order 144, annex 1 part 4).
pub(super) fn findings(links: &[Arc<Link>]) -> Findings {
    let mut findings = Findings::default();
    for link in links {
        let field: Arc<str> = link.path.shown.as_str().into();
        let declared = || Some(link.datapath.clone());
        match &link.target {
            None => findings.add(Rule::LinkUnknownDataset, &field, None, declared),
            Some(target) => {
                if !target.is_key {
                    findings.add(Rule::LinkNotAKey, &field, None, declared);
                }
                // What cannot be read now breaks nothing that is known.
                let dangling = target.counts().map_or(0, |counts| counts.dangling());
                if dangling > 0 {
                    note_dangling(link, dangling, &field, &mut findings);
                }
            }
        }
    }
    findings
}

/// The first values that lead nowhere, one by one, and how many there are.
fn note_dangling(link: &Link, dangling: u64, field: &Arc<str>, findings: &mut Findings) {
    let Some(target) = &link.target else { return };
    let (mut noted, mut first) = (0, 0);
    let most = Rule::LinkDangling.kept().min(usize::try_from(dangling).unwrap_or(usize::MAX));
    for number in 0..link.from.rows.batches() {
        if noted >= most {
            break;
        }
        let column = link.from.rows.once(number, link.path.column);
        let values = link.path.values(&column);
        let rows = target.rows().slice(first, values.len());
        first += values.len();
        if rows.null_count() == 0 {
            continue;
        }
        let of_row = link.path.rows(&column);
        let leads_nowhere = |at: &usize| rows.is_null(*at) && values.is_valid(*at);
        for at in (0..values.len()).filter(leads_nowhere).take(most - noted) {
            let row = link.from.first_row(number) + u64::from(of_row[at]) + 1;
            findings
                .add(Rule::LinkDangling, field, Some(row), || Some(cell_text(&link.path.field, &values, at)));
            noted += 1;
        }
    }
    findings.count(Rule::LinkDangling, field, dangling - noted as u64);
    for finding in findings.iter_mut().filter(|finding| finding.key.is_none()) {
        finding.key = finding.row.and_then(|row| link.from.key_text(row - 1));
    }
}
