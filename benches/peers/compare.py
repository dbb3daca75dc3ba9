"""Is derek right? The same seeded shapes, asked of PostGIS and of a running derek.

Relations are compared with PostGIS **geometry** (edges straight in longitude and latitude, as derek's are);
measures with PostGIS **geography** (edges geodesic): the set with edges up to 2 km shows how well the two
agree, the set with edges up to 500 km how far the two kinds of edges are apart.
"""

import argparse
import math
import os
from dataclasses import dataclass, field

import psycopg

from derek import Derek
from shapes import Pair, apart, meeting, pairs

RELATIONS = ["ST_Within", "ST_Contains", "ST_Covers", "ST_CoveredBy", "ST_Intersects", "ST_Disjoint"]
KINDS = ["POINT", "LINESTRING", "POLYGON"]
BATCH_BYTES = 60_000  # Below derek's limit for one text of SQL.
# Regions, and how far a shape reaches from its middle, in metres: an edge is at most twice as long.
SETS = [
    ("Kazakhstan", 1_000),
    ("date line", 1_000),
    ("poles", 1_000),
    ("Kazakhstan", 250_000),
    ("date line", 250_000),
]
# ST_DWithin asks for these shares of a pair's distance.
FACTORS = [0.5, 0.9, 0.999, 1.001, 1.1, 2.0]


@dataclass
class Row:
    """One comparison: the texts that derek gets, those that PostGIS gets, and metres of ST_DWithin."""

    a: str
    b: str
    peer_a: str
    peer_b: str
    metres: float = 0.0


@dataclass
class Outcome:
    compared: int = 0
    differ: int = 0
    far: int = 0
    largest: float = 0.0
    relative: float = 0.0
    shown: list[str] = field(default_factory=list)


def ask_postgis(db, function: str, shape: str, rows: list[Row]) -> list:
    """PostGIS's answers, one a row; `shape` is geometry or geography."""
    arguments = [f"ST_GeomFromText(t.{it}, 4326)::{shape}" for it in arguments_of(function)]
    arguments += ["t.metres"] if function == "ST_DWithin" else []
    sql = (
        f"SELECT {function}({', '.join(arguments)}) "
        "FROM unnest(%s::text[], %s::text[], %s::float8[]) WITH ORDINALITY AS t(a, b, metres, at) ORDER BY at"
    )
    columns = [[row.peer_a for row in rows], [row.peer_b for row in rows], [row.metres for row in rows]]
    return [value for (value,) in db.execute(sql, columns).fetchall()]


def arguments_of(function: str) -> list[str]:
    return ["a"] if function in ("ST_Length", "ST_Perimeter", "ST_Area") else ["a", "b"]


def batches(rows: list[Row]):
    """As many rows as fit one text of SQL."""
    batch, size = [], 0
    for row in rows:
        more = len(row.a) + len(row.b) + 60
        if batch and size + more > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += more
    if batch:
        yield batch


def ask_derek(derek: Derek, function: str, rows: list[Row]) -> list:
    arguments = [f"ST_GeomFromText({it})" for it in arguments_of(function)]
    arguments += ["metres"] if function == "ST_DWithin" else []
    answers = []
    for batch in batches(rows):
        values = ", ".join(f"({at}, '{it.a}', '{it.b}', {it.metres!r})" for at, it in enumerate(batch))
        answer = derek.sql(
            f"SELECT at, {function}({', '.join(arguments)}) AS value "
            f"FROM (VALUES {values}) AS t(at, a, b, metres) ORDER BY at"
        )
        answers += [row["value"] for row in answer["rows"]]
    return answers


def gap(function: str, ours, theirs) -> float:
    if ours is None or theirs is None or isinstance(theirs, bool):
        return 0.0 if ours == theirs else math.inf
    if function == "ST_Azimuth":
        return abs(math.remainder(ours - theirs, 2 * math.pi))
    return abs(ours - theirs)


def judge(function: str, rows: list[Row], ours: list, theirs: list, show: int) -> Outcome:
    """A measure differs beyond 1 mm (mm², 1e-6 radians) and a millionth; `far` counts 0.1 %."""
    assert len(ours) == len(theirs) == len(rows), "an answer for each row"
    floor = 1e-6 if function in ("ST_Azimuth", "ST_Area") else 1e-3
    outcome = Outcome(len(rows))
    for row, our, their in zip(rows, ours, theirs):
        off = gap(function, our, their)
        whole = 1.0 if function == "ST_Azimuth" or not their else abs(their)
        if off <= floor:
            continue
        if math.isfinite(off):
            outcome.largest, outcome.relative = max(outcome.largest, off), max(outcome.relative, off / whole)
        if off / whole > 1e-6:
            outcome.differ += 1
            outcome.far += off / whole > 1e-3
            if len(outcome.shown) < show:
                outcome.shown.append(f"{function}: derek {our}, PostGIS {their}\n    {row.a}\n    {row.b}")
    return outcome


def compare(derek: Derek, db, function: str, shape: str, rows: list[Row], it) -> None:
    if not rows:
        return
    theirs = ask_postgis(db, function, shape, rows)
    yes = f", {sum(map(bool, theirs))} yes" if isinstance(theirs[0], bool) else ""
    if it.peer_only:
        print(f"  {function:14} {len(rows):6} asked of PostGIS{yes}")
        return
    try:
        ours = ask_derek(derek, function, rows)
    except RuntimeError as error:
        print(f"  {function:14} refused: {error}")
        return
    found = judge(function, rows, ours, theirs, it.show)
    text = f"  {function:14} {found.compared:6} compared{yes}, {found.differ} differ"
    if not yes:
        text += f" ({found.far} by over 0.1 %), largest {found.largest:.4g}, relative {found.relative:.3g}"
    print(text, *found.shown, sep="\n    ", flush=True)


def rows_of(found: list[Pair], turn: int = 0) -> list[Row]:
    """With `turn`, derek gets the second shape a whole turn away, as the other side of the date line says."""
    return [Row(it.a.on_globe(), it.b.on_globe(turn), it.a.wkt(), it.b.wkt()) for it in found]


def relations(derek, db, it):
    for at, (region, turn) in enumerate([("Kazakhstan", 0), ("date line", 0), ("date line", -1)]):
        found = pairs([it.seed, 0, at], it.pairs, lambda rng: meeting(rng, region, 500_000))
        said = ", the second shape written on the other side" if turn else ""
        print(f"Relations, {region}{said}: {len(found)} pairs")
        for function in RELATIONS:
            compare(derek, db, function, "geometry", rows_of(found, turn), it)


def with_metres(db, rows: list[Row]) -> list[Row]:
    """Metres near each pair's distance, some below it, some above."""
    distances = ask_postgis(db, "ST_Distance", "geography", rows)
    return [
        Row(row.a, row.b, row.peer_a, row.peer_b, max(1.0, distance * FACTORS[at % len(FACTORS)]))
        for at, (row, distance) in enumerate(zip(rows, distances))
    ]


def measures(derek, db, it):
    for at, (region, longest) in enumerate(SETS):
        found = pairs([it.seed, 1, at], it.pairs, lambda rng: apart(rng, region, longest, KINDS))
        rows = rows_of(found)
        edges = "points only" if region == "poles" else f"edges up to {longest * 2 // 1000} km"
        print(f"Measures, {region}, {edges}: {len(found)} pairs")
        only = {kind: [row for row, pair in zip(rows, found) if pair.a.kind == kind] for kind in KINDS}
        points = [row for row, pair in zip(rows, found) if pair.a.kind == pair.b.kind == "POINT"]
        compare(derek, db, "ST_Distance", "geography", rows, it)
        compare(derek, db, "ST_DWithin", "geography", with_metres(db, rows), it)
        compare(derek, db, "ST_Azimuth", "geography", points, it)
        compare(derek, db, "ST_Length", "geography", only["LINESTRING"], it)
        compare(derek, db, "ST_Perimeter", "geography", only["POLYGON"], it)
        compare(derek, db, "ST_Area", "geography", only["POLYGON"], it)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", default="http://127.0.0.1:8080", help="a running derek [%(default)s]")
    options.add_argument("--pairs", type=int, default=1_000, help="pairs of shapes a set [1000]")
    options.add_argument("--show", type=int, default=3, help="differing pairs that are shown a function [3]")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--peer-only", action="store_true", help="ask PostGIS alone, to try out the shapes")
    it = options.parse_args()
    port = os.environ.get("DEREK_PEERS_PORT", "55432")
    with psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=peers", autocommit=True) as db:
        db.execute("SET client_min_messages = warning")  # Else it says that it turned longitudes into ±180.
        relations(Derek(it.url), db, it)
        measures(Derek(it.url), db, it)


if __name__ == "__main__":
    main()
