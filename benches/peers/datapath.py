"""Datasets that refer to each other, asked by derek's paths (`org.regionName`) and by DuckDB's joins.

One run makes the documents (see links.py), serves them with derek, loads the same rows into DuckDB, and asks
both in turn, each question warm. derek is asked over HTTP and its figure has all of that; DuckDB is in this
process, its rows in memory, its LEFT JOINs written by hand. An answer that differs, or that derek refuses,
makes the exit status 1.
"""

import argparse
import contextlib
import http.client
import json
import math
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

import links
from derek import Derek

WARM_UPS = 2
READY_WITHIN_S = 600
ORG = "FROM payments p LEFT JOIN orgs o ON p.org = o.id"
FIRM = "FROM payments p LEFT JOIN firms f ON p.firm = f.code"
CITY = "город Астана"
Rows = list[tuple]


@dataclass
class Question:
    name: str
    derek: str
    duckdb: str


def totals(name: str, path: str, column: str, joins: str) -> Question:
    """Payments by what their path leads to; a dangling or empty reference leads to NULL, as a LEFT JOIN does."""
    return Question(
        name,
        f"SELECT {path} AS region, count(*) AS n, sum(amount) AS total FROM payments GROUP BY 1",
        f"SELECT {column}, count(*), sum(p.amount) {joins} GROUP BY 1",
    )


def filtered(name: str, path: str, column: str, joins: str) -> Question:
    return Question(
        name,
        f"SELECT count(*) AS n, sum(amount) AS total FROM payments WHERE {path} = '{CITY}'",
        f"SELECT count(*), sum(p.amount) {joins} WHERE {column} = '{CITY}'",
    )


def grouped(name: str, select: str) -> Question:
    """A group for each organisation; `select` is of the groups' sums s."""
    return Question(
        name,
        f"SELECT {select} FROM (SELECT org.name AS name, sum(amount) AS s FROM payments GROUP BY 1) t",
        f"SELECT {select} FROM (SELECT o.name AS name, sum(p.amount) AS s {ORG} GROUP BY 1) t",
    )


QUESTIONS = [
    totals("integer key", "org.regionName", "o.regionName", ORG),
    totals("text key", "firm.regionName", "f.regionName", FIRM),
    totals("two links", "org.region.nameRu", "r.nameRu", f"{ORG} LEFT JOIN regions r ON o.region = r.id"),
    totals(
        "text key, two links",
        "firm.region.nameRu",
        "r.nameRu",
        f"{FIRM} LEFT JOIN regions r ON f.region = r.id",
    ),
    filtered("filter, integer key", "org.regionName", "o.regionName", ORG),
    filtered("filter, text key", "firm.regionName", "f.regionName", FIRM),
    grouped("many groups, counted", "count(*) AS n"),
    grouped("many groups, their sums used", "count(*) AS n, max(s) AS largest"),
    Question(
        "greatest and least referred value",
        "SELECT max(org.name) AS name, min(org.region) AS region FROM payments",
        f"SELECT max(o.name), min(o.region) {ORG}",
    ),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(process: subprocess.Popen, port: int):
    """/ready answers 200 when all is loaded; before that 503, or there is nobody to connect to."""
    end = time.perf_counter() + READY_WITHIN_S
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise SystemExit(f"derek ended with status {process.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", "/ready")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.02)
    raise SystemExit(f"derek was not ready within {READY_WITHIN_S} s")


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024


@contextlib.contextmanager
def serving(binary: Path, folder: Path) -> Iterator[tuple[Derek, subprocess.Popen, float]]:
    """A derek of our own, and the seconds until it was ready."""
    port, start = free_port(), time.perf_counter()
    documents = [str(folder / f"{name}.json") for name in links.FIELDS]
    options = ["--listen", f"127.0.0.1:{port}", "--query-timeout-s", "600", "--log-level", "warn"]
    process = subprocess.Popen([str(binary), "serve", *options, *documents])
    try:
        wait_until_ready(process, port)
        yield Derek(f"http://127.0.0.1:{port}"), process, time.perf_counter() - start
    finally:
        process.terminate()
        process.wait()


def duckdb_with_tables(folder: Path) -> duckdb.DuckDBPyConnection:
    """In memory, no indexes: a hash join of a whole table does not use one."""
    start, db = time.perf_counter(), duckdb.connect()
    db.execute(f"SET threads = {os.cpu_count()}")
    for name in links.FIELDS:
        db.read_parquet(str(folder / "peers" / f"{name}.parquet")).create(name)
    used_mb = db.execute("SELECT sum(memory_usage_bytes) / 1048576 FROM duckdb_memory()").fetchone()[0]
    seconds = time.perf_counter() - start
    print(f"DuckDB {duckdb.__version__}: loaded from Parquet in {seconds:.1f} s, {used_mb:.0f} MiB", flush=True)
    return db


def rows_of(answer: dict) -> Rows:
    if answer["truncated"]:
        raise RuntimeError("derek truncated the answer: it cannot be compared")
    names = [column["name"] for column in answer["columns"]]
    return [tuple(row[name] for name in names) for row in answer["rows"]]


def same_value(ours, theirs) -> bool:
    """Sums of doubles depend on the order they are added in, so those may differ in the last digits."""
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-9)
    return ours == theirs


def first_difference(ours: Rows, theirs: Rows) -> str | None:
    """Of the rows in order of their first values, which are keys where there is more than one row."""
    if len(ours) != len(theirs):
        return f"{len(ours)} rows against {len(theirs)}"
    order = [sorted(rows, key=lambda row: (row[0] is None, str(row[0]))) for rows in (ours, theirs)]
    for our, their in zip(*order):
        if len(our) != len(their) or not all(map(same_value, our, their)):
            return f"{our} against {their}"
    return None


def take_turns(asks: dict[str, Callable[[], Rows]], reps: int) -> tuple[dict[str, list[float]], dict[str, Rows]]:
    """Milliseconds of each peer, and its last answer. In turns: what slows the machine slows both."""
    times_ms: dict[str, list[float]] = {peer: [] for peer in asks}
    answers: dict[str, Rows] = {}
    for turn in range(WARM_UPS + reps):
        for peer, ask in asks.items():
            start = time.perf_counter()
            answers[peer] = ask()
            if turn >= WARM_UPS:
                times_ms[peer].append((time.perf_counter() - start) * 1e3)
    return times_ms, answers


def measure(question: Question, derek: Derek | None, db, reps: int) -> dict:
    """What there is to say of a question: figures by peer, and `problem` where answers are not the same."""
    asks: dict[str, Callable[[], Rows]] = {}
    row: dict = {"question": question.name, "problem": None}
    if derek:
        asks["derek"] = lambda: rows_of(derek.sql(question.derek))
        try:
            asks["derek"]()
        except RuntimeError as error:
            row["problem"] = f"refused: {error}"
            del asks["derek"]
    if db:
        asks["DuckDB"] = lambda: db.execute(question.duckdb).fetchall()
    times_ms, answers = take_turns(asks, reps)
    for peer, times in times_ms.items():
        row[peer] = {"median_ms": statistics.median(times), "best_ms": min(times), "times_ms": times}
    if len(answers) == 2:
        row["problem"] = first_difference(answers["derek"], answers["DuckDB"])
    row["rows"] = len(next(iter(answers.values()), []))
    row["compared"] = len(answers) == 2
    return row


def verdict(row: dict) -> str:
    if row["problem"]:
        return row["problem"] if not row["compared"] else f"DIFFERS: {row['problem']}"
    return "equal" if row["compared"] else "not compared"


def figure(row: dict, peer: str) -> str:
    return f"{row[peer]['median_ms']:.1f} ({row[peer]['best_ms']:.1f})" if peer in row else ""


def table(rows: list[dict]) -> str:
    """Medians, the best in brackets; a factor over 1 says that derek is faster."""
    lines = ["| question | derek, ms | DuckDB, ms | derek is faster | rows | answers |", "|" + " --- |" * 6]
    for row in rows:
        both = "derek" in row and "DuckDB" in row
        factor = f"{row['DuckDB']['median_ms'] / row['derek']['median_ms']:.2f} ×" if both else ""
        cells = [row["question"], figure(row, "derek"), figure(row, "DuckDB"), factor, row["rows"], verdict(row)]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def say_links(derek: Derek):
    try:
        for row in derek.sql("SELECT * FROM system.links")["rows"]:
            print("link:", json.dumps(row, ensure_ascii=False))
    except RuntimeError as error:
        print(f"links: refused: {error}")


def run(it) -> list[dict]:
    with contextlib.ExitStack() as stack:
        derek, process, db = None, None, None
        if it.only != "duckdb":
            derek, process, ready_s = stack.enter_context(serving(it.derek, it.folder))
            print(f"derek: ready in {ready_s:.1f} s, resident {resident_mb(process.pid):.0f} MiB", flush=True)
            say_links(derek)
        if it.only != "derek":
            db = duckdb_with_tables(it.folder)
        rows = []
        for question in QUESTIONS:
            rows.append(measure(question, derek, db, it.reps))
            said = [f"{peer} {text} ms" for peer in ("derek", "DuckDB") if (text := figure(rows[-1], peer))]
            print(f"{question.name}: {', '.join([*said, verdict(rows[-1])])}", flush=True)
        if process:
            print(f"derek: resident {resident_mb(process.pid):.0f} MiB after the questions")
    return rows


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--derek", type=Path, help="the binary to measure")
    options.add_argument("--folder", type=Path, required=True, help="where data is kept from run to run")
    options.add_argument("--rows", type=int, default=10_000_000, help="payments [10000000]")
    options.add_argument("--targets", type=int, default=1_000_000, help="organisations they go to [1000000]")
    options.add_argument("--reps", type=int, default=9, help=f"timed runs, after {WARM_UPS} that warm up [9]")
    options.add_argument("--only", choices=["derek", "duckdb"], help="leave out the other one")
    it = options.parse_args()
    if it.only != "duckdb" and not it.derek:
        options.error("--derek PATH, or --only duckdb")
    links.make(it.folder, it.rows, it.targets)
    rows = run(it)
    sizes = {"payments": it.rows, "organisations": it.targets, "duckdb": duckdb.__version__}
    lines = [json.dumps(sizes | row, ensure_ascii=False) + "\n" for row in rows]
    (it.folder / "datapath.jsonl").write_text("".join(lines), encoding="utf-8")
    print(f"\n{it.rows} payments to {it.targets} organisations; load average {os.getloadavg()[0]:.1f}\n")
    print(table(rows))
    sys.exit(any(row["problem"] for row in rows))


if __name__ == "__main__":
    main()
