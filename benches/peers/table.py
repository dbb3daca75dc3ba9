"""One table of the figures that the scripts left: a question a row, a peer a column.

Where derek and a peer say seconds, the last column is how many times faster derek is than the best of them;
for queries a second likewise.
"""

import argparse
import json
import re
from pathlib import Path

PEERS = ["derek", "PostGIS", "SedonaDB"]
UNITS = {"ms": 1e-3, "s": 1.0}


def speed(figure: str) -> float | None:
    """Answers a second."""
    found = re.match(r"([\d.]+)( ms|/s| s)\b", figure)
    if not found or not float(found[1]) or "NOT 2xx" in figure:
        return None
    number, unit = float(found[1]), found[2].strip()
    return number if unit == "/s" else 1 / (number * UNITS[unit])


def ratio(figures: dict[str, str]) -> str:
    speeds = {peer: speed(figure) for peer, figure in figures.items()}
    ours = speeds.pop("derek", None)
    theirs = [it for it in speeds.values() if it]
    return f"{ours / max(theirs):.1f} ×" if ours and theirs else ""


def rows(lines: list[str]) -> dict[str, dict[str, str]]:
    """Figures by question and peer; a later figure replaces an earlier one."""
    questions: dict[str, dict[str, str]] = {}
    for line in lines:
        row = json.loads(line)
        questions.setdefault(row["question"], {})[row["peer"]] = row["figure"]
    return questions


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("results", type=Path)
    questions = rows(options.parse_args().results.read_text(encoding="utf-8").splitlines())
    print("| question |", " | ".join(PEERS), "| derek is faster |\n|" + " --- |" * (len(PEERS) + 2))
    for question, figures in questions.items():
        cells = [figures.get(peer, "") for peer in PEERS]
        print("|", " | ".join([question, *cells, ratio(figures)]), "|")


if __name__ == "__main__":
    main()
