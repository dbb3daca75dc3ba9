"""Loading into a store, beside DuckDB writing Parquet of the same rows; and how soon a store answers again.

    $DEREK_PEERS/python/bin/python store.py --derek PATH [--megabytes N] [--points FOLDER/points.json]

Loads: `derek load` as a process into a fresh store, and DuckDB's COPY to Parquet (zstd) from a JSON array and from
NDJSON, in turn. DuckDB does not sync what it writes: its file is synced here, within its time. Restarts: from the
start of `derek serve` until /ready, the first answers then, and until all is in memory. Files are read before each
run, so they are in the page cache. A row count or a sum that is not DuckDB's makes the exit status 1.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np

from data import head, places
from derek import Derek
from shared import Results, home

SEED = 1
CHUNK_ROWS = 2_000
IN_MEMORY_WITHIN_S = 60
STREETS = ["Абай", "Сарыарқа", "Қабанбай батыр", "Тәуелсіздік", "Мәңгілік Ел", "Кенесары"]
REGIONS = [10, 11, 15, 19, 23, 27, 31, 33, 35, 39, 43, 47, 55, 59, 61, 62, 63, 71, 75, 79]
# As in ../generator.rs, whose rows these are: nearly everything a text.
HEAD = """{"meta":{"apiUri":"generated","nameKk":"Үлгі","nameRu":"Пример","nameEn":"Generated example"},
"fields":{"id":{"type":"Int","pkey":true},"name":{"type":"String"},"region":{"type":"Int","datapath":"regions.id"},
"address":{"type":"Address"},"geoposition":{"type":"Geoposition"},"area":{"type":"Double"},"open24h":{"type":"Boolean"},
"licenceDate":{"type":"Date","format":"DD.MM.YYYY"},
"schedule":{"type":"Object","fields":{"open":{"type":"String"},"close":{"type":"String"}}},
"phones":{"type":"List","elementType":"String"}},"data":[
"""
ROW = (
    '{"id":"%d","name":"Дәріхана № %d","region":"%d","address":"%s көшесі, %d-үй","geoposition":"%.6f,%.6f",'
    '"area":"%d,%d","open24h":"%s","licenceDate":"%02d.%02d.%d","schedule":{"open":"0%d:00","close":"2%d:00"},'
    '"phones":["+7 (7172) %02d-%02d-%02d"]}'
)
# DuckDB would leave them all as texts. A decimal comma and a point it cannot read, so those stay.
COLUMNS = (
    "{id: 'BIGINT', name: 'VARCHAR', region: 'BIGINT', address: 'VARCHAR', geoposition: 'VARCHAR', area: 'VARCHAR',"
    " open24h: 'BOOLEAN', licenceDate: 'DATE', schedule: 'STRUCT(open VARCHAR, close VARCHAR)', phones: 'VARCHAR[]'}"
)


@dataclass
class Figure:
    """Seconds of each run; `megabytes` is what a load read, `note` what else there is to say."""

    question: str
    peer: str = "derek"
    seconds: list[float] = field(default_factory=list)
    megabytes: float | None = None
    note: str = ""

    def parts(self) -> list[str]:
        """The median, the best, MB/s of the median, the note."""
        median = statistics.median(self.seconds)
        times = [f"{it:.2f} s" if it >= 1 else f"{it * 1e3:.1f} ms" for it in (median, min(self.seconds))]
        return [*times, f"{self.megabytes / median:.0f}" if self.megabytes else "", self.note]

    def text(self) -> str:
        median, best, speed, note = self.parts()
        said = filter(None, [f"best {best} of {len(self.seconds)}", speed and f"{speed} MB/s", note])
        return f"{median} ({', '.join(said)})"


def rows_from(rng, first: int) -> list[str]:
    """CHUNK_ROWS objects as JSON."""

    def numbers(low: int, high: int) -> list[int]:
        return rng.integers(low, high, CHUNK_ROWS).tolist()

    street, region, open24h = [rng.choice(it, CHUNK_ROWS).tolist() for it in (STREETS, REGIONS, ["true", "false"])]
    lon, lat = [(it / 1e7).tolist() for it in places(rng, CHUNK_ROWS)]
    place = [region, street, numbers(1, 200), lat, lon]
    date = [numbers(1, 29), numbers(1, 13), numbers(2010, 2027)]
    hours, phone = [numbers(7, 10), numbers(0, 4)], [numbers(10, 100) for _ in range(3)]
    values = [numbers(1, 5_000), *place, numbers(20, 900), numbers(0, 10), open24h]
    return [ROW % row for row in zip(range(first, first + CHUNK_ROWS), *values, *date, *hours, *phone)]


def make(folder: Path, megabytes: int):
    """The document, the array and the NDJSON, unless they are there: the file of the size is written last."""
    size, said = folder / "size", f"{megabytes} MB\n"
    if size.exists() and size.read_text() == said:
        return
    folder.mkdir(parents=True, exist_ok=True)
    size.unlink(missing_ok=True)
    start, rng, rows, written = time.perf_counter(), np.random.default_rng(SEED), 0, 0
    with contextlib.ExitStack() as stack:
        names = ["generated.json", "array.json", "rows.ndjson"]
        document, array, ndjson = [stack.enter_context(open(folder / name, "wb")) for name in names]
        document.write(HEAD.encode())
        array.write(b"[")
        while written < megabytes * 1_000_000:
            # A row has no line break of its own: each ends its line, the comma is before the next one.
            lines = "\n".join(rows_from(rng, rows + 1)).encode()
            parted = (b",\n" if rows else b"") + lines.replace(b"\n", b",\n")
            written += document.write(parted)
            array.write(parted)
            ndjson.write(lines + b"\n")
            rows += CHUNK_ROWS
        document.write(b"\n]}\n")
        array.write(b"\n]\n")
    size.write_text(said)
    print(f"generated: {rows} rows, {written / 1e6:.0f} MB, {time.perf_counter() - start:.1f} s", flush=True)


def make_small(folder: Path, count: int):
    """Documents of 10 rows, each a dataset of its own: small1, small2 and so on."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rng = np.random.default_rng(SEED)
    for number in range(1, count + 1):
        lon, lat = [(it / 1e7).tolist() for it in places(rng, 10)]
        row = '{"id":%d,"name":"Орын","geoposition":"%.6f,%.6f"}'
        rows = ",\n".join(row % values for values in zip(range(1, 11), lat, lon))
        text = head(f"small{number}", ["id", "name", "geoposition"]) + f"{rows}\n]}}\n".encode()
        (folder / f"small{number}.json").write_bytes(text)


def settle(*inputs: Path):
    """Earlier writes are on disk and the inputs in the page cache: neither is in the time of what follows."""
    subprocess.run(["cat", *inputs], stdout=subprocess.DEVNULL, check=True)
    os.sync()


def size_mb(path: Path) -> float:
    files = [it for it in path.rglob("*") if it.is_file()] if path.is_dir() else [path]
    return sum(it.stat().st_size for it in files) / 1e6


def load(binary: Path, source: Path, store: Path) -> float:
    """Wall seconds of `derek load` into a fresh store."""
    shutil.rmtree(store, ignore_errors=True)
    settle(*([source] if source.is_file() else source.iterdir()))
    start = time.perf_counter()
    done = subprocess.run([binary, "load", source, "--store", store], capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"derek load ended with status {done.returncode}: {done.stderr}")
    return seconds


def copy(source: Path, layout: str, parquet: Path) -> float:
    """Wall seconds of DuckDB's COPY, and of syncing the file it wrote."""
    parquet.unlink(missing_ok=True)
    settle(source)
    with duckdb.connect() as db:
        read = f"read_json('{source}', format='{layout}', columns={COLUMNS}, dateformat='%d.%m.%Y')"
        start = time.perf_counter()
        db.execute(f"COPY (SELECT * FROM {read}) TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)")
        with open(parquet, "rb") as file:
            os.fsync(file.fileno())
        return time.perf_counter() - start


def measure_loads(it) -> list[Figure]:
    """In turn: what slows the machine slows all. The last store and Parquet files stay."""
    document, store = it.folder / "generated.json", it.folder / "store"
    derek, peers = Figure("load a document", megabytes=size_mb(document)), []
    for name, layout in [("array.json", "array"), ("rows.ndjson", "newline_delimited")]:
        source = it.folder / name
        peers.append((Figure(f"COPY {name}", "DuckDB", megabytes=size_mb(source)), source, layout))
    for _ in range(it.runs):
        derek.seconds.append(load(it.derek, document, store))
        for figure, source, layout in peers:
            parquet = source.with_suffix(".parquet")
            figure.seconds.append(copy(source, layout, parquet))
            figure.note = f"Parquet {size_mb(parquet):.1f} MB"
    derek.note = f"store {size_mb(store):.1f} MB"
    return [derek, *(figure for figure, _, _ in peers)]


@contextlib.contextmanager
def starting(binary: Path, store: Path) -> Iterator[tuple[Derek, float]]:
    """A derek of our own once /ready answers 200, and the `perf_counter` of its start."""
    command = [binary, "serve", "--store", store, "--listen", "127.0.0.1:0", "--query-timeout-s", "600"]
    start = time.perf_counter()
    process = subprocess.Popen([*command, "--log-level", "warn"], stdout=subprocess.PIPE, text=True)
    try:
        # Its table of datasets comes first.
        said = next((line for line in process.stdout if line.startswith("listening on ")), None)
        if not said:
            raise SystemExit(f"derek ended with status {process.wait()}")
        derek = Derek(said.split()[-1])
        while not is_ready(derek):
            time.sleep(0.005)
        yield derek, start
    finally:
        process.terminate()
        process.communicate()


def is_ready(derek: Derek) -> bool:
    try:
        return derek.ask("GET", "/ready")["status"] == "ready"
    except RuntimeError:
        return False


def sql(text: str) -> str:
    return f"/sql?q={urllib.parse.quote(text)}"


def wait_for_memory(derek: Derek) -> bool:
    ask, end = sql("SELECT storage FROM system.datasets"), time.perf_counter() + IN_MEMORY_WITHIN_S
    while any(row["storage"] != "memory" for row in derek.ask("GET", ask)["rows"]):
        if time.perf_counter() > end:
            return False
        time.sleep(0.05)
    return True


def restart(it, what: str, store: Path, dataset: str, column: str) -> Iterator[Figure]:
    """Of `--runs` starts. What was answered is checked where there are DuckDB's files of the same rows."""
    names = ["until /ready", "first count(*)", "first sum", "first nearest", "until all is in memory"]
    figures = [Figure(f"{what}: {name}") for name in names]
    asks = [sql(f"SELECT {value} AS it FROM {dataset}") for value in ("count(*)", f"sum({column})")]
    asks.append(f"/datasets/{dataset}/nearest?lat=51.13&lon=71.43&k=5")
    for _ in range(it.runs):
        settle(*(path for path in store.rglob("*") if path.is_file()))
        with starting(it.derek, store) as (derek, start):
            times, answers = [start, time.perf_counter()], []
            for ask in asks:
                answers.append(derek.ask("GET", ask)["rows"][0])
                times.append(time.perf_counter())
            if not wait_for_memory(derek):
                figures[-1].note = f"GIVEN UP after {IN_MEMORY_WITHIN_S} s"
            figures[-1].seconds.append(time.perf_counter() - start)
        for figure, before, after in zip(figures, times, times[1:]):
            figure.seconds.append(after - before)
    figures[1].note = f"{answers[0]['it']} rows"
    if dataset == "generated":
        figures[2].note = compared(it.folder, (answers[0]["it"], answers[1]["it"]))
    yield from figures


def compared(folder: Path, ours: tuple[int, int]) -> str:
    """derek's count and sum, against both of DuckDB's files."""
    for name in ["array.parquet", "rows.parquet"]:
        theirs = duckdb.execute(f"SELECT count(*), sum(region)::BIGINT FROM '{folder / name}'").fetchone()
        if ours != theirs:
            return f"DIFFERS: count and sum {ours} against {theirs} of {name}"
    return "answers equal DuckDB's"


def loaded_once(it, question: str, source: Path, store: Path) -> Figure:
    seconds, megabytes = load(it.derek, source, store), size_mb(source) if source.is_file() else None
    return Figure(question, "derek", [seconds], megabytes, f"store {size_mb(store):.1f} MB")


def run(it) -> Iterator[Figure]:
    make(it.folder, it.megabytes)
    yield from measure_loads(it)
    yield from restart(it, "restart", it.folder / "store", "generated", "region")
    small, many = it.folder / "small", it.folder / "many"
    make_small(small, it.datasets)
    yield loaded_once(it, f"load {it.datasets} datasets", small, many)
    yield from restart(it, f"restart, {it.datasets} datasets", many, "small1", "id")
    if it.points:
        document = it.points / "points.json" if it.points.is_dir() else it.points
        yield loaded_once(it, "load points", document, it.folder / "points")
        yield from restart(it, "restart, points", it.folder / "points", "points", "kind")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--derek", type=Path, required=True, help="the binary to measure")
    options.add_argument("--folder", type=Path, default=home() / "store", help="on a real disk; kept [%(default)s]")
    options.add_argument("--megabytes", type=int, default=1_000, help="size of the document [1000]")
    options.add_argument("--datasets", type=int, default=1_000, help="of the store of small datasets [1000]")
    options.add_argument("--points", type=Path, help="a points.json of data.py, or its folder")
    options.add_argument("--runs", type=int, default=3, help="of each load and each restart [3]")
    options.add_argument("--results", help="a file that lines of JSON are added to")
    it = options.parse_args()
    it.folder, it.derek = it.folder.resolve(), it.derek.resolve()
    lines, differs = ["| question | peer | median | best | MB/s | |", "|" + " --- |" * 6], False
    for figure in run(it):
        Results(figure.peer, it.results).add(figure.question, figure.text())
        lines.append(f"| {' | '.join([figure.question, figure.peer, *figure.parts()])} |")
        differs |= "DIFFERS" in figure.note
    print(f"\nDuckDB {duckdb.__version__}, {os.cpu_count()} cores; load average {os.getloadavg()[0]:.1f}\n")
    print("\n".join(lines))
    sys.exit(differs)


if __name__ == "__main__":
    main()
