//! Many regions, for finding which of them hold a position.

use super::bounds::Bounds;
use super::position::Position;
use super::region::{Location, Region};

/// Cells a region should get: of a cell's positions few are then near a border.
const CELLS_A_REGION: usize = 1 << 10;
/// Cells at least and at most.
const CELLS: (usize, usize) = (1 << 12, 1 << 20);
/// What all cells together may list: for each region, and at least and at most.
const LISTED_A_REGION: usize = 1 << 12;
const LISTED: (usize, usize) = (1 << 14, 1 << 22);
/// What a position's cell may be wrong by, in degrees, and more.
const SLACK: f64 = 1e-9;
/// Set with a region's number where the whole cell is inside it.
const INSIDE: u32 = 1 << 31;
/// Regions that the grid lists: so that lists of eight cells each have numbers below the flags.
const MOST_GRIDDED: usize = 1 << 26;
/// What a cell's entry takes while the grid is built and then in lists of several, in bytes.
const ENTRY_BYTES: usize = 14;
/// Set in a cell that has several regions: the rest says where its list starts.
const SEVERAL: u32 = 1 << 30;
/// A cell without regions.
const NONE: u32 = u32::MAX;

/// Many regions, for finding which of them hold a position; shared between threads as they are.
///
/// A grid over all regions lists for each cell the regions that may hold a position in it, and
/// those that hold the whole cell: most positions need no edge at all. Exact, as
/// [`Region::locate`].
///
/// For 1,000 polygons of 100 edges that tile a country: 0.1 s to build, 12 KB a polygon, some 60 ns a
/// position.
///
/// ```
/// use derek::geo::{Geometry, Position, Region, Regions};
///
/// let west = Geometry::from_wkt("POLYGON((70 50,71 50,71 52,70 52,70 50))")?;
/// let east = Geometry::from_wkt("POLYGON((71 50,73 50,73 52,71 52,71 50))")?;
/// let regions = Regions::new([&west, &east].map(|area| Some(Region::new(area))));
///
/// let mut found = Vec::new();
/// regions.locate(Position::new(71.4, 51.1), &mut |region, _| found.push(region));
/// assert_eq!(found, [1]);
/// # Ok::<(), derek::geo::GeometryFault>(())
/// ```
#[derive(Debug)]
pub struct Regions {
    all: Vec<Option<Region>>,
    grid: Grid,
    /// For each cell its region, or where in `listed` its regions are.
    cells: Vec<u32>,
    /// The regions of cells that have several: how many, then these, ascending.
    listed: Vec<u32>,
}

/// Cells of equal size over a box.
#[derive(Debug, Clone, Copy)]
struct Grid {
    bounds: Bounds,
    columns: usize,
    rows: usize,
    columns_a_degree: f64,
    rows_a_degree: f64,
}

impl Regions {
    /// These regions, numbered from 0 in their order; none, and an empty one, holds nothing.
    ///
    /// Cost: 90 µs a region of 100 edges, and 4 to 16 KB each beside the regions themselves, for a
    /// grid of 1,000 cells a region; less where there are more than 1,000 regions. What the grid may
    /// take while it is built, [`grid_bytes`](Self::grid_bytes) tells.
    ///
    /// There may be as many as memory holds; those from the 2²⁶th on are in no grid, and each position
    /// asks all of them.
    #[must_use]
    pub fn new(regions: impl IntoIterator<Item = Option<Region>>) -> Self {
        let regions: Vec<Option<Region>> = regions.into_iter().collect();
        let gridded = &regions[..regions.len().min(MOST_GRIDDED)];
        let around: Vec<Bounds> = gridded.iter().flatten().flat_map(boxes).collect();
        let grid = Grid::over(&around, gridded.len());
        let mut cells: Vec<(u32, u32)> = Vec::with_capacity(grid.listed(&around));
        for (number, region) in (0..).zip(gridded) {
            let Some(region) = region else { continue };
            let start = cells.len();
            boxes(region).for_each(|bounds| grid.list(region, number, bounds, &mut cells));
            // A region with two boxes may have come twice to a cell.
            cells[start..].sort_unstable();
            let mut kept = start;
            for at in start..cells.len() {
                if at == start || cells[at].0 != cells[kept - 1].0 {
                    cells[kept] = cells[at];
                    kept += 1;
                }
            }
            cells.truncate(kept);
        }
        let (cells, listed) = by_cell(cells, grid.columns * grid.rows);
        Self { all: regions, grid, cells, listed }
    }

    /// What the grid of so many regions takes at most while it is built, in bytes, beside the regions
    /// themselves: room for 4,096 cells a region up to 1,024 regions. Most regions of a country take a
    /// third of it.
    ///
    /// ```
    /// use derek::geo::Regions;
    ///
    /// assert!(Regions::grid_bytes(1_000) < 64 << 20);
    /// ```
    #[must_use]
    pub fn grid_bytes(count: usize) -> usize {
        let count = count.min(MOST_GRIDDED);
        let boxes = 3 * count * size_of::<Bounds>();
        boxes + ENTRY_BYTES * Grid::most_listed(count) + size_of::<u32>() * Grid::most_cells(count)
    }

    /// How many regions there are, empty ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is no region.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The region with this number; none where there is none.
    #[must_use]
    pub fn region(&self, number: u32) -> Option<&Region> {
        self.all.get(number as usize)?.as_ref()
    }

    /// The memory these regions and their grid hold, in bytes, without what the allocator adds.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let own: usize = self.all.iter().flatten().map(|it| it.memory_bytes() - size_of::<Region>()).sum();
        size_of::<Self>()
            + self.all.capacity() * size_of::<Option<Region>>()
            + own
            + (self.cells.capacity() + self.listed.capacity()) * size_of::<u32>()
    }

    /// Calls `found` with each region that holds the position, inside or on its boundary, in
    /// ascending order of their numbers.
    ///
    /// A position [off the globe](Position::is_on_globe) is in none.
    ///
    /// Cost: one look into the grid where no border is in the position's cell; else that of
    /// [`Region::locate`] for each region with a border there.
    #[inline]
    pub fn locate(&self, at: Position, found: &mut impl FnMut(u32, Location)) {
        let entry = self.grid.cell(at).map_or(NONE, |cell| self.cells[cell]);
        match entry {
            NONE => {}
            entry if entry & (INSIDE | SEVERAL) == SEVERAL => {
                let start = (entry & !SEVERAL) as usize;
                for entry in &self.listed[start + 1..][..self.listed[start] as usize] {
                    self.locate_in(*entry, at, found);
                }
            }
            entry => self.locate_in(entry, at, found),
        }
        if self.all.len() > MOST_GRIDDED {
            self.locate_beyond_grid(at, found);
        }
    }

    #[cold]
    fn locate_beyond_grid(&self, at: Position, found: &mut impl FnMut(u32, Location)) {
        for (number, region) in (0..=u32::MAX).zip(&self.all).skip(MOST_GRIDDED) {
            match region.as_ref().map_or(Location::Outside, |region| region.locate(at)) {
                Location::Outside => {}
                location => found(number, location),
            }
        }
    }

    #[inline]
    fn locate_in(&self, entry: u32, at: Position, found: &mut impl FnMut(u32, Location)) {
        if entry & INSIDE != 0 {
            found(entry & !INSIDE, Location::Inside);
        } else if let Some(region) = &self.all[entry as usize] {
            match region.locate(at) {
                Location::Outside => {}
                location => found(entry, location),
            }
        }
    }
}

/// The boxes of a region on the globe, longitudes within ±180.
fn boxes(region: &Region) -> impl Iterator<Item = Bounds> {
    let globe = Bounds { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };
    let cut = move |own: Bounds| Bounds {
        west: own.west.max(globe.west),
        south: own.south.max(globe.south),
        east: own.east.min(globe.east),
        north: own.north.min(globe.north),
    };
    let shifted =
        region.bounds().into_iter().flat_map(|own| [0.0, 360.0, -360.0].map(|shift| own.shifted(shift)));
    shifted.filter(move |own| own.meets(globe)).map(cut)
}

/// What each cell has, of cells with a region each, and the lists of those that have several.
fn by_cell(mut found: Vec<(u32, u32)>, count: usize) -> (Vec<u32>, Vec<u32>) {
    // In place, and in each cell by the regions' numbers.
    found.sort_unstable_by_key(|(cell, entry)| (*cell, *entry & !INSIDE));
    let mut cells = vec![NONE; count];
    let several = found.chunk_by(|one, other| one.0 == other.0).filter(|same| same.len() > 1);
    let mut listed = Vec::with_capacity(several.map(|same| same.len() + 1).sum());
    for same in found.chunk_by(|one, other| one.0 == other.0) {
        let cell = same[0].0 as usize;
        if let [(_, only)] = same {
            cells[cell] = *only;
            continue;
        }
        cells[cell] = SEVERAL | u32::try_from(listed.len()).unwrap_or(u32::MAX);
        listed.push(u32::try_from(same.len()).unwrap_or(u32::MAX));
        listed.extend(same.iter().map(|(_, entry)| *entry));
    }
    (cells, listed)
}

impl Grid {
    /// A grid over all boxes, as fine as its lists may be long.
    fn over(boxes: &[Bounds], regions: usize) -> Self {
        let nowhere = Bounds { west: 0.0, south: 0.0, east: 0.0, north: 0.0 };
        let bounds = boxes.iter().copied().reduce(Bounds::merge).unwrap_or(nowhere);
        let mut cells = Self::most_cells(regions);
        loop {
            let grid = Self::of_cells(bounds, cells);
            if cells == 1 || grid.listed(boxes) <= Self::most_listed(regions) {
                return grid;
            }
            cells /= 2;
        }
    }

    fn most_cells(regions: usize) -> usize {
        regions.saturating_mul(CELLS_A_REGION).clamp(CELLS.0, CELLS.1)
    }

    fn most_listed(regions: usize) -> usize {
        regions.saturating_mul(LISTED_A_REGION).clamp(LISTED.0, LISTED.1).max(8 * regions)
    }

    /// How many cells these boxes reach, all together.
    fn listed(&self, boxes: &[Bounds]) -> usize {
        boxes.iter().map(|own| self.columns_of(*own).len() * self.rows_of(*own).len()).sum()
    }

    /// A grid of about this many cells, as wide as high in degrees.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn of_cells(bounds: Bounds, cells: usize) -> Self {
        let (width, height) = (bounds.east - bounds.west, bounds.north - bounds.south);
        let columns = (cells as f64 * width / height).sqrt();
        let columns = if columns.is_nan() { 1 } else { (columns as usize).clamp(1, cells) };
        let rows = (cells / columns).max(1);
        let a_degree = |count: usize, size: f64| if size > 0.0 { count as f64 / size } else { 0.0 };
        Self {
            bounds,
            columns,
            rows,
            columns_a_degree: a_degree(columns, width),
            rows_a_degree: a_degree(rows, height),
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    #[inline]
    fn column(&self, lon: f64) -> usize {
        (((lon - self.bounds.west) * self.columns_a_degree) as usize).min(self.columns - 1)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    #[inline]
    fn row(&self, lat: f64) -> usize {
        (((lat - self.bounds.south) * self.rows_a_degree) as usize).min(self.rows - 1)
    }

    fn columns_of(&self, bounds: Bounds) -> std::ops::Range<usize> {
        self.column(bounds.west)..self.column(bounds.east) + 1
    }

    fn rows_of(&self, bounds: Bounds) -> std::ops::Range<usize> {
        self.row(bounds.south)..self.row(bounds.north) + 1
    }

    /// The cell of a position, if it is in the grid.
    #[inline]
    fn cell(&self, at: Position) -> Option<usize> {
        let Bounds { west, south, east, north } = self.bounds;
        let is_in = west <= at.lon && at.lon <= east && south <= at.lat && at.lat <= north;
        is_in.then(|| self.row(at.lat) * self.columns + self.column(at.lon))
    }

    /// The longitudes or latitudes between which a column or row is.
    #[expect(clippy::cast_precision_loss, reason = "at most a million")]
    fn span(low: f64, high: f64, which: usize, count: usize) -> (f64, f64) {
        let at = |which: usize| low + (high - low) * (which as f64 / count as f64);
        (at(which), at(which + 1))
    }

    /// Lists the cells where a region is, among those of a box around it: row by row, cells that an
    /// edge reaches, and of the cells between two such ones whether they are inside.
    fn list(&self, region: &Region, number: u32, around: Bounds, cells: &mut Vec<(u32, u32)>) {
        let columns = self.columns_of(around);
        let mut is_reached = vec![false; columns.len()];
        for row in self.rows_of(around) {
            is_reached.fill(false);
            let (south, north) = Self::span(self.bounds.south, self.bounds.north, row, self.rows);
            region.reach(south - SLACK, north + SLACK, &mut |west, east| {
                for turn in [0.0, 360.0, -360.0] {
                    let (west, east) = (west + turn - SLACK, east + turn + SLACK);
                    if west <= around.east && around.west <= east {
                        let from = self.column(west).max(columns.start) - columns.start;
                        let to = self.column(east).min(columns.end - 1) - columns.start;
                        is_reached[from..=to].fill(true);
                    }
                }
            });
            let mut before = None;
            for (column, is_reached) in columns.clone().zip(&is_reached) {
                let entry = if *is_reached {
                    before = None;
                    Some(number)
                } else {
                    let middle = |(low, high): (f64, f64)| f64::midpoint(low, high);
                    let lon = middle(Self::span(self.bounds.west, self.bounds.east, column, self.columns));
                    *before.get_or_insert_with(|| {
                        match region.locate(Position::new(lon, middle((south, north)))) {
                            Location::Outside => None,
                            Location::Inside => Some(number | INSIDE),
                            Location::Boundary => Some(number),
                        }
                    })
                };
                let cell = u32::try_from(row * self.columns + column).unwrap_or(u32::MAX);
                cells.extend(entry.map(|entry| (cell, entry)));
            }
        }
    }
}
