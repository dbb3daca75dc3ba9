//! Values for `$name` and `$1`, each of the type that the query gives it.

use std::collections::BTreeMap;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan, Operator};
use serde_json::Value;

use crate::error::{Code, Error, Place, Result, nearest_name};

/// A parameter's value under its name, without the `$`.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The name in the query: `name` for `$name`, `1` for `$1`.
    pub name: String,
    /// The value.
    pub value: ParameterValue,
}

/// A value as it came.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterValue {
    /// From a URL: a text that is read as the type that the query needs.
    Text(String),
    /// From a JSON body: it has a type of its own, which must fit.
    Json(Value),
}

impl ParameterValue {
    /// The value as it was written.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Json(value) => value.to_string(),
        }
    }
}

/// The types that a plan gives its parameters, by name; none where nothing tells.
pub(super) type ParameterTypes = BTreeMap<String, Option<DataType>>;

/// The parameters of a plan.
pub(super) fn types(plan: &LogicalPlan) -> Result<ParameterTypes, DataFusionError> {
    let mut types = ParameterTypes::new();
    plan.apply_with_subqueries(|plan| {
        // Nothing else tells what LIMIT and OFFSET need.
        let otherwise = matches!(plan, LogicalPlan::Limit(_)).then_some(DataType::Int64);
        plan.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Expr::Placeholder(placeholder) = expr {
                    let found = placeholder.field.as_ref().map(|field| field.data_type().clone());
                    let found = found.or_else(|| otherwise.clone());
                    let known = types.entry(placeholder.id[1..].to_owned()).or_insert_with(|| found.clone());
                    // Used as two types: the value alone tells.
                    if known.as_ref().map(plain) != found.as_ref().map(plain) {
                        *known = None;
                    }
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok(types)
}

/// Whether LIMIT or OFFSET take a parameter.
pub(super) fn limit(plan: &LogicalPlan) -> bool {
    let has_parameter = |plan: &LogicalPlan| {
        let mut expressions = plan.expressions().into_iter();
        expressions.any(|expr| expr.exists(|it| Ok(matches!(it, Expr::Placeholder(_)))).unwrap_or(true))
    };
    plan.exists(|plan| Ok(matches!(plan, LogicalPlan::Limit(_)) && has_parameter(plan))).unwrap_or(true)
}

/// Whether a parameter stands anywhere but beside what it is compared with: in a function or a cast, of
/// which only a value is left once the parameter has one.
pub(super) fn are_computed_with(plan: &LogicalPlan) -> bool {
    let is_parameter = |expr: &Expr| matches!(expr, Expr::Placeholder(_));
    let computes = |expr: &Expr| match expr {
        Expr::BinaryExpr(it) if compares(it.op) => false,
        Expr::InList(_) | Expr::Between(_) => false,
        other => {
            let mut has_parameter = false;
            let walked = other.apply_children(|child| {
                has_parameter |= is_parameter(child);
                Ok(TreeNodeRecursion::Continue)
            });
            has_parameter || walked.is_err()
        }
    };
    let has_such = |plan: &LogicalPlan| {
        plan.expressions().iter().any(|expr| expr.exists(|expr| Ok(computes(expr))).unwrap_or(true))
    };
    let mut found = false;
    let walked = plan.apply_with_subqueries(|plan| {
        found |= has_such(plan);
        Ok(TreeNodeRecursion::Continue)
    });
    found || walked.is_err()
}

fn compares(operator: Operator) -> bool {
    use Operator::{Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq};
    matches!(operator, Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom)
}

/// The type of a value for a column of this type: of the kinds of texts, one.
fn plain(kind: &DataType) -> DataType {
    match kind {
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Dictionary(_, value) => plain(value),
        other => other.clone(),
    }
}

/// The values of a query's parameters.
///
/// # Errors
/// `query.parameter` names the one that is missing, unknown, or not of its type.
pub(super) fn values(types: &ParameterTypes, given: &[Parameter]) -> Result<ParamValues> {
    if let Some(unknown) = given.iter().find(|parameter| !types.contains_key(&parameter.name)) {
        let name = &unknown.name;
        let error = wrong(name, format!("the query has no parameter ${name}"));
        return Err(match nearest_name(name, types.keys().map(String::as_str)) {
            Some(nearest) => error.hint(format!("did you mean ${nearest}?")),
            None if types.is_empty() => error.hint("write $name or $1 where the value belongs"),
            None => error.hint(format!("its parameters: {}", listed(types))),
        });
    }
    let value = |(name, kind): (&String, &Option<DataType>)| {
        let parameter = given.iter().find(|parameter| parameter.name == *name);
        let parameter = parameter.ok_or_else(|| {
            let hint = format!("give it as {name}=… in the URL, or in \"params\" of the body");
            wrong(name, format!("the parameter ${name} is missing")).hint(hint)
        })?;
        Ok((name.clone(), scalar(name, &parameter.value, kind.as_ref())?))
    };
    let values = types.iter().map(value).collect::<Result<Vec<_>>>()?;
    Ok(ParamValues::from(values))
}

fn listed(types: &ParameterTypes) -> String {
    types.keys().map(|name| format!("${name}")).collect::<Vec<_>>().join(", ")
}

fn wrong(name: &str, message: String) -> Error {
    Error::new(Code::QueryParameter, message).at(Place::field(format!("${name}")))
}

fn scalar(name: &str, value: &ParameterValue, needed: Option<&DataType>) -> Result<ScalarValue> {
    let kind = needed.map(plain);
    let kind = kind.as_ref();
    let found = match (value, kind) {
        (ParameterValue::Json(Value::Null), kind) => {
            Some(ScalarValue::try_from(kind.unwrap_or(&DataType::Null)).unwrap_or(ScalarValue::Null))
        }
        (ParameterValue::Json(value), None) => untyped(value),
        (ParameterValue::Text(text), None) => Some(ScalarValue::from(text.as_str())),
        (ParameterValue::Text(text), Some(kind)) => of_text(text, kind),
        (ParameterValue::Json(value), Some(kind)) => of_json(value, kind),
    };
    // A plan that is made takes a text only of the very type that it has there.
    let found = found.and_then(|value| needed.map_or(Some(value.clone()), |kind| value.cast_to(kind).ok()));
    found.ok_or_else(|| {
        let expected = kind.map_or("a text, a number, true, false, or a list of one of them", expected);
        let text = value.text();
        let shown: String = text.chars().take(100).collect();
        wrong(name, format!("the parameter ${name} is {shown}; expected {expected}"))
    })
}

/// What a user is told of a type.
fn expected(kind: &DataType) -> &'static str {
    match kind {
        kind if kind.is_integer() => "a whole number",
        kind if kind.is_numeric() => "a number",
        DataType::Boolean => "true or false",
        DataType::Utf8 => "a text",
        DataType::Date32 | DataType::Date64 => "a date such as 2024-12-31",
        DataType::Timestamp(..) => "a moment such as 2024-12-31T10:00:00",
        DataType::List(_) => "a list",
        _ => "a value of the type that the query compares it with",
    }
}

fn of_text(text: &str, kind: &DataType) -> Option<ScalarValue> {
    if *kind == DataType::Utf8 {
        return Some(ScalarValue::from(text));
    }
    if kind.is_floating() {
        let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite())?;
        return ScalarValue::from(number).cast_to(kind).ok();
    }
    // A cast would read 1.5 as 1, and a month as its first day.
    let is_written_so = match kind {
        kind if kind.is_integer() => text.trim().parse::<i128>().is_ok(),
        DataType::Boolean => matches!(text.to_lowercase().as_str(), "true" | "false"),
        DataType::Date32 | DataType::Date64 => text.trim().len() == "2024-12-31".len(),
        _ => true,
    };
    let value = is_written_so.then(|| ScalarValue::from(text.trim()).cast_to(kind).ok()).flatten();
    // What a cast cannot read is null to it.
    value.filter(|value| !value.is_null())
}

fn of_json(value: &Value, kind: &DataType) -> Option<ScalarValue> {
    let is_text = !kind.is_numeric() && *kind != DataType::Boolean;
    match value {
        Value::String(text) if is_text => of_text(text, kind),
        Value::Number(number) if kind.is_numeric() => of_text(&number.to_string(), kind),
        Value::Bool(flag) if *kind == DataType::Boolean => Some(ScalarValue::from(*flag)),
        Value::Array(_) if kind.is_nested() => untyped(value)?.cast_to(kind).ok(),
        _ => None,
    }
}

/// A value whose type nothing in the query tells.
fn untyped(value: &Value) -> Option<ScalarValue> {
    match value {
        Value::Null => Some(ScalarValue::Null),
        Value::Bool(flag) => Some(ScalarValue::from(*flag)),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Some(ScalarValue::from(whole)),
            None => Some(ScalarValue::from(number.as_f64()?)),
        },
        Value::String(text) => Some(ScalarValue::from(text.as_str())),
        Value::Array(values) => {
            let values = values.iter().map(untyped).collect::<Option<Vec<_>>>()?;
            let kind = values.first().map_or(DataType::Null, ScalarValue::data_type);
            let values = values.iter().map(|value| value.cast_to(&kind).ok()).collect::<Option<Vec<_>>>()?;
            Some(ScalarValue::List(ScalarValue::new_list(&values, &kind, true)))
        }
        Value::Object(_) => None,
    }
}
