"""`python -m bench`: seed, measure, print. `--help` names what can be chosen."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench import asking, carrying, erasing, glancing, joining, listing, mailing, places, waving
from bench.cases import Case
from bench.ground import ENGINES, NAMES, Ground, Installation
from bench.measuring import Figure
from bench.table import Measured, table
from tests.parts import processes

K, M = 1_000, 1_000_000
CASES = (
    Case("places", places.measure, (10 * K, 100 * K, M), more=(10 * M,)),
    Case("people", listing.measure, (100 * K, M)),
    Case("overview", glancing.measure, (10 * K, 100 * K, M)),
    Case("erasing", erasing.measure, (10 * K, M), changes=True),
    Case("joins", joining.measure, (10 * K, M), changes=True, more=(10 * M,)),
    Case("server", asking.measure, (10 * K, M), changes=True),
    Case("mails", mailing.measure, (10 * K,), changes=True),
    Case("export", carrying.export, (100 * K, M), changes=True),
    Case("waves", waving.measure, (100 * K, M), changes=True),
    Case("import 100 k", carrying.import_100k, (0,), changes=True),
    Case("import 1 M", carrying.import_1m, (), changes=True, more=(0,)),
)


def main(words: Sequence[str]) -> int:
    asked = _asked(words)
    engines = ENGINES if asked.engine == "both" else (asked.engine,)
    ground = Ground(engines)
    measured: list[Measured] = []
    try:
        for case in CASES:
            if asked.only and case.name not in asked.only:
                continue
            for n in [size for size in _sizes(case, asked) if size <= asked.most]:
                for engine in engines:
                    measured += [Measured(engine, n, figure) for figure in _measure(case, ground, engine, n)]
                    if asked.out:
                        asked.out.write_text(table(measured) + "\n")
    finally:
        ground.close()
    print(table(measured))
    return int(any(found.figure.wrong for found in measured))


def _asked(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--only", nargs="*", choices=[case.name for case in CASES], help="leave everything else out")
    parser.add_argument("--most", type=int, default=M, help="leave out sizes above this one")
    parser.add_argument("--full", action="store_true", help="10 million people and the longest imports too")
    parser.add_argument("--out", type=Path, help="also write the table there")
    return parser.parse_args(words)


def _sizes(case: Case, asked: argparse.Namespace) -> tuple[int, ...]:
    return (*case.sizes, *(case.more if asked.full else ()))


def _measure(case: Case, ground: Ground, engine: str, n: int) -> list[Figure]:
    began = time.monotonic()
    if case.changes:
        with ground.copied(engine, n) as copy:
            figures = _in_a_child(case, copy)
    else:
        figures = _in_a_child(case, ground.seeded(engine, n))
    print(f"{case.name}, {engine}, {NAMES.get(n, n)}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return figures


def _in_a_child(case: Case, where: Installation) -> list[Figure]:
    """A process of its own, so that neither memory nor warm caches of another case count."""
    job = {"environ": where.environ}
    (figures,) = processes.values(processes.run(case.measure, [job], where.environ, patience=3_600))
    assert isinstance(figures, list)
    return figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
