"""Writes docs/conformance.md: what of Kyverno is evaluated, and how far public suites agree.

python docs/conformance.py --corpora FOLDER     run the suites below FOLDER, store their figures, write the page
python docs/conformance.py --admission FOLDER   the same of policies that clusters admitted or refused
python docs/conformance.py                      write the page out of the stored figures
python docs/conformance.py --check              write nothing; exit 1 when the page is stale or a difference unexplained

The folder of suites holds one folder for each of CORPORA, and an index.json that says of each suite what its policies
use; tests/conformance/admission.py says what the other one holds.
Figures are in docs/conformance.json; why suites differ is explained in docs/conformance-differences.json, by path.
"""

import argparse
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing import Pool
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from policylint.admission.stored import GROUPS, Stored
from policylint.config.file import default_config
from policylint.document.document import Document
from policylint.engine.features import FEATURES, Feature
from policylint.outcome import SuiteOutcome
from policylint.sources.discover import discover
from policylint.sources.loader import load
from policylint.sources.unit import LoadedSource

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
SIGSTORE_COMMIT = "f925c0c"
# of the corpora, the one that is a library of policies to be applied as they are
_LIBRARY = CORPORA[1]
_HEAD = """\
# Conformance

Made by `python docs/conformance.py`. Features and public suites are about [evaluating](testing-policies.md) policies,
admission is about [what a cluster says](admission.md) when they are applied.

## Features

Classic Kyverno policies are evaluated, the `rules` of ClusterPolicy and Policy; policies in CEL end in an
`unsupported` error. A feature that is not supported never passes: its rows are errors that name it, with its line.
Every line of these tables is held against the engine by `tests/engine/test_features.py`.
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
_ADMISSION_HEAD = """\
## Admission

`policylint check` over policies of which upstream's own tests say whether a cluster takes them. The oracle is those
expectations: the manifests that Kyverno's conformance suite applies to a cluster (commit `{kyverno}`), the policies in
its unit tests, and policy-controller's test data (commit `{sigstore}`). Neither engine was run.

What is refused wants an error, what is accepted must have none; a refused update wants an error that is about the
update, and a warning about one a finding about it. That an error gives upstream's reason is not compared, except for
policy-controller: where its test data names a field, the error must stand there. Unit tests call the webhook's checks
without the API server before them, so findings about the schema count neither for nor against. Where such a test
accepts by one check alone, only findings about variables count, which those checks are about.
"""
_CLUSTER_NOTE = """
Left out are manifests whose verdict depends on how the engine is configured, and updates of which the data does not
have the state before. Not counted, since the cluster decides, is what Kyverno's service accounts may do
(`cluster-rbac`) and what the cluster serves (`cluster-discovery`):

"""
_REFUSED_HEAD = """\
### Policies of a public library that would be refused

[{repository}](https://github.com/{repository}/tree/{commit}) at `{commit}` as it is shipped: {policies} policies,
of which {judged} are of a kind and version that is judged. These would not be admitted. That follows from upstream's
code and schemas; no cluster was asked.

| place | rule | why | fix |
|---|---|---|---|
"""


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Write docs/conformance.md.")
    parser.add_argument("--corpora", type=Path, help="run the suites below this folder and store their figures")
    parser.add_argument("--admission", type=Path, help="judge the policies in this folder and store their figures")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when something is stale")
    arguments = parser.parse_args(argv)
    figures = json.loads(FIGURES.read_text("utf-8")) if FIGURES.is_file() else {"corpora": []}
    fresh = measure(arguments.corpora) if arguments.corpora is not None else {}
    fresh |= measure_admission(arguments.admission) if arguments.admission is not None else {}
    if arguments.check and {**figures, **fresh} != figures:
        sys.stderr.write("docs/conformance.json is not what the corpora come to now\n")
        return 1
    figures = {**figures, **fresh}
    explained = json.loads(DIFFERENCES.read_text("utf-8"))
    names = [each["suite"] for each in _differing(figures)] + [each["record"] for each in _misjudged(figures)]
    unexplained = [name for name in names if name not in explained]
    for name in unexplained:
        sys.stderr.write(f"{name}: differs, and docs/conformance-differences.json does not say why\n")
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
    return {"corpora": [_corpus(corpora, corpus) for corpus in CORPORA], "library": _library(corpora / _LIBRARY.folder)}


def measure_admission(corpus: Path) -> dict[str, Any]:
    """The figures of policies that clusters admitted or refused, judged now."""
    admission = _script("admission")
    outcomes = admission.outcomes_of(corpus)
    groups = [each._asdict() for each in admission.counted(outcomes)]
    wrong = [{"record": each.name, "group": each.group, "found": each.found} for each in admission.differing(outcomes)]
    return {"admission": {"groups": groups, "differing": wrong}}


def _library(folder: Path) -> dict[str, Any]:
    """The policies of a library, file by file, and those that are refused."""
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made, folder.name)
        # what a kustomization makes of policies depends on the programs that are installed
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("kustomization.yaml"))
        found = _script("admission").check(".", folder=copy)
        policies = [document for document in _documents(copy) if document.group in GROUPS]
        judged = sum(1 for document in policies for _ in Stored.of(document))
    kept = ("path", "line", "rule", "message", "help")
    return {
        "policies": len(policies),
        "judged": judged,
        "refused": [
            {key: each[key] for key in kept}
            for _, listed in sorted(found.items())
            for each in listed
            if each["severity"] == "error" and each["rule"].startswith("KYV")
        ],
    }


def _documents(folder: Path) -> Iterator[Document]:
    config = default_config(folder)
    for target in discover([str(folder)], config).targets:
        for source in load(target, config, {}).sources:
            if isinstance(source, LoadedSource):
                yield from (item for item in source.items if isinstance(item, Document))


def _corpus(corpora: Path, corpus: Corpus) -> dict[str, Any]:
    suites = _script("suites")
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


def _script(stem: str) -> ModuleType:
    """`suites` or `admission` of tests/conformance, which judge a corpus."""
    name = f"conformance_{stem}"
    if name not in sys.modules:  # its functions go to worker processes by the module's name
        spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / "conformance" / f"{stem}.py")
        if spec is None or spec.loader is None:
            raise SystemExit(f"tests/conformance/{stem}.py is not there")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def render(figures: Mapping[str, Any], explained: Mapping[str, Any]) -> str:
    """The page."""
    corpora = figures["corpora"]
    commit = next(corpus.commit for corpus in CORPORA if corpus.folder == "kyverno-cli")
    parts = [_HEAD, *_features(), _LIMITS, _FIGURES_HEAD.format(commit=commit)]
    parts += ["".join(_table(corpus)) for corpus in corpora]
    if "admission" in figures:
        head = _ADMISSION_HEAD.format(kyverno=commit, sigstore=SIGSTORE_COMMIT)
        parts += [head, "".join(_admission(figures["admission"]))]
    if "library" in figures:
        parts.append("".join(_refused(figures["library"])))
    parts += ["".join(_differences(figures, explained)), "".join(_not_run(figures))]
    return "\n".join(parts)


def _admission(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "| upstream's records | agree |\n|---|--:|\n"
    counted = [group for group in figures["groups"] if not group["on_cluster"]]
    total = {key: sum(group[key] for group in counted) for key in ("agree", "records")}
    for group in (*counted, {"name": "**all**", **total}):
        yield f"| {group['name']} | {group['agree']} / {group['records']} |\n"
    yield _CLUSTER_NOTE
    for group in figures["groups"]:
        if group["on_cluster"]:
            yield f"- {group['name']}: {group['agree']} of {group['records']} found\n"


def _refused(library: Mapping[str, Any]) -> Iterator[str]:
    yield _REFUSED_HEAD.format(policies=library["policies"], judged=library["judged"], **_LIBRARY._asdict())
    for each in library["refused"]:
        rule = f"[{each['rule']}](rules/{each['rule']}.md)"
        message, advice = (text.replace("|", "\\|") for text in (each["message"], each["help"]))
        yield f"| `{each['path']}:{each['line']}` | {rule} | {message} | {advice} |\n"


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


def _misjudged(figures: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    misjudged: Sequence[Mapping[str, Any]] = figures.get("admission", {"differing": []})["differing"]
    return misjudged


def _differences(figures: Mapping[str, Any], explained: Mapping[str, Any]) -> Iterator[str]:
    differing = {
        each["suite"]: f"rows at lines {', '.join(map(str, each['rows']))}" for each in _differing(figures)
    } | {each["record"]: each["group"] for each in _misjudged(figures)}
    yield "## Differences\n\n"
    if not differing:
        yield "There are none.\n"
    for name, where in differing.items():
        why = explained.get(name, {"because": "not explained", "source": ""})
        source = f" Upstream: {why['source']}." if why["source"] else ""
        yield f"- `{name}`, {where}: {why['because']}{source}\n"


def _not_run(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "## Not run\n\n"
    for corpus in figures["corpora"]:
        for each in corpus["not_run"]:
            yield f"- `{each['suite']}`: {each['error']}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
