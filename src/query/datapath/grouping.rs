//! The groups of rows by the objects that they refer to, and what is summed up of each.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{SchemaRef, UInt32Type};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_plan::expressions::Literal;
use datafusion::scalar::ScalarValue;

use super::path::{Path, PathCodes};

/// So many codes are few enough to be the numbers of groups themselves.
const FEW_CODES: usize = 4_096;
const NO_GROUP: u32 = u32::MAX;

/// What is wanted of a batch.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The column with the rows that the reference leads to.
    pub(super) column: usize,
    pub(super) aggregates: Vec<Arc<AggregateFunctionExpr>>,
    /// The condition of each aggregate (`FILTER`).
    pub(super) filters: Vec<Option<Arc<dyn PhysicalExpr>>>,
}

/// A number for each object, in as few bytes as the numbers need: the fewer, the more stay in the cache.
#[derive(Debug)]
enum Narrow {
    Byte(Vec<u8>),
    Two(Vec<u16>),
    Four(Vec<u32>),
}

impl Narrow {
    /// `most` is the greatest of the numbers.
    fn of(numbers: &[u32], most: u32) -> Self {
        if u8::try_from(most).is_ok() {
            return Self::Byte(numbers.iter().map(|it| u8::try_from(*it).unwrap_or_default()).collect());
        }
        if u16::try_from(most).is_ok() {
            return Self::Two(numbers.iter().map(|it| u16::try_from(*it).unwrap_or_default()).collect());
        }
        Self::Four(numbers.to_vec())
    }
}

/// The group of each object, and the values of each group.
#[derive(Debug)]
pub(super) struct Codes {
    of_row: Narrow,
    of_nothing: u32,
    values: Vec<ArrayRef>,
}

impl Codes {
    /// Groups by one field, or by several of the same objects.
    pub(super) fn of(paths: &[Arc<Path>]) -> Result<Self> {
        let each = paths.iter().map(|path| path.codes()).collect::<Result<Vec<Arc<PathCodes>>, _>>()?;
        if let [only] = each.as_slice() {
            let (of_nothing, values) = (only.of_nothing(), vec![Arc::clone(&only.values)]);
            return Ok(Self { of_row: Narrow::of(&only.of_row, of_nothing), of_nothing, values });
        }
        let mut known = HashMap::new();
        let mut firsts: Vec<Vec<u32>> = vec![Vec::new(); each.len()];
        let mut code = |together: Vec<u32>| {
            let next = u32::try_from(known.len()).unwrap_or(NO_GROUP);
            *known.entry(together).or_insert_with_key(|together| {
                firsts.iter_mut().zip(together).for_each(|(firsts, code)| firsts.push(*code));
                next
            })
        };
        let objects = each.first().map_or(0, |codes| codes.of_row.len());
        let of_row = (0..objects).map(|row| code(each.iter().map(|codes| codes.of_row[row]).collect()));
        let of_row: Vec<u32> = of_row.collect();
        let of_nothing = code(each.iter().map(|codes| codes.of_nothing()).collect());
        let of_row = Narrow::of(&of_row, u32::try_from(known.len()).unwrap_or(NO_GROUP));
        let values = each.iter().zip(firsts);
        let values = values.map(|(codes, firsts)| take(&codes.values, &UInt32Array::from(firsts), None));
        Ok(Self { of_row, of_nothing, values: values.collect::<Result<_, _>>()? })
    }
}

/// The groups of one part of the rows, as they are found.
pub(super) struct Groups<'a> {
    wanted: &'a Wanted,
    codes: &'a Codes,
    numbers: Numbers,
    /// The group of each row of a batch.
    of_row: Vec<usize>,
    accumulators: Vec<Box<dyn GroupsAccumulator>>,
    /// Constants that were made for a batch before, such as the 1 of `count(*)`.
    constants: Vec<(ScalarValue, ArrayRef)>,
}

/// How groups are numbered.
enum Numbers {
    /// A few codes are the numbers themselves; which of them there are.
    Codes(Vec<bool>),
    /// Groups are numbered as they are met: the number of each code, and the codes of the groups.
    Met { of_code: Vec<u32>, codes: Vec<u32> },
}

impl Numbers {
    fn of(codes: usize) -> Self {
        if codes <= FEW_CODES {
            return Self::Codes(vec![false; codes]);
        }
        Self::Met { of_code: vec![NO_GROUP; codes], codes: Vec::new() }
    }

    /// Turns codes into the numbers of their groups; returns how many groups there are.
    fn number(&mut self, rows: &mut [usize]) -> usize {
        match self {
            Self::Codes(met) => {
                for code in rows {
                    met[*code] = true;
                }
                met.len()
            }
            Self::Met { of_code, codes } => {
                for code in rows {
                    let group = &mut of_code[*code];
                    if *group == NO_GROUP {
                        *group = u32::try_from(codes.len()).unwrap_or(NO_GROUP);
                        codes.push(u32::try_from(*code).unwrap_or(NO_GROUP));
                    }
                    *code = *group as usize;
                }
                codes.len()
            }
        }
    }

    /// The codes of the groups that were met, in the order of their numbers.
    fn met(&self) -> UInt32Array {
        match self {
            Self::Codes(met) => {
                let codes = met.iter().zip(0_u32..).filter(|(is_met, _)| **is_met);
                codes.map(|(_, code)| code).collect()
            }
            Self::Met { codes, .. } => UInt32Array::from(codes.clone()),
        }
    }

    fn memory_bytes(&self) -> usize {
        match self {
            Self::Codes(met) => met.capacity(),
            Self::Met { of_code, codes } => (of_code.capacity() + codes.capacity()) * size_of::<u32>(),
        }
    }
}

impl<'a> Groups<'a> {
    pub(super) fn new(wanted: &'a Wanted, codes: &'a Codes) -> Result<Self> {
        let accumulators = wanted.aggregates.iter().map(|it| it.create_groups_accumulator());
        let most = codes.values.first().map_or(0, Array::len);
        Ok(Self {
            wanted,
            codes,
            numbers: Numbers::of(most),
            of_row: Vec::new(),
            accumulators: accumulators.collect::<Result<_>>()?,
            constants: Vec::new(),
        })
    }

    /// Adds the rows of a batch to their groups.
    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let Some(rows) = batch.column(self.wanted.column).as_primitive_opt::<UInt32Type>() else {
            return internal_err!("row numbers of another type");
        };
        match &self.codes.of_row {
            Narrow::Byte(codes) => self.place(rows, codes),
            Narrow::Two(codes) => self.place(rows, codes),
            Narrow::Four(codes) => self.place(rows, codes),
        }
        let groups = self.numbers.number(&mut self.of_row);
        for ((aggregate, filter), accumulator) in
            self.wanted.aggregates.iter().zip(&self.wanted.filters).zip(&mut self.accumulators)
        {
            let values = aggregate.expressions();
            let constants = &mut self.constants;
            let values = values.iter().map(|expr| evaluated(expr, batch, constants));
            let values = values.collect::<Result<Vec<ArrayRef>>>()?;
            let filter = filter.as_ref().map(|filter| filter.evaluate(batch)?.into_array(batch.num_rows()));
            let filter: Option<BooleanArray> = filter.transpose()?.map(|filter| filter.as_boolean().clone());
            accumulator.update_batch(&values, &self.of_row, filter.as_ref(), groups)?;
        }
        Ok(())
    }

    /// The code of each row.
    fn place<T: Copy + Into<u32>>(&mut self, rows: &UInt32Array, codes: &[T]) {
        let nothing = self.codes.of_nothing as usize;
        let code = |row: &u32| codes.get(*row as usize).map_or(nothing, |code| (*code).into() as usize);
        self.of_row.clear();
        // What is null has some row, too: to look at it and to mend it is quicker than to ask each.
        self.of_row.extend(rows.values().iter().map(code));
        if let Some(nulls) = rows.nulls() {
            (!nulls.inner()).set_indices().for_each(|at| self.of_row[at] = nothing);
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let accumulators: usize = self.accumulators.iter().map(|accumulator| accumulator.size()).sum();
        self.numbers.memory_bytes() + accumulators
    }

    /// The groups with the states of their aggregates, as one batch.
    pub(super) fn finish(mut self, schema: &SchemaRef) -> Result<RecordBatch> {
        let met = self.numbers.met();
        let mut columns = Vec::with_capacity(schema.fields().len());
        for values in &self.codes.values {
            columns.push(take(values, &met, None)?);
        }
        for accumulator in &mut self.accumulators {
            for state in accumulator.state(EmitTo::All)? {
                let is_by_code = matches!(self.numbers, Numbers::Codes(_));
                columns.push(if is_by_code { take(&state, &met, None)? } else { state });
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(met.len()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
    }
}

/// The values of an expression for the rows of a batch; those of a constant are made once.
fn evaluated(
    expr: &Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
    constants: &mut Vec<(ScalarValue, ArrayRef)>,
) -> Result<ArrayRef> {
    let rows = batch.num_rows();
    let Some(constant) = expr.downcast_ref::<Literal>().map(Literal::value) else {
        return expr.evaluate(batch)?.into_array(rows);
    };
    if let Some((_, values)) = constants.iter().find(|(known, it)| known == constant && it.len() >= rows) {
        return Ok(values.slice(0, rows));
    }
    let values = constant.to_array_of_size(rows)?;
    constants.push((constant.clone(), Arc::clone(&values)));
    Ok(values)
}
