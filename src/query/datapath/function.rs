//! The functions that references become.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, UInt32Array};
use arrow::compute::{is_null, nullif};
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::internal_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::scalar::ScalarValue;

use super::path::Path;
use crate::encode::attribute::DATAPATH;
use crate::error::Error;

/// Reads a field of the object that a reference leads to: null where it leads nowhere.
#[derive(Debug, Clone)]
pub(super) struct Follow {
    pub(super) path: Arc<Path>,
    /// What the expression is called when it takes the row and not the key: as before, since plans find
    /// columns by such names.
    by_row: Option<String>,
    /// Members of Objects that lead from its argument to the reference.
    pub(super) inside: Vec<String>,
    name: String,
    signature: Signature,
}

impl Follow {
    /// The function that takes the key which the reference holds.
    pub(super) fn by_key(path: Path) -> Self {
        Self::new(Arc::new(path), None)
    }

    /// The same function of an Object that holds the reference as the member with these names.
    pub(super) fn inside(self, members: Vec<String>) -> Self {
        Self { inside: members, ..self }
    }

    /// The same function of the row that the reference leads to; `before` is the expression that it replaces.
    pub(super) fn by_row(&self, before: &Expr) -> Self {
        Self::new(Arc::clone(&self.path), Some(before.schema_name().to_string()))
    }

    fn new(path: Arc<Path>, by_row: Option<String>) -> Self {
        let name = format!("datapath[{}]", path.describe());
        Self {
            path,
            by_row,
            inside: Vec::new(),
            name,
            signature: Signature::user_defined(Volatility::Immutable),
        }
    }

    /// Whether it takes the row.
    pub(super) fn takes_row(&self) -> bool {
        self.by_row.is_some()
    }

    pub(super) fn call(self, argument: Expr) -> Expr {
        ScalarUDF::new_from_impl(self).call(vec![argument])
    }

    /// The function that an expression calls, if it is one.
    pub(super) fn of(expr: &Expr) -> Option<&Self> {
        let Expr::ScalarFunction(function) = expr else { return None };
        function.func.inner().downcast_ref()
    }

    /// The function that a physical expression calls, and its argument, if it is one.
    pub(super) fn of_physical(expr: &Arc<dyn PhysicalExpr>) -> Option<(&Self, &Arc<dyn PhysicalExpr>)> {
        let call = expr.downcast_ref::<ScalarFunctionExpr>()?;
        Some((call.fun().inner().downcast_ref()?, call.args().first()?))
    }

    /// The reference in an argument.
    fn reference(&self, argument: &ArrayRef) -> Result<ArrayRef> {
        let mut found = Arc::clone(argument);
        for name in &self.inside {
            let Some(object) = found.as_struct_opt() else {
                return internal_err!("a reference in no Object");
            };
            let Some(member) = object.column_by_name(name) else { return internal_err!("no such member") };
            found = nullif(member, &is_null(object)?)?;
        }
        Ok(found)
    }

    fn evaluate(&self, argument: &ArrayRef) -> Result<ArrayRef> {
        let values = if self.takes_row() {
            self.path.values(argument.as_primitive())
        } else {
            let rows: UInt32Array = self.path.rows_of(&self.reference(argument)?);
            self.path.values(&rows)
        };
        Ok(values?)
    }
}

impl PartialEq for Follow {
    fn eq(&self, other: &Self) -> bool {
        self.takes_row() == other.takes_row()
            && self.inside == other.inside
            && self.path.identity() == other.path.identity()
    }
}

impl Eq for Follow {}

impl Hash for Follow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.takes_row(), &self.inside, self.path.identity()).hash(state);
    }
}

impl ScalarUDFImpl for Follow {
    fn name(&self) -> &str {
        &self.name
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        Ok(if let Some(called) = &self.by_row {
            called.clone()
        } else {
            let reference: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
            let names: Vec<&str> = self.inside.iter().chain(&self.path.names).map(String::as_str).collect();
            format!("{}.{}", reference.join(", "), names.join("."))
        })
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        Ok(given.to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.path.field().data_type().clone())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Ok(Arc::new(self.path.field().as_ref().clone().with_nullable(true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match &args.args[0] {
            ColumnarValue::Array(array) => Ok(ColumnarValue::Array(self.evaluate(array)?)),
            ColumnarValue::Scalar(value) => {
                let values = self.evaluate(&value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&values, 0)?))
            }
        }
    }
}

/// `datapath(value, 'regions.id')`: the value itself, as a reference.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Reference {
    signature: Signature,
}

impl Default for Reference {
    fn default() -> Self {
        Self { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Reference {
    fn name(&self) -> &'static str {
        "datapath"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        if given.len() != 2 {
            return Err(DataFusionError::Plan(usage()));
        }
        Ok(given.to_vec())
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        Ok(given[0].clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let datapath = args.scalar_arguments.get(1).and_then(|value| value.as_ref());
        let datapath = datapath.and_then(|value| value.try_as_str().flatten());
        let datapath = datapath.ok_or_else(|| DataFusionError::Plan(usage()))?;
        let field = args.arg_fields[0].as_ref().clone();
        let mut metadata = field.metadata().clone();
        metadata.insert(DATAPATH.to_owned(), datapath.to_owned());
        Ok(Arc::new(field.with_metadata(metadata)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(args.args[0].clone())
    }
}

fn usage() -> String {
    "datapath takes a value and what it refers to, such as datapath(region, 'regions.id')".to_owned()
}

/// Stands where a reference could not be followed, until the planner asks for its type: some of its
/// questions pass over errors.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Broken {
    message: String,
    error: Arc<Known>,
    signature: Signature,
}

#[derive(Debug)]
struct Known(Error);

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.0.message == other.0.message
    }
}

impl Eq for Known {}

impl Hash for Known {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.message.hash(state);
    }
}

impl Broken {
    pub(super) fn call(error: Error, argument: Expr) -> Expr {
        let (message, signature) = (error.message.clone(), Signature::any(1, Volatility::Immutable));
        ScalarUDF::new_from_impl(Self { message, error: Arc::new(Known(error)), signature })
            .call(vec![argument])
    }

    fn fail(&self) -> DataFusionError {
        DataFusionError::External(Box::new(self.error.0.again()))
    }
}

impl ScalarUDFImpl for Broken {
    fn name(&self) -> &str {
        &self.message
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Err(self.fail())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        Err(self.fail())
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Err(self.fail())
    }
}
