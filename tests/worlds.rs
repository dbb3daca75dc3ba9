//! References followed in SQL against joins written out: seeded worlds of datasets that refer to each other
//! and to themselves, and each query asked twice, once with paths and once with none.
//!
//! A reference leads to the first object that has its key, or to nothing, and neither adds nor drops a row.
//! A LEFT JOIN on the first rows says the same in words that DataFusion has had for long.
//!
//! `DEREK_WORLDS=10000 cargo test --release worlds` asks of more worlds than the gate has time for.

use arrow::util::display::{ArrayFormatter, FormatOptions};
use derek::error::{Code, Error};
use derek::query::{QueryService, Question};
use fastrand::Rng;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{catalog, queries};

const TYPES: [&str; 2] = ["Int", "String"];
/// Names are few, so that groups have several rows and joins by names find some.
const WORDS: [&str; 5] = ["Абай", "Ұлытау", "Әсем", "Қала", "Abai"];

/// Queries: `$x` are rows, `@x0` to `@x3` are paths from them, the last to a name, and `?x0` is a condition
/// about a path. Ranks, not numbers of rows: elements of one List have one `n`.
const KINDS: [&str; 23] = [
    "SELECT x.n, x.name, @x0 AS c0, @x1 AS c1, @x2 AS c2 FROM $x",
    "SELECT x.n, upper(@x3), coalesce(@x3, x.name, '—'), CASE WHEN ?x0 THEN @x3 ELSE 'Ө' END FROM $x",
    "SELECT x.n, @x0, sum(x.amount) OVER (PARTITION BY @x0), rank() OVER (PARTITION BY @x2 ORDER BY x.n) FROM $x",
    "SELECT x.n, @x2 FROM $x WHERE ?x0 OR ?x2",
    "SELECT x.n FROM $x WHERE (?x1 AND x.amount > 2) OR x.name = @x3",
    "SELECT x.n FROM $x WHERE NOT (?x0 AND ?x1) AND upper(@x3) <> 'АБАЙ'",
    "SELECT @x0, count(*), sum(x.amount), count(*) FILTER (WHERE x.n > 9), sum(x.n) FILTER (WHERE ?x2) FROM $x GROUP BY @x0",
    "SELECT @x0 AS c0, @x1 AS c1, count(*), min(x.n), count(DISTINCT @x2) FROM $x GROUP BY @x0, @x1",
    "SELECT @x0 AS c0, @x2 AS c2, max(x.n) FROM $x WHERE ?x3 GROUP BY @x0, @x2",
    "SELECT x.name, @x2, avg(x.amount) FROM $x GROUP BY x.name, @x2",
    "SELECT upper(@x3), count(@x0) FROM $x GROUP BY upper(@x3)",
    "SELECT @x3, count(@x0) FROM $x GROUP BY @x3 HAVING count(*) > 1 AND ?x3",
    "SELECT x.n, @x0 FROM $x ORDER BY @x0 DESC NULLS LAST, x.n LIMIT 6",
    "SELECT x.n FROM $x WHERE ?x1 ORDER BY @x2, @x0, x.n LIMIT 5 OFFSET 2",
    "SELECT x.n, y.n, @y0 FROM $x JOIN $y ON @x3 = @y3",
    "SELECT x.n, y.n, @y0, @x1 FROM $x LEFT JOIN $y ON @x3 = @y3 AND x.n < y.n",
    "SELECT DISTINCT @x0 AS c0, @x2 AS c2 FROM $x",
    "SELECT x.n FROM $x WHERE EXISTS (SELECT 1 FROM $y WHERE @y3 = x.name AND ?y0)",
    "SELECT x.n FROM $x WHERE NOT EXISTS (SELECT 1 FROM $y WHERE @y3 = @x3)",
    "SELECT x.n FROM $x WHERE @x3 IN (SELECT @y3 FROM $y WHERE y.n > 3)",
    "SELECT x.n, @x3 FROM $x UNION ALL SELECT y.n, @y3 FROM $y",
    "SELECT s.t, count(*) FROM (SELECT x.n, @x3 AS t FROM $x) s WHERE s.t LIKE '%а%' GROUP BY s.t",
    "WITH s AS (SELECT x.n, @x3 AS t, @x0 AS u FROM $x WHERE ?x2) SELECT s.n, s.u, y.n FROM s JOIN $y ON s.t = y.name",
];

/// What stands for `$x`: a dataset `$d` itself, and rows made of it that its references must come through.
const BASES: [&str; 8] = [
    "$d",
    "(SELECT n, name, amount, z.@any AS q FROM $d z)",
    "(WITH c AS (SELECT * FROM $d WHERE amount > 3) SELECT * FROM c)",
    "(SELECT n, name, amount, unnest(l) AS e FROM $d)",
    "(SELECT r0, min(n) AS n, min(name) AS name, sum(amount) AS amount FROM $d GROUP BY r0)",
    "(SELECT n, name, amount, r0 FROM $d WHERE n % 2 = 0 UNION ALL SELECT n, name, amount, r0 FROM $d WHERE n % 2 = 1)",
    "(SELECT * FROM $d ORDER BY n DESC LIMIT 7)",
    "(SELECT v.n, v.name, v.amount, z.@any AS q FROM $o v LEFT JOIN $d z ON v.n = z.n + 3)",
];

fn is_one_in(rng: &mut Rng, many: u32) -> bool {
    rng.u32(0..many) == 0
}

/// A key: numbers close together are looked up in another way than numbers far apart; the text `007` is the
/// number 7, but 7 is not the text `007`.
fn key(kind: &str, spread: i64, rng: &mut Rng) -> Value {
    match rng.u32(0..8) {
        _ if kind == "Int" => json!(spread * rng.i64(0..20)),
        0..3 => json!(format!("Ә{}", rng.u32(0..5))),
        3 => json!("007"),
        _ => json!(rng.u32(0..12).to_string()),
    }
}

/// A value as this type has it, or null.
fn value_as(kind: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if kind == "Int" => text.parse::<i64>().map_or(Value::Null, Value::from),
        Value::Number(number) if kind == "String" => Value::from(number.to_string()),
        _ => value.clone(),
    }
}

/// A field that holds keys of a dataset's objects.
#[derive(Clone)]
struct Reference {
    /// As a path names it: `r0`, `o.r`.
    name: &'static str,
    to: usize,
    kind: &'static str,
    datapath: String,
}

impl Reference {
    /// A reference to any of the datasets, its type the key's or the other one.
    fn new(name: &'static str, datasets: &[Dataset], rng: &mut Rng) -> Self {
        let to = rng.usize(..datasets.len());
        let kind = if rng.bool() { TYPES[rng.usize(..2)] } else { datasets[to].kind };
        let datapath = format!("{}.k", datasets[to].name);
        let datapath = if is_one_in(rng, 4) { datapath.to_uppercase() } else { datapath };
        Self { name, to, kind, datapath }
    }

    /// Most values are keys that some object has.
    fn value(&self, datasets: &[Dataset], rng: &mut Rng) -> Value {
        match rng.u32(0..8) {
            0 => Value::Null,
            1 => json!("999"),
            _ => rng.choice(&datasets[self.to].keys).cloned().unwrap_or_default(),
        }
    }
}

struct Dataset {
    name: &'static str,
    kind: &'static str,
    /// The key of each row: one in five again, one in eight missing.
    keys: Vec<Value>,
    references: Vec<Reference>,
    list: Reference,
    fields: Value,
}

impl Dataset {
    fn new(name: &'static str, rng: &mut Rng) -> Self {
        let kind = TYPES[rng.usize(..2)];
        let spread = if is_one_in(rng, 3) { 1_000_003 } else { 1 };
        let mut keys: Vec<Value> = Vec::new();
        for _ in 0..rng.usize(5..35) * usize::from(!is_one_in(rng, 12)) {
            let again = is_one_in(rng, 5).then(|| rng.choice(&keys).cloned()).flatten();
            let key = again.unwrap_or_else(|| key(kind, spread, rng));
            keys.push(if is_one_in(rng, 8) { Value::Null } else { key });
        }
        let list = Reference { name: "e", to: 0, kind, datapath: String::new() };
        Self { name, kind, keys, references: Vec::new(), list, fields: Value::Null }
    }

    /// Its fields: `k` is its key, a part of its key, or none, and there may be a reference to no dataset.
    fn declare(&mut self, references: Vec<Reference>, list: Reference, has_lost: bool, rng: &mut Rng) {
        let [is_key, is_compound] = [3, 2].map(|many| !is_one_in(rng, many));
        self.fields = json!({
            "n": {"type": "Int"}, "name": {"type": "String"}, "amount": {"type": "Double"},
            "k": {"type": self.kind, "pkey": is_key}, "k2": {"type": "Int", "pkey": is_key && is_compound},
            "l": {"type": "List", "elementType": list.kind, "datapath": list.datapath}
        });
        for Reference { name, kind, datapath, .. } in &references {
            let declared = json!({"type": kind, "datapath": datapath});
            match *name {
                "o.r" => self.fields["o"] = json!({"type": "Object", "fields": {"r": declared}}),
                name => self.fields[name] = declared,
            }
        }
        if has_lost {
            self.fields["w"] = json!({"type": "Int", "datapath": "nowhere.k"});
        }
        (self.references, self.list) = (references, list);
    }

    /// Amounts are halves at most, so that their sums do not depend on the order.
    fn row(&self, n: usize, datasets: &[Self], rng: &mut Rng) -> Value {
        let (amount, name) = (f64::from(rng.u32(0..20)) / 2.0, WORDS[rng.usize(..WORDS.len())]);
        let mut row = json!({"n": n, "w": n + 1, "k": self.keys[n], "k2": n, "name": name, "amount": amount});
        let mut value = |it: &Reference| value_as(it.kind, &it.value(datasets, rng));
        for reference in &self.references {
            match reference.name {
                "o.r" => row["o"] = json!({"r": value(reference)}),
                name => row[name] = value(reference),
            }
        }
        row["l"] = (0..n % 4).map(|_| value(&self.list)).collect();
        for name in ["name", "amount", "o", "l"] {
            if row.get(name).is_some() && is_one_in(rng, 7) {
                row[name] = Value::Null;
            }
        }
        row
    }

    /// Joins the first of the objects with each key, as `to`, to the rows that hold it in `held`.
    fn join(&self, to: &str, held: &str) -> String {
        let kind = if self.kind == "Int" { "BIGINT" } else { "VARCHAR" };
        let ranked = "SELECT *, row_number() OVER (PARTITION BY k ORDER BY n) AS rn";
        let firsts = format!("SELECT * FROM ({ranked} FROM {} WHERE k IS NOT NULL) WHERE rn = 1", self.name);
        format!(" LEFT JOIN ({firsts}) {to} ON TRY_CAST({held} AS {kind}) = {to}.k")
    }
}

/// Datasets that refer to each other, in cycles and to themselves.
struct World {
    datasets: Vec<Dataset>,
    /// What is needed to see it again: its seed, and the beginning of each document.
    shown: String,
    queries: QueryService,
    runtime: Runtime,
    _folder: tempfile::TempDir,
}

impl World {
    fn new(seed: u64, rng: &mut Rng) -> Self {
        let names = ["a", "b", "c", "d", "e"].into_iter().take(rng.usize(3..=5));
        let mut datasets: Vec<Dataset> = names.map(|name| Dataset::new(name, rng)).collect();
        let has_lost = is_one_in(rng, 5);
        for at in 0..datasets.len() {
            let names = ["r0", "o.r", "r1"].into_iter().take(rng.usize(1..=3));
            let references = names.map(|name| Reference::new(name, &datasets, rng)).collect();
            let list = Reference::new("e", &datasets, rng);
            datasets[at].declare(references, list, has_lost, rng);
        }
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut shown = format!("world {seed}\n");
        for dataset in &datasets {
            let rows: Vec<Value> = (0..dataset.keys.len()).map(|n| dataset.row(n, &datasets, rng)).collect();
            let meta = json!({"apiUri": dataset.name});
            let text = json!({"meta": meta, "fields": dataset.fields, "data": rows}).to_string();
            shown.extend(text.chars().take(1_000).chain(['\n']));
            let path = folder.path().join(format!("{}.json", dataset.name));
            std::fs::write(path, text).expect("it can be written");
        }
        let queries = queries(&catalog(&[folder.path()]));
        let runtime = Runtime::new().expect("threads can be started");
        Self { datasets, shown, queries, runtime, _folder: folder }
    }

    /// The rows as texts, in an order of their own.
    fn ask(&self, sql: &str) -> Result<Vec<String>, Error> {
        let options = FormatOptions::default().with_null("∅");
        self.runtime.block_on(async {
            let mut rows = self.queries.query(Question::new(sql)).await?;
            let mut found = Vec::new();
            while let Some(batch) = rows.next().await? {
                let cells = |column| ArrayFormatter::try_new(column, &options).expect("it can be shown");
                let cells: Vec<_> = batch.columns().iter().map(|column| cells(column.as_ref())).collect();
                for at in 0..batch.num_rows() {
                    let texts: Vec<String> = cells.iter().map(|it| it.value(at).to_string()).collect();
                    found.push(texts.join(" | "));
                }
            }
            found.sort_unstable();
            Ok(found)
        })
    }

    fn rows(&self, sql: &str) -> Vec<String> {
        self.ask(sql).unwrap_or_else(|error| panic!("{}\n{sql}\n{error}", self.shown))
    }

    /// A reference to what is not there keeps its own value.
    fn check_lost(&self) {
        for Dataset { name, .. } in self.datasets.iter().filter(|it| it.fields.get("w").is_some()) {
            let [own, same] = ["w", "n + 1"].map(|it| self.rows(&format!("SELECT n, {it} FROM {name}")));
            assert_eq!(own, same, "{}", self.shown);
            let error = self.ask(&format!("SELECT w.name FROM {name}")).expect_err("it leads nowhere");
            assert_eq!(error.code, Code::QueryUnresolvedLink, "{}{error}", self.shown);
        }
    }

    /// The query with paths, and the same with joins.
    fn check(&self, kind: &str, rng: &mut Rng) {
        let sides = ["x", "y"].map(|alias| Side::new(alias, &self.datasets, rng));
        let query = sides.iter().fold(kind.to_owned(), |sql, side| side.conditions(sql, rng));
        let asked = sides.iter().fold(query.clone(), |sql, side| side.asked(&sql));
        let explicit = sides.iter().fold(query, |sql, side| side.joined(&self.datasets, &sql));
        let (found, expected) = (self.rows(&asked), self.rows(&explicit));
        if found != expected {
            let at = found.iter().zip(&expected).take_while(|(one, other)| one == other).count();
            let (found, expected) = (found.get(at), expected.get(at));
            panic!("{}{asked}\n{explicit}\n{at}: {found:?}, expected {expected:?}", self.shown);
        }
        if kind.ends_with("FROM $x") && !kind.contains("DISTINCT") {
            let rows = self.rows(&format!("SELECT x.n FROM {}", sides[0].base)).len();
            assert_eq!(found.len(), rows, "{}{asked}", self.shown);
        }
    }
}

/// Rows that references start from, and paths from them.
struct Side {
    alias: &'static str,
    /// Without a path, so that it stands in both queries.
    base: String,
    /// Any, one through the same first reference, another, and one to a name.
    ways: [Way; 4],
}

/// References one behind the other, and the field at the end.
struct Way {
    steps: Vec<Reference>,
    end: &'static str,
    is_text: bool,
}

impl Way {
    fn new(first: &Reference, is_name: bool, datasets: &[Dataset], rng: &mut Rng) -> Self {
        let mut steps = vec![first.clone()];
        let mut at = &datasets[first.to];
        for _ in 0..rng.usize(..4).min(rng.usize(..4)) {
            let next = &at.references[rng.usize(..at.references.len())];
            steps.push(next.clone());
            at = &datasets[next.to];
        }
        let ends = [("name", "String"), ("amount", "Double"), ("k", at.kind), ("r0", at.references[0].kind)];
        let (end, kind) = ends[if is_name { 0 } else { rng.usize(..4) }];
        Self { steps, end, is_text: kind == "String" }
    }
}

impl Side {
    fn new(alias: &'static str, datasets: &[Dataset], rng: &mut Rng) -> Self {
        let (base, references) = base(alias, datasets, rng);
        let [first, other, last] = [0; 3].map(|_| &references[rng.usize(..references.len())]);
        let ways = [(first, false), (first, false), (other, false), (last, true)];
        let ways = ways.map(|(first, is_name)| Way::new(first, is_name, datasets, rng));
        Self { alias, base, ways }
    }

    /// Puts conditions about paths in place of `?x0`.
    fn conditions(&self, mut sql: String, rng: &mut Rng) -> String {
        for (at, way) in self.ways.iter().enumerate() {
            let path = format!("{}{at}", self.alias);
            sql = sql.replace(&format!("?{path}"), &condition(&format!("@{path}"), way.is_text, rng));
        }
        sql
    }

    /// Puts paths in place of `@x0`, such as `x.r0.o.r.name`, and the rows in place of `$x`.
    fn asked(&self, sql: &str) -> String {
        let mut sql = sql.replace(&format!("${}", self.alias), &self.base);
        for (at, way) in self.ways.iter().enumerate() {
            let steps = way.steps.iter().fold(String::new(), |path, step| path + "." + step.name);
            let path = format!("{}{steps}.{}", self.alias, way.end);
            sql = sql.replace(&format!("@{}{at}", self.alias), &path);
        }
        sql
    }

    /// Puts columns in place of `@x0`, and the rows joined with those that the columns are of in place of `$x`.
    fn joined(&self, datasets: &[Dataset], sql: &str) -> String {
        let alias = self.alias;
        let (mut columns, mut joins, mut query) = (format!("{alias}.*"), self.base.clone(), sql.to_owned());
        let is_named = |at: usize| sql.contains(&format!("@{alias}{at}"));
        for (number, way) in self.ways.iter().enumerate().filter(|(at, _)| is_named(*at)) {
            let mut from = alias.to_owned();
            for (depth, step) in way.steps.iter().enumerate() {
                let to = format!("{alias}{number}_{depth}");
                let held = format!("{from}.{}", step.name.replace("o.r", "o['r']"));
                joins.push_str(&datasets[step.to].join(&to, &held));
                from = to;
            }
            columns = format!("{columns}, {from}.{} AS p{number}", way.end);
            query = query.replace(&format!("@{alias}{number}"), &format!("{alias}.p{number}"));
        }
        query.replace(&format!("${alias}"), &format!("(SELECT {columns} FROM {joins}) {alias}"))
    }
}

/// A dataset, or rows made of one, and the references that there are.
fn base(alias: &str, datasets: &[Dataset], rng: &mut Rng) -> (String, Vec<Reference>) {
    let [dataset, other] = [0; 2].map(|_| &datasets[rng.usize(..datasets.len())]);
    let (all, sql) = (&dataset.references, BASES[rng.usize(..BASES.len())]);
    let any = &all[rng.usize(..all.len())];
    let references = match sql {
        sql if sql.contains("AS e") => vec![dataset.list.clone()],
        sql if sql.contains("AS q") => vec![Reference { name: "q", ..any.clone() }],
        sql if sql.contains("r0") => all[..1].to_vec(),
        _ => all.clone(),
    };
    let sql = sql.replace("$d", dataset.name).replace("$o", other.name).replace("@any", any.name);
    (format!("{sql} {alias}"), references)
}

/// A condition about one path.
fn condition(path: &str, is_text: bool, rng: &mut Rng) -> String {
    let tests = if is_text {
        ["= 'Абай'", "IN ('Қала', '7', 'Ә1')", "LIKE '%а%'", "<> 'Abai'", "> 'Р'", "IS NULL", "IS NOT NULL"]
    } else {
        ["= 3", "> 4", "IN (1, 2, 5)", "BETWEEN 2 AND 6", "+ 1 > 6", "IS NULL", "IS NOT NULL"]
    };
    format!("{path} {}", tests[rng.usize(..tests.len())])
}

#[test]
fn every_datapath_query_equals_the_left_join_on_the_first_rows() {
    let worlds = std::env::var("DEREK_WORLDS").ok().and_then(|count| count.parse().ok()).unwrap_or(100_u64);
    let check = |seed: u64| {
        let mut rng = Rng::with_seed(seed);
        let world = World::new(seed, &mut rng);
        world.check_lost();
        for _ in 0..8 {
            world.check(KINDS[rng.usize(..KINDS.len())], &mut rng);
        }
    };
    std::thread::scope(|scope| {
        for first in 0..2 {
            scope.spawn(move || (first..worlds).step_by(2).for_each(check));
        }
    });
}
