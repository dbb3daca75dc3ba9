"""Seeded data for derek and its peers: the same options, the same bytes.

In FOLDER: points, areas, schools and pharmacies as published documents for derek; in FOLDER/peers the same
rows as Parquet and CSV.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from shared import CITIES, COUNTRY

CHUNK = 500_000
WORDS = ["Дәріхана", "Мектеп", "Аурухана", "Кітапхана", "Балабақша", "Дүкен", "Асхана", "Мұражай"]
LABELS = {
    "id": ("Int", "Сәйкестендіргіш", "Идентификатор"),
    "name": ("String", "Атауы", "Название"),
    "kind": ("Int", "Түрі", "Вид"),
    "open": ("Boolean", "Ашық", "Открыто"),
    "rare": ("Int", "Сирек", "Редкое"),
    "tenth": ("Int", "Оннан бір", "Одно из десяти"),
    "geoposition": ("Geoposition", "Геонүкте", "Геопозиция"),
    "area": ("String", "Аумақ", "Территория"),
}


def head(name: str, fields: list[str]) -> bytes:
    body = {"fullnameKk": "derek жобасы", "fullnameRu": "Проект derek", "email": "derek@example.org"}
    meta = {
        "apiUri": name,
        "nameKk": f"Үлгі: {name}",
        "nameRu": f"Пример: {name}",
        "descriptionKk": "Сынаққа арналған ойдан шығарылған деректер",
        "descriptionRu": "Вымышленные данные для измерений",
        "responsible": body,
        "owner": body,
    }
    declared = {}
    for field in fields:
        kind, label_kk, label_ru = LABELS[field]
        declared[field] = {"type": kind, "labelKk": label_kk, "labelRu": label_ru}
    declared["id"]["pkey"] = True
    start = json.dumps({"meta": meta, "fields": declared}, ensure_ascii=False)
    return (start[:-1] + ',\n"data":[\n').encode()


def places(rng, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Three in four near a city (about 8 km around it), the others anywhere in the country's box.

    In ten-millionths of a degree, so that text and number are the same value everywhere.
    """
    cities = np.array(CITIES)
    city = cities[rng.choice(len(cities), count, p=cities[:, 2] / cities[:, 2].sum())]
    bell = rng.random((count, 2, 3)).sum(axis=2) - 1.5
    west, south, east, north = COUNTRY
    steppe = rng.random(count) < 0.25
    lon = np.where(steppe, rng.uniform(west, east, count), city[:, 0] + 0.2 * bell[:, 0])
    lat = np.where(steppe, rng.uniform(south, north, count), city[:, 1] + 0.12 * bell[:, 1])
    return (lon * 1e7).round().astype(np.int64), (lat * 1e7).round().astype(np.int64)


def points(rng, first: int, count: int, full: bool) -> pa.Table:
    kind = rng.integers(0, len(WORDS), count)
    number = pa.array(rng.integers(1, 5_000, count)).cast(pa.string())
    columns = {
        "id": pa.array(np.arange(first, first + count)),
        "name": pc.binary_join_element_wise(pa.array(WORDS).take(pa.array(kind)), number, " № "),
    }
    if full:
        columns["kind"] = pa.array(kind)
        columns["open"] = pa.array(rng.random(count) < 0.5)
        columns["rare"] = pa.array(rng.integers(0, 10_000, count))
        columns["tenth"] = pa.array(rng.integers(0, 10, count))
    columns["lon7"], columns["lat7"] = map(pa.array, places(rng, count))
    return pa.table(columns)


def decimals(sevenths: pa.ChunkedArray) -> pa.ChunkedArray:
    """Ten-millionths of a degree as text; none of them is negative."""
    whole = pc.divide(sevenths, 10_000_000)
    rest = pc.subtract(sevenths, pc.multiply(whole, 10_000_000))
    rest = pc.utf8_lpad(rest.cast(pa.string()), 7, "0")
    return pc.binary_join_element_wise(whole.cast(pa.string()), rest, ".")


def rows_of_json(table: pa.Table, is_first: bool) -> pa.Buffer:
    """The rows as JSON objects, one a line, each with the comma that parts it from the one before."""
    parts: list = []
    for at, name in enumerate(table.column_names):
        text = "" if at == 0 else ","
        if name == "lon7":
            continue
        if name == "lat7":
            place = pc.binary_join_element_wise(decimals(table["lat7"]), decimals(table["lon7"]), ",")
            parts += [text + '"geoposition":"', place, '"']
        elif pa.types.is_string(table[name].type):
            parts += [f'{text}"{name}":"', table[name], '"']
        else:
            parts += [f'{text}"{name}":', table[name].cast(pa.string())]
    lines = pc.binary_join_element_wise(",{", *parts, "}\n", "").combine_chunks()
    values = lines.cast(pa.large_string()).buffers()[2]
    return values.slice(1) if is_first else values


def degrees(table: pa.Table) -> pa.Table:
    """For the peers: longitude and latitude as numbers."""
    for name in ("lon", "lat"):
        if name + "7" in table.column_names:
            number = pa.array(table[name + "7"].to_numpy() / 1e7)
            table = table.set_column(table.column_names.index(name + "7"), name, number)
    return table


def write(folder: Path, name: str, fields: list[str], chunks):
    """A document, a Parquet file and a CSV file of the same rows, a chunk at a time."""
    start = time.perf_counter()
    parquet = csv = None
    rows = 0
    with open(folder / f"{name}.json", "wb") as document:
        document.write(head(name, fields))
        for table in chunks:
            document.write(rows_of_json(table, rows == 0))
            table = degrees(table)
            parquet = parquet or pq.ParquetWriter(folder / "peers" / f"{name}.parquet", table.schema)
            csv = csv or pa.csv.CSVWriter(folder / "peers" / f"{name}.csv", table.schema)
            parquet.write_table(table)
            csv.write_table(table)
            rows += table.num_rows
        document.write(b"]}\n")
    parquet.close()
    csv.close()
    size = (folder / f"{name}.json").stat().st_size / 1e6
    print(
        f"{name}: {rows} rows, {size:.0f} MB as a document, {time.perf_counter() - start:.1f} s", flush=True
    )


def chunks_of_points(seed: int, count: int, full: bool):
    rng = np.random.default_rng(seed)
    for first in range(0, count, CHUNK):
        yield points(rng, first + 1, min(CHUNK, count - first), full)


def wobbly_cell(rng, west: float, south: float, width: float, height: float) -> str:
    """A cell of the grid with a wavy outline of about 100 vertices: never crosses itself, for each vertex
    is seen from the middle, and leaves gaps to its neighbours or overlaps them."""
    count = int(rng.integers(80, 121))
    angle = np.arange(count) * (2 * math.pi / count)
    square = 1 / np.maximum(np.abs(np.cos(angle)), np.abs(np.sin(angle)))
    wave = 1 + 0.08 * np.sin(5 * angle + rng.uniform(0, 6)) + 0.03 * rng.uniform(-1, 1, count)
    lon = west + width / 2 * (1 + square * wave * np.cos(angle))
    lat = south + height / 2 * (1 + square * wave * np.sin(angle))
    ring = [f"{x:.7f} {y:.7f}" for x, y in zip(lon, lat)]
    return f"POLYGON(({', '.join([*ring, ring[0]])}))"


def areas(seed: int, count: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    west, south, east, north = COUNTRY
    columns = math.ceil(math.sqrt(1.6 * count))
    width, height = (east - west) / columns, (north - south) / math.ceil(count / columns)
    cells = [
        wobbly_cell(rng, west + at % columns * width, south + at // columns * height, width, height)
        for at in range(count)
    ]
    names = [f"Аумақ № {at + 1}" for at in range(count)]
    return pa.table({"id": pa.array(np.arange(1, count + 1)), "name": names, "area": cells})


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--points", type=int, default=100_000, help="rows [100000]")
    options.add_argument("--areas", type=int, default=1_000, help="polygons [1000]")
    options.add_argument("--schools", type=int, default=100_000, help="rows [100000]")
    options.add_argument("--pharmacies", type=int, default=10_000, help="rows [10000]")
    options.add_argument("--seed", type=int, default=1)
    it = options.parse_args()
    (it.folder / "peers").mkdir(parents=True, exist_ok=True)
    (it.folder / "peers" / ".derekignore").touch()
    write(
        it.folder,
        "points",
        ["id", "name", "kind", "open", "rare", "tenth", "geoposition"],
        chunks_of_points(it.seed, it.points, True),
    )
    write(it.folder, "areas", ["id", "name", "area"], [areas(it.seed + 1, it.areas)])
    for at, (name, count) in enumerate([("schools", it.schools), ("pharmacies", it.pharmacies)]):
        fields = ["id", "name", "geoposition"]
        write(it.folder, name, fields, chunks_of_points(it.seed + 2 + at, count, False))


if __name__ == "__main__":
    main()
