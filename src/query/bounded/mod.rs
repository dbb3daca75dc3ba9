//! Functions that refuse to make more than a bounded number of bytes in one call.
//!
//! A function is called with a batch of rows and makes its result at once, without asking the memory
//! pool: `repeat('a', 2000000000)` is a short text, and an allocation that fails ends the process. So
//! what a call would make is computed from its arguments before it is made. Constant folding calls
//! functions the same way, and is bound the same way.

mod function;
mod growth;
mod operated;
mod planner;
mod rule;
mod size;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::execution::{SessionStateBuilder, SessionStateDefaults};
use datafusion::logical_expr::{Expr, ScalarUDF};

use function::Bounded;
use growth::Growth;

/// The bytes that one call may make of smaller arguments.
const GROWN_BYTES: u64 = 64 << 20;
/// The bytes of arguments that one call may put together: a batch of documents' texts is large itself.
const SUM_BYTES: u64 = 128 << 20;
/// The bytes of one constant: batches are gathered by rows, not by bytes.
const CONSTANT_BYTES: u64 = 4 << 20;
/// The pairs of bytes that one call may compare: a call cannot be broken off.
const PAIRS: u64 = 1 << 30;
/// The different patterns that one call may compile: each takes up to 10 MB and 50 ms.
const PATTERNS: u64 = 64;
/// The types within the type of a result.
const TYPE_NODES: usize = 4_096;
/// The bytes of a value of a type of fixed size, such as `FixedSizeBinary(1000000000)`.
const FIXED_BYTES: u64 = 64 << 10;

/// The functions whose results can be far larger than their arguments. All others make at most a small
/// multiple of one argument, such as `upper`, or a value of fixed size.
const GROWTHS: &[(&str, Growth)] = &[
    ("repeat", Growth::Repeat),
    ("lpad", Growth::Pad),
    ("rpad", Growth::Pad),
    ("replace", Growth::Replace),
    ("regexp_replace", Growth::RegexpReplace),
    ("regexp_match", Growth::Captures),
    ("to_char", Growth::Format),
    ("array_repeat", Growth::ListRepeat),
    ("array_resize", Growth::ListResize),
    ("range", Growth::Series),
    ("generate_series", Growth::Series),
    ("array_to_string", Growth::ListToText),
    ("array_replace", Growth::ListReplace),
    ("array_replace_n", Growth::ListReplace),
    ("array_replace_all", Growth::ListReplace),
    ("concat", Growth::Sum),
    ("concat_ws", Growth::Sum),
    ("overlay", Growth::Sum),
    ("array_append", Growth::Sum),
    ("array_prepend", Growth::Sum),
    ("array_concat", Growth::Sum),
    ("array_union", Growth::Sum),
    ("arrays_zip", Growth::Sum),
    ("make_array", Growth::Sum),
    ("map", Growth::Sum),
    ("named_struct", Growth::Sum),
    ("struct", Growth::Sum),
    ("arrow_cast", Growth::Sum),
    ("arrow_try_cast", Growth::Sum),
    ("regexp_count", Growth::Patterns),
    ("regexp_instr", Growth::Patterns),
    ("regexp_like", Growth::Patterns),
    ("levenshtein", Growth::Pairs),
    ("array_has_all", Growth::Pairs),
    ("array_has_any", Growth::Pairs),
];

/// The bounded functions, by name and alias.
static FUNCTIONS: LazyLock<HashMap<String, Arc<ScalarUDF>>> = LazyLock::new(|| {
    let mut functions = HashMap::new();
    for function in SessionStateDefaults::default_scalar_functions() {
        let Some((_, growth)) = GROWTHS.iter().find(|(name, _)| *name == function.name()) else { continue };
        let aliases = function.aliases().to_vec();
        let bounded = Bounded { inner: function.as_ref().clone(), growth: *growth };
        let bounded = Arc::new(ScalarUDF::new_from_impl(bounded));
        functions.extend(aliases.into_iter().map(|alias| (alias, Arc::clone(&bounded))));
        functions.insert(bounded.name().to_owned(), bounded);
    }
    functions
});

/// A session whose functions are bounded, also those that the planner puts in by itself.
pub(super) fn guard(mut builder: SessionStateBuilder) -> SessionStateBuilder {
    builder.scalar_functions().get_or_insert_default().extend(FUNCTIONS.values().cloned());
    builder.expr_planners().get_or_insert_default().insert(0, Arc::new(planner::Literals));
    builder.with_analyzer_rule(Arc::new(rule::Bind)).with_optimizer_rule(Arc::new(rule::Constants))
}

/// Replaces the functions of an expression by the bounded ones.
pub(super) fn bind(expr: Expr) -> Result<Transformed<Expr>> {
    expr.transform_up(|expr| match expr {
        Expr::ScalarFunction(mut function) => {
            let bounded = FUNCTIONS.get(function.func.name()).filter(|bounded| **bounded != function.func);
            let is_found = bounded.is_some();
            if let Some(bounded) = bounded {
                function.func = Arc::clone(bounded);
            }
            Ok(Transformed::new_transformed(Expr::ScalarFunction(function), is_found))
        }
        // A pattern that is written out is compiled once; the optimizer makes more of it.
        Expr::BinaryExpr(binary)
            if operated::takes_pattern(binary.op) && !matches!(*binary.right, Expr::Literal(..)) =>
        {
            Ok(Transformed::yes(operated::operated(binary)))
        }
        other => Ok(Transformed::no(other)),
    })
}
