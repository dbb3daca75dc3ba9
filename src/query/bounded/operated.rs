//! `a || b` of texts and `a ~ b`, as functions that can be bounded: the operators themselves make their
//! results unasked.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::binary::BinaryTypeCoercer;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{BinaryExpr as Evaluated, Column};
use datafusion::scalar::ScalarValue;

use super::function::check_patterns;
use super::size::Argument;
use super::{CONSTANT_BYTES, SUM_BYTES};

/// An operator as a function.
pub(super) fn operated(binary: BinaryExpr) -> Expr {
    let operator = Operated { operator: binary.op, signature: Signature::any(2, Volatility::Immutable) };
    let function = Arc::new(ScalarUDF::new_from_impl(operator));
    Expr::ScalarFunction(ScalarFunction::new_udf(function, vec![*binary.left, *binary.right]))
}

/// Whether an operator compiles a pattern.
pub(super) fn takes_pattern(operator: Operator) -> bool {
    use Operator::{RegexIMatch, RegexMatch, RegexNotIMatch, RegexNotMatch};
    matches!(operator, RegexMatch | RegexIMatch | RegexNotMatch | RegexNotIMatch)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Operated {
    operator: Operator,
    signature: Signature,
}

impl Operated {
    fn check(&self, args: &[ColumnarValue], rows: usize, most: u64) -> Result<()> {
        let args: Vec<Argument> = args.iter().map(Argument::new).collect::<Result<_>>()?;
        if takes_pattern(self.operator) {
            return check_patterns(self.name(), &args[1], rows);
        }
        let sum = args.iter().fold(0, |sum: u64, arg| sum.saturating_add(arg.all_bytes(rows)));
        if sum > most {
            let name = self.name();
            let message = format!("{name} asked for {sum} bytes in one call; at most {most} are given");
            return Err(DataFusionError::ResourcesExhausted(message));
        }
        Ok(())
    }
}

impl ScalarUDFImpl for Operated {
    fn name(&self) -> &'static str {
        match self.operator {
            Operator::RegexMatch => "~",
            Operator::RegexIMatch => "~*",
            Operator::RegexNotMatch => "!~",
            Operator::RegexNotIMatch => "!~*",
            _ => "||",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let [left, right] = types else {
            return Err(DataFusionError::Plan(format!("{} takes two values", self.name())));
        };
        BinaryTypeCoercer::new(left, &self.operator, right).get_result_type()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let (rows, most) = if is_constant { (1, CONSTANT_BYTES) } else { (args.number_rows, SUM_BYTES) };
        self.check(&args.args, rows, most)?;
        let arrays: Vec<_> = args.args.into_iter().map(|arg| arg.into_array(rows)).collect::<Result<_>>()?;
        let named = arrays.iter().zip(["left", "right"]);
        let fields = named.map(|(array, name)| Field::new(name, array.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let operand = |name, at| Arc::new(Column::new(name, at)) as Arc<dyn PhysicalExpr>;
        let operator = Evaluated::new(operand("left", 0), self.operator, operand("right", 1));
        let made = operator.evaluate(&RecordBatch::try_new(schema, arrays)?)?.into_array(rows)?;
        Ok(if is_constant {
            ColumnarValue::Scalar(ScalarValue::try_from_array(&made, 0)?)
        } else {
            ColumnarValue::Array(made)
        })
    }
}
