//! A function that computes what it would make, and the checks that it makes.

use std::sync::Arc;

use arrow::array::Array;
use arrow::compute::concat;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::config::ConfigOptions;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::interval_arithmetic::Interval;
use datafusion::logical_expr::preimage::PreimageResult;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, Documentation, Expr, ExpressionPlacement, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, StructFieldMapping,
};
use datafusion::scalar::ScalarValue;

use super::growth::Growth;
use super::size::{Argument, array_bytes, fixed_bytes, patterns, type_nodes};
use super::{CONSTANT_BYTES, FIXED_BYTES, GROWN_BYTES, PAIRS, PATTERNS, SUM_BYTES, TYPE_NODES, bind};

/// A function that computes what it would make before it does.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Bounded {
    pub(super) inner: ScalarUDF,
    pub(super) growth: Growth,
}

impl Bounded {
    fn exhausted(&self, bytes: u64, most: u64) -> DataFusionError {
        let what = if self.growth == Growth::Pairs { "pairs of bytes compared" } else { "bytes" };
        let name = self.inner.name();
        let message = format!("{name}() asked for {bytes} {what} in one call; at most {most} are given");
        DataFusionError::ResourcesExhausted(message)
    }

    fn call(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let arguments: Vec<Argument> = args.args.iter().map(Argument::new).collect::<Result<_>>()?;
        let most = match self.growth {
            Growth::Pairs => PAIRS,
            _ if is_constant => CONSTANT_BYTES,
            Growth::Sum => SUM_BYTES,
            _ => GROWN_BYTES,
        };
        if self.growth == Growth::Sum {
            let sum = arguments.iter().fold(0, |sum: u64, it| sum.saturating_add(it.all_bytes(rows)));
            return if sum > most {
                Err(self.exhausted(sum, most))
            } else {
                self.inner.invoke_with_args(args)
            };
        }
        if self.growth.takes_patterns()
            && let Some(argument) = arguments.get(1)
        {
            check_patterns(self.inner.name(), argument, rows)?;
        }
        let sizes = self.growth.rows(&arguments, rows)?;
        let sum = sizes.iter().fold(0, |sum: u64, bytes| sum.saturating_add(*bytes));
        if sum <= most {
            return self.inner.invoke_with_args(args);
        }
        if is_constant || !self.growth.is_at_worst() {
            return Err(self.exhausted(sum, most));
        }
        self.call_in_parts(&args, &sizes, most)
    }

    /// Calls for as many rows at a time as must fit, and counts what really comes out.
    fn call_in_parts(&self, args: &ScalarFunctionArgs, sizes: &[u64], most: u64) -> Result<ColumnarValue> {
        let (mut parts, mut made, mut first) = (Vec::new(), 0_u64, 0);
        while first < sizes.len() {
            let mut sum = 0_u64;
            let fits = |bytes: &&u64| {
                sum = sum.saturating_add(**bytes);
                sum <= most
            };
            let rows = sizes[first..].iter().take_while(fits).count();
            if rows == 0 {
                return Err(self.exhausted(sizes[first], most));
            }
            let part = ScalarFunctionArgs {
                args: args.args.iter().map(|arg| Argument::slice(arg, first, rows)).collect(),
                arg_fields: args.arg_fields.clone(),
                number_rows: rows,
                return_field: Arc::clone(&args.return_field),
                config_options: Arc::clone(&args.config_options),
            };
            let part = self.inner.invoke_with_args(part)?.into_array(rows)?;
            made = made.saturating_add(array_bytes(&part));
            if made > most {
                return Err(self.exhausted(made, most));
            }
            parts.push(part);
            first += rows;
        }
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        Ok(ColumnarValue::Array(concat(&parts)?))
    }
}

/// Refuses patterns that are another one in every row.
pub(super) fn check_patterns(name: &str, argument: &Argument, rows: usize) -> Result<()> {
    let patterns = patterns(argument, rows);
    if patterns > PATTERNS {
        let message =
            format!("{name} asked for {patterns} patterns at once; at most {PATTERNS} are compiled");
        return Err(DataFusionError::ResourcesExhausted(message));
    }
    Ok(())
}

/// Refuses types that take much space or time by themselves.
pub(super) fn check_type(data_type: &DataType) -> Result<()> {
    if type_nodes(data_type, TYPE_NODES) > TYPE_NODES {
        let message = format!("a type has more than {TYPE_NODES} parts");
        return Err(DataFusionError::ResourcesExhausted(message));
    }
    let bytes = fixed_bytes(data_type);
    if bytes > FIXED_BYTES && !matches!(data_type, DataType::Struct(_)) {
        let message = format!("each value of a type takes {bytes} bytes; at most {FIXED_BYTES} are given");
        return Err(DataFusionError::ResourcesExhausted(message));
    }
    Ok(())
}

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        self.inner.schema_name(args)
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn coerce_types(&self, arg_types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(arg_types)
    }

    fn return_type(&self, arg_types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(arg_types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let field = self.inner.return_field_from_args(args)?;
        check_type(field.data_type())?;
        Ok(field)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.call(args)
    }

    fn with_updated_config(&self, config: &ConfigOptions) -> Option<ScalarUDF> {
        let inner = self.inner.inner().with_updated_config(config)?;
        Some(ScalarUDF::new_from_impl(Self { inner, growth: self.growth }))
    }

    /// What a function makes of itself, such as one concat of two, is bounded again.
    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        Ok(match self.inner.simplify(args, info)? {
            ExprSimplifyResult::Simplified(expr) => ExprSimplifyResult::Simplified(bind(expr)?.data),
            original @ ExprSimplifyResult::Original(_) => original,
        })
    }

    fn preimage(&self, args: &[Expr], literal: &Expr, info: &SimplifyContext) -> Result<PreimageResult> {
        self.inner.preimage(args, literal, info)
    }

    fn is_strict(&self) -> bool {
        self.inner.is_strict()
    }

    fn short_circuits(&self) -> bool {
        self.inner.short_circuits()
    }

    fn conditional_arguments<'a>(&self, args: &'a [Expr]) -> Option<(Vec<&'a Expr>, Vec<&'a Expr>)> {
        self.inner.conditional_arguments(args)
    }

    fn evaluate_bounds(&self, input: &[&Interval]) -> Result<Interval> {
        self.inner.evaluate_bounds(input)
    }

    fn propagate_constraints(
        &self,
        interval: &Interval,
        inputs: &[&Interval],
    ) -> Result<Option<Vec<Interval>>> {
        self.inner.propagate_constraints(interval, inputs)
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        self.inner.output_ordering(inputs)
    }

    fn preserves_lex_ordering(&self, inputs: &[ExprProperties]) -> Result<bool> {
        self.inner.preserves_lex_ordering(inputs)
    }

    fn struct_field_mapping(&self, literals: &[Option<ScalarValue>]) -> Option<StructFieldMapping> {
        self.inner.inner().struct_field_mapping(literals)
    }

    fn placement(&self, args: &[ExpressionPlacement]) -> ExpressionPlacement {
        self.inner.placement(args)
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.inner.documentation()
    }
}
