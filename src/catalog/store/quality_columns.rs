//! Measures of quality and their parts as columns: what was added since a row was read.

use std::sync::Arc;

use arrow::array::{Float64Builder, Int64Builder, RecordBatch, StringBuilder, TimestampMillisecondBuilder};
use rusqlite::{Connection, Row};

use super::grown;
use crate::catalog::system::{Column, batch};

/// The columns of `system.quality`.
#[derive(Default)]
pub(super) struct MeasureColumns {
    measure: Int64Builder,
    dataset: StringBuilder,
    version: Int64Builder,
    measured_at: TimestampMillisecondBuilder,
    algorithm: Int64Builder,
    score: Float64Builder,
}

impl MeasureColumns {
    fn add(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        self.measure.append_value(row.get(0)?);
        self.dataset.append_value(row.get_ref(1)?.as_str()?);
        self.version.append_value(row.get(2)?);
        self.measured_at.append_value(row.get(3)?);
        self.algorithm.append_value(row.get(4)?);
        self.score.append_value(row.get(5)?);
        Ok(())
    }

    pub(super) fn finish(mut self) -> RecordBatch {
        batch(vec![
            Column("measure", Arc::new(self.measure.finish())),
            Column("dataset", Arc::new(self.dataset.finish())),
            Column("version", Arc::new(self.version.finish())),
            Column("measured_at", Arc::new(self.measured_at.finish().with_timezone("+00:00"))),
            Column("algorithm", Arc::new(self.algorithm.finish())),
            Column("score", Arc::new(self.score.finish())),
        ])
    }
}

/// The columns of `system.quality_parts`.
#[derive(Default)]
pub(super) struct PartColumns {
    measure: Int64Builder,
    part: StringBuilder,
    weight: Float64Builder,
    good: Int64Builder,
    judged: Int64Builder,
    points: Float64Builder,
}

impl PartColumns {
    fn add(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        self.measure.append_value(row.get(1)?);
        self.part.append_value(row.get_ref(2)?.as_str()?);
        self.weight.append_value(row.get(3)?);
        self.good.append_value(row.get(4)?);
        self.judged.append_value(row.get(5)?);
        self.points.append_value(row.get(6)?);
        Ok(())
    }

    pub(super) fn finish(mut self) -> RecordBatch {
        batch(vec![
            Column("measure", Arc::new(self.measure.finish())),
            Column("part", Arc::new(self.part.finish())),
            Column("weight", Arc::new(self.weight.finish())),
            Column("good", Arc::new(self.good.finish())),
            Column("judged", Arc::new(self.judged.finish())),
            Column("points", Arc::new(self.points.finish())),
        ])
    }
}

/// The measures after a row, and the last row.
pub(super) fn added_measures(
    connection: &Connection,
    after: i64,
) -> rusqlite::Result<(Vec<RecordBatch>, i64)> {
    let sql = "SELECT number, dataset, version, measured_at_ms, algorithm, score FROM measure
               WHERE number > ?1 ORDER BY number";
    let (mut statement, mut last) = (connection.prepare(sql)?, after);
    let add = |columns: &mut MeasureColumns, row: &Row<'_>| {
        last = row.get(0)?;
        columns.add(row)
    };
    let batches =
        grown::read(statement.query([after])?, MeasureColumns::default, add, MeasureColumns::finish)?;
    Ok((batches, last))
}

/// The parts after a row, and the last row.
pub(super) fn added_parts(connection: &Connection, after: i64) -> rusqlite::Result<(Vec<RecordBatch>, i64)> {
    let sql = "SELECT number, measure, part, weight, good, judged, points FROM part
               WHERE number > ?1 ORDER BY number";
    let (mut statement, mut last) = (connection.prepare(sql)?, after);
    let add = |columns: &mut PartColumns, row: &Row<'_>| {
        last = row.get(0)?;
        columns.add(row)
    };
    let batches = grown::read(statement.query([after])?, PartColumns::default, add, PartColumns::finish)?;
    Ok((batches, last))
}
