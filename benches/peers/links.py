"""Seeded documents that refer to each other, for `datapath.py`: the same options, the same bytes.

In FOLDER: regions, orgs, firms and payments as published documents for derek; in FOLDER/peers the same rows
as Parquet. orgs and firms are the same organisations, in two orders, under a number and under a text.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data import WORDS

REGIONS = Path(__file__).parents[2] / "fixtures" / "regions.json"
CHUNK_ROWS = 500_000
# One reference in so many is to an object that is not there, and one is empty: published data has both.
RARE = 1_000
FIRST_ID, ID_STEP = 1_000_000, 3
# Numbers of codes: odd ones are nobody's. The factor is prime to the count: each organisation gets its own.
CODES, CODE_FACTOR = 5_000_000_000, 3_141_592_653
# By document: field, its type, what it refers to. The first field is the key.
FIELDS = {
    "regions": [("id", "Int", None), ("nameRu", "String", None), ("nameKk", "String", None)],
    "orgs": [
        ("id", "Int", None),
        ("name", "String", None),
        ("region", "Int", "regions.id"),
        ("regionName", "String", None),
    ],
    "firms": [
        ("code", "String", None),
        ("name", "String", None),
        ("region", "Int", "regions.id"),
        ("regionName", "String", None),
    ],
    "payments": [
        ("id", "Int", None),
        ("org", "Int", "orgs.id"),
        ("firm", "String", "firms.code"),
        ("amount", "Double", None),
    ],
}
LABELS = {
    "id": ("Сәйкестендіргіш", "Идентификатор"),
    "code": ("Коды", "Код"),
    "name": ("Атауы", "Название"),
    "nameRu": ("Орысша атауы", "Название на русском"),
    "nameKk": ("Қазақша атауы", "Название на казахском"),
    "region": ("Өңір", "Регион"),
    "regionName": ("Өңірдің атауы", "Название региона"),
    "org": ("Ұйым", "Организация"),
    "firm": ("Фирма", "Фирма"),
    "amount": ("Сомасы", "Сумма"),
}


def head(name: str) -> bytes:
    """A document up to its first row."""
    body = {"fullnameKk": "derek жобасы", "fullnameRu": "Проект derek", "email": "derek@example.org"}
    meta = {
        "apiUri": name,
        "nameKk": f"Үлгі: {name}",
        "nameRu": f"Пример: {name}",
        "descriptionKk": "Сынаққа арналған ойдан шығарылған деректер",
        "descriptionRu": "Вымышленные данные для измерений",
        "keywords": ["үлгі", "пример"],
        "responsible": body,
        "owner": body,
    }
    fields: dict[str, dict] = {}
    for field, kind, datapath in FIELDS[name]:
        label_kk, label_ru = LABELS[field]
        fields[field] = {"type": kind, "labelKk": label_kk, "labelRu": label_ru}
        if datapath:
            fields[field]["datapath"] = datapath
    fields[FIELDS[name][0][0]]["pkey"] = True
    start = json.dumps({"meta": meta, "fields": fields}, ensure_ascii=False)
    return (start[:-1] + ',\n"data":[\n').encode()


def json_values(values: pa.Array, is_cents: bool) -> pa.Array:
    """Each value as JSON; the texts here have nothing to escape."""
    if is_cents:
        whole = pc.divide(values, 100)
        cents = pc.utf8_lpad(pc.subtract(values, pc.multiply(whole, 100)).cast(pa.string()), 2, "0")
        text = pc.binary_join_element_wise(whole.cast(pa.string()), cents, ".")
    elif pa.types.is_string(values.type):
        text = pc.binary_join_element_wise('"', values, '"', "")
    else:
        text = values.cast(pa.string())
    return pc.fill_null(text, "null")


def json_rows(batch: pa.RecordBatch, is_first: bool) -> pa.Buffer:
    """The rows as JSON objects, one a line, each with the comma that parts it from the one before."""
    parts: list = []
    for at, name in enumerate(batch.schema.names):
        key = "amount" if name == "cents" else name
        parts += [f'{"," if at else ""}"{key}":', json_values(batch[name], name == "cents")]
    values = pc.binary_join_element_wise(",{", *parts, "}\n", "").buffers()[2]
    return values.slice(1) if is_first else values


def with_amounts(batch: pa.RecordBatch) -> pa.RecordBatch:
    """For the peers: cents as the same double that the text of the document reads as."""
    if "cents" not in batch.schema.names:
        return batch
    amounts = pa.array(batch["cents"].to_numpy() / 100)
    columns = [amounts if name == "cents" else batch[name] for name in batch.schema.names]
    return pa.record_batch(columns, ["amount" if it == "cents" else it for it in batch.schema.names])


def write(folder: Path, name: str, batches: Iterator[pa.RecordBatch]):
    """A document and a Parquet file of the same rows, a chunk at a time."""
    start, rows, parquet = time.perf_counter(), 0, None
    path = folder / f"{name}.json"
    with open(path, "wb") as document:
        document.write(head(name))
        for batch in batches:
            document.write(json_rows(batch, rows == 0))
            batch = with_amounts(batch)
            parquet = parquet or pq.ParquetWriter(folder / "peers" / f"{name}.parquet", batch.schema)
            parquet.write_batch(batch)
            rows += batch.num_rows
        document.write(b"]}\n")
    parquet.close()
    size_mb, seconds = path.stat().st_size / 1e6, time.perf_counter() - start
    print(f"{name}: {rows} rows, {size_mb:.0f} MB as a document, {seconds:.1f} s", flush=True)


def regions() -> pa.RecordBatch:
    """Kazakhstan's 20, as the fixture has them: their keys have gaps."""
    rows = json.loads(REGIONS.read_text(encoding="utf-8"))["data"]
    return pa.record_batch({name: [row[name] for row in rows] for name, _, _ in FIELDS["regions"]})


def codes(numbers: np.ndarray) -> pa.Array:
    """Like KZ0012345678."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 10, "0")
    return pc.binary_join_element_wise("KZ", digits, "")


def organisations(rng, count: int, of_regions: pa.RecordBatch) -> pa.RecordBatch:
    """Each with its two keys; neither says anything of the place in the order."""
    place = np.arange(count)
    region = pa.array(rng.integers(0, of_regions.num_rows, count))
    number = pa.array(place + 1).cast(pa.string())
    word = pa.array(WORDS).take(pa.array(rng.integers(0, len(WORDS), count)))
    return pa.record_batch(
        {
            "id": pa.array(FIRST_ID + ID_STEP * rng.permutation(count)),
            "code": codes(2 * (rng.permutation(count) * CODE_FACTOR % CODES)),
            "name": pc.binary_join_element_wise(word, number, " № "),
            "region": of_regions["id"].take(region),
            "regionName": of_regions["nameRu"].take(region),
        }
    )


def chunks_of(batch: pa.RecordBatch, name: str) -> Iterator[pa.RecordBatch]:
    """The fields of the document of that name, copied: a slice would still have the whole's buffers."""
    for first in range(0, batch.num_rows, CHUNK_ROWS):
        rows = pa.array(np.arange(first, min(first + CHUNK_ROWS, batch.num_rows)))
        yield batch.select([field for field, _, _ in FIELDS[name]]).take(rows)


def references(rng, of: pa.Array, nobody: pa.Array) -> pa.Array:
    """The keys `of`, but one in RARE is `nobody`'s and one in RARE is empty."""
    fate = rng.integers(0, RARE, len(of))
    values = pc.if_else(pa.array(fate == 0), nobody, of)
    return pc.if_else(pa.array(fate == 1), pa.scalar(None, of.type), values)


def payments(rng, count: int, of: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """org and firm of a row mean the same organisation, unless one of them is dangling or empty."""
    for first in range(0, count, CHUNK_ROWS):
        rows = min(CHUNK_ROWS, count - first)
        payee = pa.array(rng.integers(0, of.num_rows, rows))
        no_id = pa.array(FIRST_ID + 1 + ID_STEP * rng.integers(0, of.num_rows, rows))
        no_code = codes(1 + 2 * rng.integers(0, CODES, rows))
        yield pa.record_batch(
            {
                "id": pa.array(np.arange(first + 1, first + rows + 1)),
                "org": references(rng, of["id"].take(payee), no_id),
                "firm": references(rng, of["code"].take(payee), no_code),
                "cents": pa.array(rng.integers(100, 100_000_000, rows)),
            }
        )


def make(folder: Path, rows: int, targets: int, seed: int = 1):
    """All four, unless they are there with the same sizes: the file of sizes is written last."""
    sizes, said = folder / "sizes", f"{rows} payments to {targets} organisations, seed {seed}\n"
    if sizes.exists() and sizes.read_text() == said:
        return
    (folder / "peers").mkdir(parents=True, exist_ok=True)
    (folder / "peers" / ".derekignore").touch()
    sizes.unlink(missing_ok=True)
    rng = np.random.default_rng(seed)
    of_regions = regions()
    those = organisations(rng, targets, of_regions)
    write(folder, "regions", iter([of_regions]))
    write(folder, "orgs", chunks_of(those, "orgs"))
    write(folder, "firms", chunks_of(those.take(pa.array(rng.permutation(targets))), "firms"))
    write(folder, "payments", payments(rng, rows, those))
    sizes.write_text(said)
