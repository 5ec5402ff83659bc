"""Writes docs/conformance.md: what of Kyverno is evaluated, and how far public suites agree.

python docs/conformance.py --corpora FOLDER   run the suites below FOLDER, store their figures, write the page
python docs/conformance.py                    write the page out of the stored figures
python docs/conformance.py --check            write nothing; exit 1 when the page is stale or a difference unexplained

FOLDER holds one folder for each of CORPORA, and an index.json that says of each suite what its policies use.
Figures are in docs/conformance.json; why suites differ is explained in docs/conformance-differences.json, by path.
"""

import argparse
import importlib.util
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing import Pool
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from policylint.engine.features import FEATURES, Feature
from policylint.outcome import SuiteOutcome

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "conformance.md"
FIGURES = ROOT / "docs" / "conformance.json"
DIFFERENCES = ROOT / "docs" / "conformance-differences.json"
_VERDICTS = ("agree", "differ", "unsupported", "not run")


class Corpus(NamedTuple):
    """A set of public suites: its folder, and what it was copied from."""

    folder: str
    repository: str
    commit: str


CORPORA = (
    Corpus("kyverno-cli", "kyverno/kyverno", "111e07b"),
    Corpus("kyverno-policies", "kyverno/policies", "b9c4317"),
    Corpus("nirmata-policies", "nirmata/kyverno-policies", "b644da2"),
)
_HEAD = """\
# Conformance

Made by `python docs/conformance.py`. Everything here is about classic Kyverno policies, the `rules` of ClusterPolicy
and Policy; policies in CEL end in an `unsupported` error.

## Features

A feature that is not supported never passes: its rows are errors that name it, with its line. Every line of these
tables is held against the engine by `tests/engine/test_features.py`.
"""
_LIMITS = """\
JMESPath has limits of its own, which end in `unsupported` errors too: `random` takes no flags, no `\\b` and the like,
and no class that leaves no ASCII; `x509_decode` no policy mappings and no constraints on unusual names.
"""
_FIGURES_HEAD = """\
## Public suites

Suites of public repositories under `--compat kyverno`, which is to say: as upstream's own runner counts. A suite
**agrees** when every row has the result that it expects, **differs** when one has not, and is **unsupported** when all
that is left are `unsupported` errors. **Not run** are suites that name files which are not there; they are listed
below. What agrees is the results that upstream's authors wrote; Kyverno 1.19 (commit `{commit}`) was read, not run.
"""


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Write docs/conformance.md.")
    parser.add_argument("--corpora", type=Path, help="run the suites below this folder and store their figures")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something is stale")
    arguments = parser.parse_args(argv)
    figures = json.loads(FIGURES.read_text("utf-8")) if FIGURES.is_file() else {"corpora": []}
    if arguments.corpora is not None:
        fresh = measure(arguments.corpora)
        if arguments.check and fresh != figures:
            sys.stderr.write("docs/conformance.json is not what the suites come to now\n")
            return 1
        figures = fresh
    explained = json.loads(DIFFERENCES.read_text("utf-8"))
    unexplained = [each["suite"] for each in _differing(figures) if each["suite"] not in explained]
    for suite in unexplained:
        sys.stderr.write(f"{suite}: differs, and docs/conformance-differences.json does not say why\n")
    page = render(figures, explained)
    if arguments.check:
        stale = not PAGE.is_file() or PAGE.read_text("utf-8") != page
        if stale:
            sys.stderr.write("docs/conformance.md is stale: run `python docs/conformance.py`\n")
        return 1 if stale or unexplained else 0
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    PAGE.write_text(page, "utf-8")
    return 1 if unexplained else 0


def measure(corpora: Path) -> dict[str, Any]:
    """The figures of all corpora, their suites run now."""
    return {"corpora": [_corpus(corpora, corpus) for corpus in CORPORA]}


def _corpus(corpora: Path, corpus: Corpus) -> dict[str, Any]:
    suites = _runner()
    folder = corpora / corpus.folder
    found = suites.find_suites(folder)
    with Pool(len(os.sched_getaffinity(0))) as pool:
        outcomes = pool.map(suites.run_one, [(str(folder), each, True) for each in found], chunksize=8)
    classes: dict[str, Counter[str]] = {}
    differing: list[dict[str, Any]] = []
    not_run: list[dict[str, Any]] = []
    for each, outcome in zip(found, outcomes, strict=True):
        counts = classes.setdefault(each.label or "not classified", Counter())
        rows = [row for row in suites.disagreements(outcome) if not suites.is_unsupported(row)]
        counts[_verdict(outcome, differs=bool(rows))] += 1
        counts["rows"] += len(outcome.rows)
        counts["rows that agree"] += sum(outcome.passes(row) for row in outcome.rows)
        counts["rows unsupported"] += sum(map(suites.is_unsupported, outcome.rows))
        if outcome.error:
            not_run.append({"suite": f"{corpus.folder}/{outcome.path}", "error": outcome.error})
        elif rows:
            differing.append({"suite": f"{corpus.folder}/{outcome.path}", "rows": [row.line for row in rows]})
    return {
        **corpus._asdict(),
        "classes": {label: dict(sorted(counts.items())) for label, counts in sorted(classes.items())},
        "differing": differing,
        "not_run": not_run,
    }


def _verdict(outcome: SuiteOutcome, *, differs: bool) -> str:
    if outcome.error:
        return "not run"
    if differs:
        return "differ"
    return "agree" if outcome.status == "pass" else "unsupported"


def _runner() -> ModuleType:
    """tests/conformance/suites.py, which finds and runs the suites of a corpus."""
    name = "conformance_suites"
    if name not in sys.modules:  # its functions go to worker processes by the module's name
        spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / "conformance" / "suites.py")
        if spec is None or spec.loader is None:
            raise SystemExit("tests/conformance/suites.py is not there")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def render(figures: Mapping[str, Any], explained: Mapping[str, Any]) -> str:
    """The page."""
    corpora = figures["corpora"]
    commit = next(corpus.commit for corpus in CORPORA if corpus.folder == "kyverno-cli")
    parts = [_HEAD, *_features(), _LIMITS, _FIGURES_HEAD.format(commit=commit)]
    parts += ["".join(_table(corpus)) for corpus in corpora]
    parts += ["".join(_differences(figures, explained)), "".join(_not_run(figures))]
    return "\n".join(parts)


def _features() -> Iterator[str]:
    areas: dict[str, list[Feature]] = {}
    for feature in FEATURES:
        areas.setdefault(feature.area, []).append(feature)
    for area, features in areas.items():
        rows = (
            f"| {_cell(each.name)} | {'yes' if each.supported else '**no**'} | {each.note} |\n" for each in features
        )
        yield f"### {area[0].upper()}{area[1:]}\n\n| feature | supported | note |\n|---|---|---|\n{''.join(rows)}"


def _cell(name: str) -> str:
    return f"`{name}`" if any(character in name for character in "{$") else name


def _table(corpus: Mapping[str, Any]) -> Iterator[str]:
    address = f"https://github.com/{corpus['repository']}/tree/{corpus['commit']}"
    yield f"### {corpus['folder']}\n\n[{corpus['repository']}]({address}) at `{corpus['commit']}`.\n\n"
    yield "| what the suite's policies use | suites agree | differ | unsupported | not run "
    yield "| rows agree | rows unsupported |\n"
    yield "|---|--:|--:|--:|--:|--:|--:|\n"
    total: Counter[str] = Counter()
    for label, counts in corpus["classes"].items():
        total.update(counts)
        yield _figures(label, counts)
    yield _figures("**all**", total)


def _figures(label: str, counts: Mapping[str, int]) -> str:
    cells = [str(counts.get(verdict, 0)) for verdict in _VERDICTS]
    cells += [f"{counts.get('rows that agree', 0)} / {counts.get('rows', 0)}", str(counts.get("rows unsupported", 0))]
    return f"| {label.replace('|', ', ')} | {' | '.join(cells)} |\n"


def _differing(figures: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (each for corpus in figures["corpora"] for each in corpus["differing"])


def _differences(figures: Mapping[str, Any], explained: Mapping[str, Any]) -> Iterator[str]:
    differing = list(_differing(figures))
    yield "## Differences\n\n"
    if not differing:
        yield "There are none.\n"
    for each in differing:
        why = explained.get(each["suite"], {"because": "not explained", "source": ""})
        source = f" Upstream: {why['source']}." if why["source"] else ""
        lines = ", ".join(map(str, each["rows"]))
        yield f"- `{each['suite']}`, rows at lines {lines}: {why['because']}{source}\n"


def _not_run(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "## Not run\n\n"
    for corpus in figures["corpora"]:
        for each in corpus["not_run"]:
            yield f"- `{each['suite']}`: {each['error']}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
