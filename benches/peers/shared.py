"""What the scripts share: places, look-ups, percentiles, results."""

import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

# As in ../generator.rs: longitude, latitude, share of all points in percent.
CITIES = [
    (76.9286, 43.2567, 30.0),
    (71.4278, 51.1801, 20.0),
    (69.5958, 42.3167, 12.0),
    (73.0870, 49.8028, 8.0),
    (57.1674, 50.2839, 8.0),
    (51.8833, 47.1167, 6.0),
    (80.2275, 50.4111, 6.0),
    (63.6241, 53.2144, 10.0),
]
COUNTRY = (47.0, 41.0, 87.0, 55.0)

# Where look-ups come from: west, south, east, north.
BOXES = {"dense": (76.85, 43.2, 77.0, 43.3), "open": COUNTRY}

# The filters of the nearest look-ups: how many rows pass, and the condition.
FILTERS = {"all": None, "1 in 10": "tenth = 0", "1 in 10,000": "rare = 0"}


def home() -> Path:
    default = Path(tempfile.gettempdir()) / "derek-peers"
    return Path(os.environ.get("DEREK_PEERS", default))


def look_ups(box: str, count: int, seed: int = 7) -> list[tuple[float, float]]:
    """Seeded places (longitude, latitude) to look from."""
    west, south, east, north = BOXES[box]
    rng = np.random.default_rng(seed)
    lon = rng.uniform(west, east, count).round(6)
    lat = rng.uniform(south, north, count).round(6)
    return list(zip(lon.tolist(), lat.tolist()))


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread_ms(seconds: list[float]) -> str:
    median, p99 = statistics.median(seconds), percentile(seconds, 0.99)
    return f"{median * 1e3:.2f} ms (p99 {p99 * 1e3:.2f}, {len(seconds)} runs)"


def median_of(ask, runs: int, warm_ups: int = 1) -> tuple[float, object]:
    """Median wall seconds of a question, and its last answer."""
    for _ in range(warm_ups):
        ask()
    seconds, answer = [], None
    for _ in range(runs):
        start = time.perf_counter()
        answer = ask()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), answer


class Results:
    """Figures, printed as they come and kept as lines of JSON for the table of `run`."""

    def __init__(self, peer: str, path: str | None):
        self.peer, self.path = peer, path

    def add(self, question: str, figure: str):
        print(f"{self.peer}: {question}: {figure}", flush=True)
        if self.path:
            with open(self.path, "a", encoding="utf-8") as file:
                row = {"question": question, "peer": self.peer, "figure": figure}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
