"""derek, over HTTP: the questions that the peers are asked.

Heavy questions say both times: what the client waits, and `elapsed_ms` that the server says. Look-ups are
asked by `wrk -t1 -c16` from 10,000 seeded places in turn.
"""

import argparse
import http.client
import json
import re
import statistics
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path

from shared import BOXES, FILTERS, Results, look_ups, spread_ms

INSIDE = (
    "SELECT a.id, count(*) AS n FROM points p JOIN areas a "
    "ON ST_Within(p.geoposition, ST_GeomFromText(a.area)) GROUP BY a.id"
)
NEAREST_JOIN = (
    "SELECT count(*) AS n, sum(ST_Distance(s.geoposition, p.geoposition)) AS metres "
    "FROM schools s JOIN pharmacies p ON ST_KNN(s.geoposition, p.geoposition, {k})"
)
WRK_FIGURES = {"rate": r"Requests/sec:\s+([\d.]+)", "p99": r"99%\s+(\S+)", "bad": r"Non-2xx[^:]*: (\d+)"}


class Derek:
    """One kept connection to a running server."""

    def __init__(self, url: str, timeout: float = 600):
        self.url = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(self.url.netloc, timeout=timeout)

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        text = json.dumps(body).encode() if body else None
        headers = {"Content-Type": "application/json"} if body else {}
        self.connection.request(method, path, text, headers)
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        if response.status != 200 or "error" in answer:
            error = answer.get("error", {})
            raise RuntimeError(f"{response.status} {error.get('code')}: {error.get('message')}")
        return answer

    def sql(self, sql: str, params: dict | None = None) -> dict:
        return self.ask("POST", "/sql", {"sql": sql, "params": params or {}})


def timed(ask, runs: int) -> tuple[list[float], list[float], dict]:
    """Wall seconds, seconds that the server says, and the last answer; one run before warms up."""
    walls, says, answer = [], [], ask()
    for _ in range(runs):
        start = time.perf_counter()
        answer = ask()
        walls.append(time.perf_counter() - start)
        says.append(answer["elapsed_ms"] / 1e3)
    return walls, says, answer


def both(walls: list[float], says: list[float]) -> str:
    return f"{statistics.median(walls):.2f} s (server {statistics.median(says):.2f} s"


def inside(derek: Derek, runs: int) -> str:
    walls, says, answer = timed(lambda: derek.sql(INSIDE), runs)
    total = sum(row["n"] for row in answer["rows"])
    return f"{both(walls, says)}; {answer['row_count']} polygons, {total} pairs)"


def nearest_join(derek: Derek, k: int, runs: int) -> str:
    walls, says, answer = timed(lambda: derek.sql(NEAREST_JOIN.format(k=k)), runs)
    row = answer["rows"][0]
    return f"{both(walls, says)}; {row['n']} pairs, {row['metres']:.0f} m)"


def nearest_sql(derek: Derek, condition: str | None, box: str, runs: int, seconds: float) -> str:
    """One connection: the look-up in SQL, its place as parameters."""
    where = f"WHERE {condition} " if condition else ""
    sql = f"SELECT id, ST_Distance(geoposition, ST_Point($lon, $lat)) AS d FROM points {where}ORDER BY d LIMIT 10"
    walls, says, end = [], [], time.perf_counter() + seconds
    for lon, lat in look_ups(box, runs + runs // 10):
        start = time.perf_counter()
        answer = derek.sql(sql, {"lon": lon, "lat": lat})
        walls.append(time.perf_counter() - start)
        says.append(answer["elapsed_ms"])
        if time.perf_counter() > end:
            break
    warm = max(1, len(walls) // 11) if len(walls) > 1 else 0
    return f"{spread_ms(walls[warm:])}, server {statistics.median(says[warm:]):.2f} ms"


def nearest_path(condition: str | None) -> str:
    where = f"&where={urllib.parse.quote(condition, safe='')}" if condition else ""
    return f"/datasets/points/nearest?k=10{where}"


def nearest_route(derek: Derek, condition: str | None, box: str, runs: int) -> str:
    """One connection: the typed route."""
    walls, path = [], nearest_path(condition)
    for lon, lat in look_ups(box, runs + runs // 10):
        start = time.perf_counter()
        derek.ask("GET", f"{path}&lat={lat:.6f}&lon={lon:.6f}")
        walls.append(time.perf_counter() - start)
    return spread_ms(walls[runs // 10 :])


def lua(path: str, box: str) -> str:
    """A script that asks from seeded places in turn; its requests are made before the clock starts."""
    places = ",".join(f'"&lat={lat:.6f}&lon={lon:.6f}"' for lon, lat in look_ups(box, 10_000))
    return (
        f"local places, all, at = {{{places}}}, {{}}, 0\n"
        f"init = function() for i, it in ipairs(places) do all[i] = wrk.format('GET', [[{path}]] .. it) end end\n"
        "request = function() at = at % #all + 1 return all[at] end\n"
    )


def wrk(url: str, path: str, box: str, seconds: float) -> str:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "look-up.lua"
        script.write_text(lua(path, box))
        words = ["wrk", "-t1", "-c16", f"-d{round(seconds)}s", "--latency", "-s", str(script), url]
        output = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found = {name: re.search(pattern, output) for name, pattern in WRK_FIGURES.items()}
    bad = f", {found['bad'][1]} ANSWERS WERE NOT 2xx" if found["bad"] else ""
    return f"{float(found['rate'][1]):.0f}/s (p99 {found['p99'][1]}{bad})"


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", default="http://127.0.0.1:8080", help="a running derek [%(default)s]")
    options.add_argument("--parts", default="nearest,inside,join", help="what to ask [%(default)s]")
    options.add_argument("--runs", type=int, default=1_000, help="look-ups of one connection [1000]")
    options.add_argument(
        "--heavy-runs", type=int, default=3, help="runs of a join, after one that warms up [3]"
    )
    options.add_argument(
        "--seconds", type=float, default=8, help="seconds of wrk, most of a look-up in SQL [8]"
    )
    options.add_argument("--results", help="a file that figures are added to")
    it = options.parse_args()
    derek, results, parts = Derek(it.url), Results("derek", it.results), it.parts.split(",")

    def add(question: str, ask, *arguments):
        try:
            results.add(question, ask(*arguments))
        except RuntimeError as error:
            results.add(question, f"refused: {error}")

    if "nearest" in parts:
        for name, condition in FILTERS.items():
            for box in BOXES:
                question = f"10 nearest, {name}, {box}"
                add(f"{question}, 1 connection", nearest_route, derek, condition, box, it.runs)
                add(f"{question}, 16 connections", wrk, it.url, nearest_path(condition), box, it.seconds)
                add(f"{question}, in SQL", nearest_sql, derek, condition, box, it.runs, it.seconds)
    if "inside" in parts:
        add("points in polygons", inside, derek, it.heavy_runs)
    if "join" in parts:
        for k in (1, 3):
            add(f"nearest join, k = {k}", nearest_join, derek, k, it.heavy_runs)


if __name__ == "__main__":
    main()
