//! The side of a spatial join that looks: its rows batch by batch, each with its matches.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, AsArray, RecordBatch, RecordBatchOptions, UInt32Array, new_null_array};
use arrow::compute::take;
use arrow::datatypes::SchemaRef;
use datafusion::common::JoinSide;
use datafusion::error::Result;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::metrics::{BaselineMetrics, Count, ExecutionPlanMetricsSet, MetricBuilder};
use futures::StreamExt;
use tokio::task::yield_now;

use super::join::{Alone, Match, Parts};
use super::join_build::Built;
use super::shapes::Shapes;
use crate::geo::Position;

/// Pairs that come out at once.
const MOST_PAIRS: usize = 8_192;
/// Rows that look before others have their turn, whatever they find.
const ROWS_A_TURN: usize = 1_024;
/// How long a thread is held.
const TURN: Duration = Duration::from_millis(5);

/// One partition of the side that looks.
pub(super) struct Probing {
    parts: Arc<Parts>,
    built: Arc<Built>,
    input: SendableRecordBatchStream,
    origins: Vec<(bool, usize)>,
    schema: SchemaRef,
    looking: Arc<AtomicUsize>,
    baseline: BaselineMetrics,
    probed: Count,
    stage: Stage,
    /// Batches that are made and not yet given.
    ready: VecDeque<RecordBatch>,
    memory: MemoryReservation,
}

enum Stage {
    Reading,
    /// A batch whose rows look.
    Looking(Looking),
    /// What some of its rows found, to be given in pieces.
    Found(Looking, Found),
    /// The next row of the built side that may come out by itself.
    Alone(usize),
    Done,
}

/// A batch on the side that looks.
struct Looking {
    batch: RecordBatch,
    places: Shapes,
    /// Its rows in the order in which they look: neighbours one after the other.
    order: Vec<u32>,
    /// How many have looked.
    done: usize,
}

impl Looking {
    fn new(batch: RecordBatch, kind: Match, places: Shapes) -> Self {
        let rows = 0..u32::try_from(batch.num_rows()).unwrap_or(u32::MAX);
        let points = places.points().filter(|_| matches!(kind, Match::Nearest { .. }));
        let order = match points {
            None => rows.collect(),
            Some(points) => {
                let mut cells: Vec<(u32, u32)> =
                    rows.map(|row| (points.get(row as usize).map_or(0, cell), row)).collect();
                cells.sort_unstable();
                cells.into_iter().map(|(_, row)| row).collect()
            }
        };
        Self { batch, places, order, done: 0 }
    }
}

/// The number of a cell of the globe, whose neighbours mostly have numbers near by (Morton's order).
fn cell(at: Position) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is within 16 bits")]
    let part = |share: f64| {
        let spread = |bits: u32, shift: u32, mask: u32| (bits | bits << shift) & mask;
        let bits = (share * 65_535.0) as u32 & 0xFFFF;
        let bits = spread(spread(bits, 8, 0x00FF_00FF), 4, 0x0F0F_0F0F);
        spread(spread(bits, 2, 0x3333_3333), 1, 0x5555_5555)
    };
    part((at.lon + 180.0) / 360.0) | part((at.lat + 90.0) / 180.0) << 1
}

/// Pairs of rows, of which some were given already.
struct Found {
    probe: Vec<u32>,
    build: Vec<u32>,
    given: usize,
    /// Which of the batch's order looked, and of these, where it matters, the rows that have a pair which meets
    /// the filter.
    looked: Range<usize>,
    matched: Vec<u32>,
}

impl Probing {
    #[expect(clippy::too_many_arguments, reason = "it is what one partition of a join is made of")]
    pub(super) fn new(
        parts: Arc<Parts>,
        built: Arc<Built>,
        input: SendableRecordBatchStream,
        origins: Vec<(bool, usize)>,
        schema: SchemaRef,
        looking: Arc<AtomicUsize>,
        memory: MemoryReservation,
        metrics: &ExecutionPlanMetricsSet,
        partition: usize,
    ) -> Self {
        let baseline = BaselineMetrics::new(metrics, partition);
        let probed = MetricBuilder::new(metrics).counter("probe_rows", partition);
        let (stage, ready) = (Stage::Reading, VecDeque::new());
        Self { parts, built, input, origins, schema, looking, baseline, probed, stage, ready, memory }
    }

    /// The next batch; none after the last.
    pub(super) async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let mut turn = Instant::now();
        loop {
            if let Some(batch) = self.ready.pop_front() {
                self.baseline.record_output(batch.num_rows());
                return Ok(Some(batch));
            }
            if turn.elapsed() > TURN {
                yield_now().await;
                turn = Instant::now();
            }
            match std::mem::replace(&mut self.stage, Stage::Done) {
                Stage::Reading => match self.input.next().await.transpose()? {
                    Some(batch) => {
                        let places = self.parts.on.probe.evaluate(&batch)?.into_array(batch.num_rows())?;
                        self.probed.add(batch.num_rows());
                        self.stage =
                            Stage::Looking(Looking::new(batch, self.parts.on.kind, Shapes::of(&places)?));
                    }
                    None => self.end(),
                },
                Stage::Looking(looking) => self.look(looking)?,
                Stage::Found(looking, found) => self.tell(looking, found)?,
                Stage::Alone(row) => self.tell_alone(row)?,
                Stage::Done => return Ok(None),
            }
        }
    }

    /// After its last batch, the last partition tells of the rows that nobody, or somebody, found.
    fn end(&mut self) {
        let is_last = self.looking.fetch_sub(1, Ordering::AcqRel) == 1;
        let tells = is_last && self.parts.build_alone() != Alone::None;
        self.stage = if tells { Stage::Alone(0) } else { Stage::Done };
    }

    fn look(&mut self, mut looking: Looking) -> Result<()> {
        let timer = self.baseline.elapsed_compute().clone();
        let _timer = timer.timer();
        let first = looking.done;
        let last = looking.order.len().min(first + ROWS_A_TURN);
        let (mut probe, mut build) = (Vec::new(), Vec::new());
        let points = looking.places.points();
        let table = Arc::clone(&self.built);
        let mut look_ups = table.look_ups(self.parts.on.kind);
        while looking.done < last && build.len() < MOST_PAIRS {
            let row = looking.order[looking.done];
            let from = match &points {
                Some(points) => points.get(row as usize),
                None => looking.places.point(row as usize),
            };
            if let Some(from) = from {
                look_ups.at(from, &mut build);
                probe.resize(build.len(), row);
            }
            looking.done += 1;
        }
        self.memory.try_resize(build.len() * 2 * size_of::<u32>())?;
        let (looked, matched) = (first..looking.done, Vec::new());
        self.stage = Stage::Found(looking, Found { probe, build, given: 0, looked, matched });
        Ok(())
    }

    /// Makes what comes out of the next pairs, and at their end of the rows that looked.
    fn tell(&mut self, looking: Looking, mut found: Found) -> Result<()> {
        let alone = self.parts.probe_alone();
        // One row can have a million matches.
        let end = found.build.len().min(found.given + MOST_PAIRS);
        if found.given < end {
            let (probe, build) = (&found.probe[found.given..end], &found.build[found.given..end]);
            let kept = self.meeting(&looking.batch, probe, build)?;
            let (probe, build) = kept.as_ref().map_or((probe, build), |(probe, build)| (probe, build));
            self.built.mark(build);
            if alone != Alone::None {
                found.matched.extend_from_slice(probe);
                found.matched.dedup();
            }
            if self.parts.emits.pairs && !build.is_empty() {
                let pairs = self.output(Some((&looking.batch, probe)), Some(build))?;
                self.ready.push_back(pairs);
            }
            found.given = end;
            self.stage = Stage::Found(looking, found);
            return Ok(());
        }
        if alone != Alone::None {
            found.matched.sort_unstable();
            let is_meant = |row: &u32| found.matched.binary_search(row).is_ok() == (alone == Alone::Matched);
            let looked = looking.order[found.looked.clone()].iter().copied();
            let rows: Vec<u32> = looked.filter(is_meant).collect();
            if !rows.is_empty() {
                let rows = self.output(Some((&looking.batch, &rows)), None)?;
                self.ready.push_back(rows);
            }
        }
        self.stage =
            if looking.done < looking.order.len() { Stage::Looking(looking) } else { Stage::Reading };
        Ok(())
    }

    /// The pairs that meet the filter; none where there is no filter and all do.
    fn meeting(
        &self,
        batch: &RecordBatch,
        probe: &[u32],
        build: &[u32],
    ) -> Result<Option<(Vec<u32>, Vec<u32>)>> {
        let Some(filter) = &self.parts.after else { return Ok(None) };
        let met = self.met(filter, batch, probe, build)?;
        let pairs = probe.iter().zip(build).zip(met).filter(|(_, met)| *met);
        Ok(Some(pairs.map(|((probe, build), _)| (*probe, *build)).unzip()))
    }

    fn tell_alone(&mut self, from: usize) -> Result<()> {
        let (rows, next) = self.built.alone(self.parts.build_alone(), from, MOST_PAIRS);
        if !rows.is_empty() {
            let rows = self.output(None, Some(&rows))?;
            self.ready.push_back(rows);
        }
        self.stage = if next < self.built.len() { Stage::Alone(next) } else { Stage::Done };
        Ok(())
    }

    /// Which pairs meet the filter.
    fn met(
        &self,
        filter: &JoinFilter,
        batch: &RecordBatch,
        probe: &[u32],
        build: &[u32],
    ) -> Result<Vec<bool>> {
        let built_side = if self.parts.build_is_left { JoinSide::Left } else { JoinSide::Right };
        let rows = UInt32Array::from(probe.to_vec());
        let columns = filter.column_indices().iter().map(|column| {
            if column.side == built_side {
                return Ok(self.built.take(&[column.index], build)?.remove(0));
            }
            Ok(take(batch.column(column.index), &rows, None)?)
        });
        let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(build.len()));
        let pairs = RecordBatch::try_new_with_options(Arc::clone(filter.schema()), columns, &options)?;
        let met = filter.expression().evaluate(&pairs)?.into_array(build.len())?;
        let met = met.as_boolean();
        Ok(met.iter().map(|met| met == Some(true)).collect())
    }

    /// A batch of these rows of both sides; the columns of a side that has none are null.
    fn output(&self, probe: Option<(&RecordBatch, &[u32])>, build: Option<&[u32]>) -> Result<RecordBatch> {
        let count = build.map(<[u32]>::len).or(probe.map(|(_, rows)| rows.len())).unwrap_or_default();
        let of_build: Vec<usize> =
            self.origins.iter().filter(|(built, _)| *built).map(|(_, at)| *at).collect();
        let taken = build.map(|rows| self.built.take(&of_build, rows)).transpose()?;
        let mut own = taken.into_iter().flatten();
        let rows = probe.map(|(batch, rows)| (batch, UInt32Array::from(rows.to_vec())));
        let columns = self.origins.iter().zip(self.schema.fields()).map(|((is_built, at), field)| {
            let taken = if *is_built {
                own.next()
            } else {
                rows.as_ref().map(|(batch, rows)| take(batch.column(*at), rows, None)).transpose()?
            };
            Ok(taken.unwrap_or_else(|| new_null_array(field.data_type(), count)))
        });
        let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}
