"""Runs every Kyverno suite of a corpus and says how far the rows agree with what they expect.

    python tests/conformance/suites.py CORPUS [--compat] [--json FILE] [--only TEXT]

CORPUS is a folder with suites (`kyverno-test.yaml`, in hidden folders too). Where it, or a folder above, holds an
`index.json` with records of `suite`, `classes`, `policy_kinds` and so on, agreement is printed by class of suite.
Every row that does not agree is printed with its reason. Exits with 1 when one disagrees that is neither unsupported
nor in a suite that names missing files.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from multiprocessing import Pool
from pathlib import Path
from typing import Any, NamedTuple

from policylint.outcome import Row, SuiteOutcome
from policylint.suites.run import run_suite

NAMES = ("kyverno-test.yaml", "kyverno-test.yml")


class Found(NamedTuple):
    """One suite of a corpus: its path relative to it, and the class that the index gives it."""

    path: str
    label: str


def find_suites(corpus: Path) -> list[Found]:
    paths = sorted(path for path in corpus.rglob("kyverno-test.y*ml") if path.name in NAMES)
    index = _index(corpus.resolve())
    return [Found(str(path.relative_to(corpus)), index.get(path.resolve(), "")) for path in paths]


def _index(corpus: Path) -> Mapping[Path, str]:
    for folder in (corpus, *corpus.parents):
        file = folder / "index.json"
        if file.is_file():
            return {
                (base / record["suite"]).resolve(): _label(record)
                for record in json.loads(file.read_text(encoding="utf-8"))
                for base in (folder, folder.parent)
            }
    return {}


def _label(record: Mapping[str, Any]) -> str:
    kinds = set(record["policy_kinds"])
    if kinds - {"ClusterPolicy", "Policy", "polex"}:
        return "CEL policies"
    if record["needs_registry"]:
        return "registry"
    classes = sorted(record["classes"])
    return " + ".join(classes) if len(classes) < 3 else "several"


def run_one(argument: tuple[str, Found, bool]) -> SuiteOutcome:
    corpus, found, compat = argument
    return run_suite(Path(corpus, found.path), compat=compat, shown=found.path)


def is_unsupported(row: Row) -> bool:
    return row.status == "error" and row.reason.startswith("unsupported:")


def disagreements(outcome: SuiteOutcome) -> list[Row]:
    return [row for row in outcome.rows if not outcome.passes(row)]


def report(found: Sequence[Found], outcomes: Sequence[SuiteOutcome]) -> Iterable[str]:
    """The lines to print: each suite that does not pass with its rows, then totals by class, then all of them."""
    suites: Counter[tuple[str, str]] = Counter()
    rows: Counter[tuple[str, str]] = Counter()
    for each, outcome in zip(found, outcomes, strict=True):
        differing = disagreements(outcome)
        supported = [row for row in differing if not is_unsupported(row)]
        verdict = "file" if outcome.error else "differs" if supported else "unsupported" if differing else "agrees"
        suites[each.label, verdict] += 1
        for row in outcome.rows:
            rows[each.label, "pass" if outcome.passes(row) else "unsupported" if is_unsupported(row) else "differ"] += 1
        if outcome.error:
            yield f"{outcome.path}:{outcome.error_line}: {outcome.error}"
        for row in supported:
            yield f"{outcome.path}:{row.line}: {row.policy}/{row.rule} {row.resource} {row.status}: {row.reason}"
            yield from (f"    {line}" for line in row.diff.splitlines())
    yield ""
    for label in sorted({label for label, _ in suites}):
        yield (
            f"{label or '(no class)'}: {suites[label, 'agrees']} suites agree, {suites[label, 'differs']} differ,"
            f" {suites[label, 'unsupported']} unsupported, {suites[label, 'file']} not run;"
            f" rows {rows[label, 'pass']} / {rows[label, 'differ']} / {rows[label, 'unsupported']}"
        )
    total = Counter[str]()
    for (_, verdict), count in suites.items():
        total[verdict] += count
    statuses = Counter(row.status for outcome in outcomes for row in outcome.rows)
    yield f"suites: {dict(sorted(total.items()))}"
    yield f"rows: {dict(sorted(statuses.items()))}"


def as_json(outcomes: Sequence[SuiteOutcome]) -> Any:
    return [
        {**outcome._asdict(), "status": outcome.status, "rows": [_row(row) for row in outcome.rows]}
        for outcome in outcomes
    ]


def _row(row: Row) -> Mapping[str, Any]:
    return {**row._asdict(), "steps": [step._asdict() for step in row.steps]}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--compat", action="store_true", help="count what upstream passes as passed")
    parser.add_argument("--json", type=Path, help="write all rows to this file")
    parser.add_argument("--only", default="", help="only suites whose path contains this")
    arguments = parser.parse_args()
    found = [each for each in find_suites(arguments.corpus) if arguments.only in each.path]
    jobs = [(str(arguments.corpus), each, arguments.compat) for each in found]
    with Pool(len(os.sched_getaffinity(0))) as pool:
        outcomes = pool.map(run_one, jobs, chunksize=8)
    for line in report(found, outcomes):
        sys.stdout.write(line + "\n")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(as_json(outcomes), indent=1), encoding="utf-8")
    differ = any(not is_unsupported(row) for outcome in outcomes for row in disagreements(outcome))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
