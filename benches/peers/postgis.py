"""PostGIS: nearest look-ups, points in polygons and the nearest join, on the private PostgreSQL of `setup`.

Warm cache: everything is asked once before it is measured. The order of `<->` on geography is that of the
sphere; distances in the answers are on the ellipsoid.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from shared import BOXES, FILTERS, Results, look_ups, median_of, percentile, spread_ms

PORT = os.environ.get("DEREK_PEERS_PORT", "55432")
PGBENCH = "/usr/lib/postgresql/15/bin/pgbench"
COLUMNS = "id, name, kind, open, rare, tenth, ST_X(place::geometry), ST_Y(place::geometry)"
POINT = "ST_SetSRID(ST_MakePoint(lon, lat), 4326)"
POINTS_ROW = "id int, name text, kind int, open boolean, rare int, tenth int, lon float8, lat float8"
SHORT_ROW = "id int, name text, lon float8, lat float8"


def connect() -> psycopg.Connection:
    return psycopg.connect(
        f"host=127.0.0.1 port={PORT} user=postgres dbname=peers", autocommit=True, prepare_threshold=0
    )


def copy(db, folder: Path, name: str, row: str):
    """The CSV file as the table raw_NAME."""
    db.execute(f"DROP TABLE IF EXISTS {name}, raw_{name}")
    db.execute(f"CREATE UNLOGGED TABLE raw_{name} ({row})")
    with open(folder / "peers" / f"{name}.csv", "rb") as file, db.cursor() as cursor:
        with cursor.copy(f"COPY raw_{name} FROM STDIN (FORMAT csv, HEADER)") as sink:
            while block := file.read(1 << 20):
                sink.write(block)


def shape(db, name: str, select: str, indexes: list[str]):
    """The table NAME from raw_NAME, its indexes and its statistics."""
    db.execute(f"CREATE UNLOGGED TABLE {name} AS SELECT {select} FROM raw_{name}")
    db.execute(f"DROP TABLE raw_{name}")
    for index in indexes:
        db.execute(f"CREATE INDEX ON {name} USING {index}")
    db.execute(f"VACUUM ANALYZE {name}")


def load_points(db, folder: Path, parts: list[str]):
    copy(db, folder, "points", POINTS_ROW)
    columns, indexes = ["id, name, kind, open, rare, tenth"], []
    if "nearest" in parts:
        columns.append(f"{POINT}::geography(Point, 4326) AS place")
        indexes.append("gist (place)")
    if "inside" in parts:
        columns.append(f"{POINT}::geometry(Point, 4326) AS shape")
        indexes.append("gist (shape)")
    shape(db, "points", ", ".join(columns), indexes)


def load(db, folder: Path, parts: list[str], results: Results):
    start = time.perf_counter()
    load_points(db, folder, parts)
    if "inside" in parts:
        copy(db, folder, "areas", "id int, name text, area text")
        shape(db, "areas", "id, name, ST_GeomFromText(area, 4326) AS shape", ["gist (shape)"])
        # Too small a table for parallel workers by default; with them each polygon is prepared once and meets
        # its own points, much faster than the other way round.
        db.execute("ALTER TABLE areas SET (parallel_workers = 2)")
    if "join" in parts:
        for name in ("schools", "pharmacies"):
            copy(db, folder, name, SHORT_ROW)
            shape(db, name, f"id, name, {POINT}::geography(Point, 4326) AS place", ["gist (place)"])
    results.add(f"load and index, {', '.join(parts)}", f"{time.perf_counter() - start:.0f} s")


def nearest_sql(condition: str | None, point: str) -> str:
    where = f"WHERE {condition}" if condition else ""
    return (
        f"SELECT {COLUMNS}, ST_Distance(place, {point}) FROM points {where} "
        f"ORDER BY place <-> {point} LIMIT 10"
    )


def one_connection(db, sql: str, box: str, runs: int, seconds: float) -> list[float]:
    """Seconds of each look-up, the first tenth (warming up) left out; ends early when time is up."""
    timings, end = [], time.perf_counter() + seconds
    with db.cursor() as cursor:
        for lon, lat in look_ups(box, runs + runs // 10):
            start = time.perf_counter()
            cursor.execute(sql, {"lon": lon, "lat": lat}).fetchall()
            timings.append(time.perf_counter() - start)
            if time.perf_counter() > end:
                break
    return timings[max(1, len(timings) // 11) :]


def pgbench_script(sql: str, box: str) -> str:
    """Places are drawn by pgbench itself, in millionths of a degree."""
    west, south, east, north = (round(edge * 1e6) for edge in BOXES[box])
    return f"\\set lon random({west}, {east})\n\\set lat random({south}, {north})\n{sql};\n"


def many_connections(condition: str | None, box: str, seconds: float) -> str:
    """pgbench, 16 connections, one thread, prepared statements: queries a second and p99."""
    point = "ST_SetSRID(ST_MakePoint(:lon / 1e6, :lat / 1e6), 4326)::geography"
    script = pgbench_script(nearest_sql(condition, point), box)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "look-up.sql").write_text(script)
        words = [PGBENCH, "-n", "-M", "prepared", "-c", "16", "-j", "1", "--random-seed=7", "--log"]
        words += ["-T", str(round(seconds)), "-f", "look-up.sql"]
        words += ["-h", "127.0.0.1", "-p", PORT, "-U", "postgres", "peers"]
        output = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout
        logs = [log.read_text().splitlines() for log in Path(folder).glob("pgbench_log.*")]
    micros = [float(line.split()[2]) for log in logs for line in log]
    if not micros:
        return "0/s (no answer in time: the machine is too busy)"
    tps = next(line.split()[2] for line in output.splitlines() if line.startswith("tps"))
    return f"{float(tps):.0f}/s (p99 {percentile(micros, 0.99) / 1e3:.1f} ms)"


def nearest(db, runs: int, seconds: float, results: Results):
    point = "ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)::geography"
    for name, condition in FILTERS.items():
        for box in BOXES:
            timings = one_connection(db, nearest_sql(condition, point), box, runs, seconds)
            results.add(f"10 nearest, {name}, {box}, 1 connection", spread_ms(timings))
            figure = many_connections(condition, box, seconds)
            results.add(f"10 nearest, {name}, {box}, 16 connections", figure)
    db.execute("CREATE INDEX points_rare ON points (rare)")
    db.execute("ANALYZE points")
    sql = nearest_sql(FILTERS["1 in 10,000"], point)
    timings = one_connection(db, sql, "dense", runs, seconds)
    results.add("10 nearest, 1 in 10,000, dense, with a B-tree on the filter", spread_ms(timings))
    db.execute("DROP INDEX points_rare")


def inside(db, runs: int, results: Results):
    """Counts per polygon, as the planner joins them: both sides have an index."""
    sql = "SELECT a.id, count(*) FROM areas a JOIN points p ON ST_Contains(a.shape, p.shape) GROUP BY a.id"
    seconds, rows = median_of(lambda: db.execute(sql).fetchall(), runs)
    total = sum(count for _, count in rows)
    results.add("points in polygons", f"{seconds:.2f} s ({len(rows)} polygons, {total} pairs)")


def nearest_join(db, k: int, sample: int, results: Results):
    """The first schools (rows are in no order), and what all of them would take; PostgreSQL runs a LATERAL
    with a LIMIT on one core."""
    total = db.execute("SELECT count(*) FROM schools").fetchone()[0]
    sample = min(sample, total)
    sql = (
        "SELECT count(*), sum(ST_Distance(s.place, p.place)) FROM "
        f"(SELECT place FROM schools WHERE id <= {sample}) s CROSS JOIN LATERAL "
        f"(SELECT place FROM pharmacies ORDER BY place <-> s.place LIMIT {k}) p"
    )
    seconds, rows = median_of(lambda: db.execute(sql).fetchone(), 1, warm_ups=0)
    said = "" if sample == total else f", {sample} schools took {seconds:.1f} s"
    whole = seconds * total / sample
    results.add(f"nearest join, k = {k}", f"{whole:.1f} s ({rows[0]} pairs, {rows[1]:.0f} m{said})")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="what data.py wrote")
    options.add_argument("--parts", default="nearest,inside,join", help="what to ask [nearest,inside,join]")
    options.add_argument("--keep", action="store_true", help="ask what was loaded before")
    options.add_argument("--runs", type=int, default=1_000, help="look-ups of one connection [1000]")
    options.add_argument("--seconds", type=float, default=8, help="most seconds of a look-up figure [8]")
    options.add_argument("--sample", type=int, default=50_000, help="schools that are joined [50000]")
    options.add_argument("--heavy-runs", type=int, default=3, help="runs of points in polygons [3]")
    options.add_argument("--results", help="a file that figures are added to")
    it = options.parse_args()
    parts, results = it.parts.split(","), Results("PostGIS", it.results)
    with connect() as db:
        if not it.keep:
            load(db, it.folder, parts, results)
        if "nearest" in parts:
            nearest(db, it.runs, it.seconds, results)
        if "inside" in parts:
            inside(db, it.heavy_runs, results)
        if "join" in parts:
            for k in (1, 3):
                nearest_join(db, k, it.sample, results)


if __name__ == "__main__":
    main()
