"""SedonaDB, in this process: points in polygons, and the nearest join.

The Parquet files are read once; points and polygons are kept in memory as WKB (`to_memtable`), so a figure
has no reading in it. ST_KNN is asked without a spheroid: the order is planar, in degrees; SedonaDB has no
nearest join on geography. With `--spheroid N` the first N schools are joined with use_spheroid too.
"""

import argparse
import warnings
from pathlib import Path

# SedonaDB says when it is imported that PROJ and GDAL are not there; nothing here uses them.
warnings.filterwarnings("ignore", "Failed to configure")

import sedonadb  # noqa: E402

from shared import Results, median_of  # noqa: E402

TABLES = {"inside": ["points", "areas"], "join": ["schools", "pharmacies"]}
INSIDE = "SELECT a.id, count(*) AS n FROM points p JOIN areas a ON ST_Within(p.shape, a.shape) GROUP BY a.id"


def connect(folder: Path, parts: list[str]):
    db = sedonadb.connect()
    point = "id, ST_Point(lon, lat) AS shape"
    shapes = {"areas": "id, ST_GeomFromText(area) AS shape"}
    for name in [name for part in parts for name in TABLES[part]]:
        db.read_parquet(str(folder / "peers" / f"{name}.parquet")).to_view(f"raw_{name}")
        select = shapes.get(name, point)
        db.sql(f"SELECT {select} FROM raw_{name}").to_memtable().to_view(name)
    return db


def ask(db, sql: str) -> list[dict]:
    return db.sql(sql).to_arrow_table().to_pylist()


def inside(db, runs: int, results: Results):
    seconds, rows = median_of(lambda: ask(db, INSIDE), runs)
    total = sum(row["n"] for row in rows)
    results.add("points in polygons", f"{seconds:.2f} s ({len(rows)} polygons, {total} pairs)")


def knn(k: int, spheroid: bool, sample: int | None = None) -> str:
    schools = f"(SELECT * FROM schools WHERE id <= {sample})" if sample else "schools"
    return (
        "SELECT count(*) AS n, sum(ST_Distance(s.shape, p.shape)) AS total "
        f"FROM {schools} s JOIN pharmacies p ON ST_KNN(s.shape, p.shape, {k}, {spheroid})"
    )


def nearest_join(db, runs: int, results: Results):
    for k in (1, 3):
        seconds, rows = median_of(lambda: ask(db, knn(k, False)), runs)
        total = f"{rows[0]['total']:.1f} degrees"
        results.add(f"nearest join, k = {k}", f"{seconds:.2f} s (planar; {rows[0]['n']} pairs, {total})")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="what data.py wrote")
    options.add_argument("--parts", default="inside,join", help="what to ask [%(default)s]")
    options.add_argument("--runs", type=int, default=3, help="runs after one that warms up [3]")
    options.add_argument("--spheroid", type=int, default=0, help="schools to join with use_spheroid [0]")
    options.add_argument("--results", help="a file that figures are added to")
    it = options.parse_args()
    results = Results("SedonaDB", it.results)
    parts = [part for part in it.parts.split(",") if part in TABLES]
    db = connect(it.folder, parts)
    if "inside" in parts:
        inside(db, it.runs, results)
    if "join" in parts:
        nearest_join(db, it.runs, results)
    if "join" in parts and it.spheroid:
        seconds, rows = median_of(lambda: ask(db, knn(1, True, it.spheroid)), 1, warm_ups=0)
        figure = f"{seconds:.2f} s ({rows[0]['n']} schools)"
        results.add("nearest join, k = 1, use_spheroid", figure)


if __name__ == "__main__":
    main()
