"""Make data/sequences/names.csv from the two lists of first names of the US Census of 1990.

    python tools/make_names.py FOLDER

FOLDER holds `dist.female.first` and `dist.male.first`, as the Census Bureau published them and as
the source archive of the Python package `names` 0.3.0 ships them. Each of their lines has a name,
its share of all women (or men) in percent, a running sum and a rank. The table keeps each name
once, with its share as whole numbers per 100,000 women and per 100,000 men, commonest first.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from course_utils.datasets.names import HEADER, NAMES_FILE

LISTS = ("dist.female.first", "dist.male.first")


def read(path: Path) -> dict[str, int]:
    """Return name -> how many of 100,000 have it, from one of the Census' lists."""
    rows = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return {name.lower(): round(1000 * float(percent)) for name, percent, _, _ in rows}


def table(folder: Path) -> str:
    """Return the table as it is written."""
    women, men = (read(folder / name) for name in LISTS)
    counts = {name: (women.get(name, 0), men.get(name, 0)) for name in women | men}
    rows = sorted(counts.items(), key=lambda row: (-sum(row[1]), row[0]))
    return "".join([HEADER, *(f"{name},{ours},{theirs}\n" for name, (ours, theirs) in rows)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    NAMES_FILE.parent.mkdir(parents=True, exist_ok=True)
    NAMES_FILE.write_bytes(table(parser.parse_args().folder).encode())
    print(f"{NAMES_FILE.name}: {NAMES_FILE.stat().st_size:,} bytes")
