"""Seeded pairs of shapes: points, lines and polygons from 10 m to 500 km that meet in every way.

Coordinates are whole ten-millionths of a degree, so that every reader of the text gets the same numbers.
"""

import math
from dataclasses import dataclass

import numpy as np

UNIT = 10_000_000
TURN = 360 * UNIT
METRES_OF_A_DEGREE = 111_320


@dataclass
class Shape:
    """A kind of WKT and its rings, lines or places, each an array of longitudes and latitudes."""

    kind: str
    parts: list[np.ndarray]

    def wkt(self, turn: int = 0) -> str:
        """As text, moved by so many whole turns of longitude."""
        texts = [
            ", ".join(f"{(x + turn * TURN) / UNIT:.7f} {y / UNIT:.7f}" for x, y in part.tolist())
            for part in self.parts
        ]
        inner = {"MULTIPOLYGON": "(({}))", "POINT": "{}", "LINESTRING": "{}"}.get(self.kind, "({})")
        body = ", ".join(inner.format(text) for text in texts)
        return f"{self.kind}({body})"

    def on_globe(self, turn: int = 0) -> str:
        """The same as derek takes it: points within ±180, where it has places; lines and areas may go beyond."""
        if self.kind not in ("POINT", "MULTIPOINT"):
            return self.wkt(turn)
        half = TURN // 2
        wrapped = [np.column_stack([(part[:, 0] + half) % TURN - half, part[:, 1]]) for part in self.parts]
        return Shape(self.kind, wrapped).wkt()

    def vertices(self) -> np.ndarray:
        return np.concatenate(self.parts)

    def beyond(self) -> bool:
        return bool((np.abs(self.vertices()) > [185 * UNIT, 89.99 * UNIT]).any())


@dataclass
class Pair:
    a: Shape
    b: Shape


def move(centre, metres: float, bearing: float) -> tuple[float, float]:
    lon, lat = centre
    degrees = metres / METRES_OF_A_DEGREE
    return (
        lon + degrees * math.sin(bearing) / max(0.01, math.cos(math.radians(lat))),
        lat + degrees * math.cos(bearing),
    )


def around(centre, metres: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Places around a centre, in whole units."""
    lon, lat = centre
    east = metres * np.cos(angle) / METRES_OF_A_DEGREE / math.cos(math.radians(lat))
    north = metres * np.sin(angle) / METRES_OF_A_DEGREE
    return np.stack([(lon + east) * UNIT, (lat + north) * UNIT], axis=1).round().astype(np.int64)


def ring(rng, centre, metres: float) -> np.ndarray:
    """A closed ring of 3 to 40 vertices that sees its centre from each of them, so it is valid."""
    count = int(rng.integers(3, 41))
    angle = (np.arange(count) + rng.uniform(-0.3, 0.3, count)) * (2 * math.pi / count)
    outline = around(centre, metres * rng.uniform(0.5, 1, count), angle)
    return np.concatenate([outline, outline[:1]])


def shrunk(outline: np.ndarray, centre, share: float) -> np.ndarray:
    middle = np.array(centre) * UNIT
    return (middle + (outline - middle) * share).round().astype(np.int64)


def line(rng, centre, metres: float) -> np.ndarray:
    count = int(rng.integers(2, 16))
    return around(centre, metres * rng.uniform(0.05, 1, count), rng.uniform(0, 2 * math.pi, count))


def polygon(rng, centre, metres: float) -> Shape:
    outline = ring(rng, centre, metres)
    holes = [shrunk(outline, centre, 0.4)[::-1]] if rng.random() < 0.25 else []
    return Shape("POLYGON", [outline, *holes])


def point(rng, centre, metres: float) -> Shape:
    return Shape("POINT", [around(centre, np.zeros(1), np.zeros(1))])


def make(rng, kind: str, centre, metres: float) -> Shape:
    if kind == "POLYGON":
        return polygon(rng, centre, metres)
    if kind == "LINESTRING":
        return Shape(kind, [line(rng, centre, metres)])
    if kind == "POINT":
        return point(rng, centre, metres)
    if kind == "MULTIPOINT":
        return Shape(kind, list(line(rng, centre, metres)[:, None, :]))
    one = ring if kind == "MULTIPOLYGON" else line
    other = move(centre, metres * 1.2, math.pi / 2)
    return Shape(kind, [one(rng, centre, metres * 0.5), one(rng, other, metres * 0.5)])


KINDS = ["POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON"]
SHARES = [0.25, 0.25, 0.35, 0.05, 0.05, 0.05]


def any_shape(rng, centre, metres: float) -> Shape:
    return make(rng, str(rng.choice(KINDS, p=SHARES)), centre, metres)


def boxes(rng, centre, metres: float) -> Pair:
    """Two boxes that share a side, a part of one, a corner, an area, or everything."""
    half = max(100, round(metres / METRES_OF_A_DEGREE * UNIT))
    x, y = (round(it * UNIT) for it in centre)

    def box(west: int, south: int) -> Shape:
        east, north = west + 2 * half, south + 2 * half
        corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        return Shape("POLYGON", [np.array(corners, dtype=np.int64)])

    along, up = (int(rng.integers(-2, 3)) * half for _ in range(2))
    return Pair(box(x, y), box(x + along, y + up))


def made_of(rng, a: Shape, centre) -> Shape:
    """A shape made of another's own vertices, so that they touch exactly."""
    vertices = a.vertices()
    ways = ["same", "vertex", "chord"] + (["outline", "shrunk", "hole"] if a.kind == "POLYGON" else [])
    way = rng.choice(ways)
    if way == "same":
        return a
    if way == "vertex":
        return Shape("POINT", [vertices[rng.integers(len(vertices))][None, :]])
    if way == "outline":
        return Shape("LINESTRING", [a.parts[0]])
    if way == "shrunk":
        return Shape("POLYGON", [shrunk(a.parts[0], centre, float(rng.choice([0.2, 0.7])))])
    if way == "hole" and len(a.parts) > 1:
        return Shape("POLYGON", [a.parts[1][::-1]])
    ends = vertices[rng.integers(0, len(vertices), 2)]
    return Shape("LINESTRING", [ends]) if (ends[0] != ends[1]).any() else Shape("POINT", [ends[:1]])


def centre_of(rng, region: str) -> tuple[float, float]:
    if region == "Kazakhstan":
        return rng.uniform(47, 87), rng.uniform(41, 55)
    if region == "date line":
        return 180 + rng.uniform(-1, 1), rng.uniform(-60, 70)
    return rng.uniform(-180, 180), float(rng.choice([-1, 1])) * (90 - 10 ** rng.uniform(-1.9, 1))


def size_of(rng, shortest: float, longest: float) -> float:
    return 10 ** rng.uniform(math.log10(shortest), math.log10(longest))


def meeting(rng, region: str, longest: float) -> Pair:
    """Two shapes of like sizes near each other."""
    centre, metres = centre_of(rng, region), size_of(rng, 10, longest)
    chance = rng.random()
    if chance < 0.15:
        return boxes(rng, centre, metres)
    a = any_shape(rng, centre, metres)
    if chance < 0.45:
        b = made_of(rng, a, centre)
        return Pair(a, b) if rng.random() < 0.5 else Pair(b, a)
    near = move(centre, metres * rng.uniform(0, 1.5), rng.uniform(0, 2 * math.pi))
    return Pair(a, any_shape(rng, near, min(longest, metres * size_of(rng, 0.1, 3))))


def apart(rng, region: str, longest: float, kinds: list[str]) -> Pair:
    """Two shapes from 1 m to 2,000 km apart; near a pole only points."""
    centre = centre_of(rng, region)
    there = move(centre, size_of(rng, 1, 2e6), rng.uniform(0, 2 * math.pi))
    kinds = ["POINT"] if region == "poles" else kinds
    smallest = min(10.0, longest) if longest < 10_000 else 10_000
    a, b = (make(rng, str(rng.choice(kinds)), it, size_of(rng, smallest, longest)) for it in (centre, there))
    return Pair(a, b)


def pairs(seed: int, count: int, draw) -> list[Pair]:
    """As many pairs as asked for; what leaves the globe is drawn again."""
    rng = np.random.default_rng(seed)
    found: list[Pair] = []
    while len(found) < count:
        pair = draw(rng)
        if not (pair.a.beyond() or pair.b.beyond()):
            found.append(pair)
    return found
