"""How long it takes to judge policies as their webhooks do: by phase, and as they become more.

Phases are measured inside one process, which holds the same documents all the time, round after round; each is given
as seconds of processor time and as a multiple of composing the same texts with PyYAML alone in the same round. A rule's
time is that of its views and its check. Growth is the processor time of `policylint check` on one processor.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from measure import Spread, arguments, cpu, in_turn, program, run, verdict
from policies import SORTS, policies, write_policies

from policylint.admission.stored import Stored
from policylint.config import Config
from policylint.document.document import Document
from policylint.lint.judge import Judge, Rulebook
from policylint.lint.loaded import LoadedRule
from policylint.lint.session import Run, RunSpec, prepare
from policylint.sources.loader import load
from policylint.sources.unit import LoadedSource, Target
from policylint.views.release import Project

SIZES = (100, 1000, 5000)
MOST_SPREAD = 0.25
MOST_TABLES = 0.010  # seconds
_READS = 11

_SCHEMA = ("KYV101", "KYV102", "KYV103", "SIG101", "SIG102")
_WEBHOOK = ("KYV11", "KYV12", "KYV130", "KYV131", "SIG11")
_DESIGN = ("KYV00", "KYV14", "KYV15", "SIG14", "SIG15")


def main() -> None:
    parser = arguments(__doc__, runs=5)
    parser.add_argument("--policies", type=int, default=1000)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="POLICIES")
    options = parser.parse_args()
    _tables()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_policies(folder / "phases", options.policies)
        _phases(folder / "phases", options.policies, options.runs)
        _growth(folder, options.sizes, options.runs)


def _tables() -> None:
    """Schema tables are read when the first policy is met, so this is measured in a process of its own."""
    code = (
        "import time; from policylint.admission.schema import table; start = time.process_time();"
        " table.schema_of('kyverno.io/v1', 'ClusterPolicy');"
        " table.schema_of('policy.sigstore.dev/v1beta1', 'ClusterImagePolicy'); print(time.process_time() - start)"
    )
    command = [sys.executable, "-c", code]
    taken = [float(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(_READS)]
    middle = Spread.of(taken).middle
    verdict("reading both schema tables", f"{middle * 1000:.1f} ms", middle < MOST_TABLES, "below 10 ms")


def _phases(folder: Path, number: int, runs: int) -> None:
    texts = [text for _, text in policies(number)]
    files = sorted(folder.rglob("*.yaml"))
    ready = prepare(RunSpec(Config(), date(2030, 1, 1), profile=("policy-set",)))
    documents = _documents(files, ready)
    phases: dict[str, Callable[[], object]] = {
        "PyYAML alone": lambda: [list(yaml.compose_all(text, yaml.CSafeLoader)) for text in texts],
        "parse and compose": lambda: [document.data for document in _documents(files, ready)],
        "pruning and defaulting": lambda: [list(Stored.of(document)) for document in documents],
        "schema": _rules(ready, documents, _SCHEMA),
        "webhook checks": _rules(ready, documents, _WEBHOOK),
        "design rules": _rules(ready, documents, _DESIGN),
        "all rules for documents": _rules(ready, documents, ("",)),
        "project rules": _project(ready, documents),
    }
    rounds: list[list[float]] = []
    for counted in range(runs + 1):
        taken = [_taken(phase) for phase in phases.values()]
        if counted:  # the first round loads what is loaded once
            rounds.append(taken)
    print(f"{len(documents)} policies in {len(files)} files; processor time of each phase")
    for index, name in enumerate(phases):
        seconds = Spread.of([taken[index] for taken in rounds]).middle
        times = Spread.of([taken[index] / taken[0] for taken in rounds])
        print(f"  {name:<26}{seconds:7.3f} s  {seconds / len(documents) * 1e6:6.0f} us each  {times} of PyYAML")


def _documents(files: Sequence[Path], ready: Run) -> list[Document]:
    return [
        item
        for file in files
        for loaded in load(Target("file", str(file), str(file)), ready.spec.config, {}).sources
        if isinstance(loaded, LoadedSource)
        for item in loaded.items
        if isinstance(item, Document)
    ]


def _rules(ready: Run, documents: Sequence[Document], prefixes: Sequence[str]) -> Callable[[], object]:
    chosen = {rule for rule in ready.rulebook.by_id if rule.startswith(tuple(prefixes))}
    selection = ready.rulebook.selection
    narrowed = selection._replace(active=tuple(each for each in selection.active if each.rule.id in chosen))
    book = Rulebook.of(narrowed, ready.spec.config, next(iter(ready.rulebook.contexts.values())).kinds)

    def judge() -> object:
        judge = Judge(book)
        found = [list(judge.document(document, [])) for document in documents]
        if judge.errors:
            raise SystemExit(f"a rule broke: {judge.errors[0]}")
        return found

    return judge


def _project(ready: Run, documents: Sequence[Document]) -> Callable[[], object]:
    judge = Judge(ready.rulebook)

    def one(loaded: LoadedRule) -> list[Any]:
        chosen = tuple(document for document in documents if loaded.rule.takes(document))
        return list(judge.project(loaded, Project(chosen), chosen[0])) if chosen else []

    return lambda: [one(loaded) for loaded in ready.rulebook.project_rules]


def _taken(phase: Callable[[], object]) -> float:
    started = time.process_time()
    phase()
    return time.process_time() - started


def _growth(folder: Path, sizes: Sequence[int], runs: int) -> None:
    folders = [folder / str(size) for size in (SORTS, *sizes)]
    for size, each in zip((SORTS, *sizes), folders, strict=True):
        write_policies(each, size)
    one = [min(os.sched_getaffinity(0))]
    command = [program("policylint"), "check"]
    samples = in_turn(runs, *(lambda each=each: run([*command, str(each)], cpus=one) for each in folders))
    refused = {sample.code for column in samples for sample in column} - {0, 1}
    if refused:
        raise SystemExit(f"a command failed with exit code {refused.pop()}; nothing was measured")
    start, *times = map(cpu, samples)
    costs = [(taken - start) / (size - SORTS) for size, taken in zip(sizes, times, strict=True)]
    print(f"`policylint check`, {SORTS} policies: {start * 1000:.0f} ms; then, per policy:")
    for size, cost in zip(sizes, costs, strict=True):
        print(f"{size:>7} policies: {cost * 1e6:6.0f} us")
    spread = max(costs) / min(costs) - 1
    verdict("spread of the time per policy", f"{spread:.0%}", spread <= MOST_SPREAD, f"at most {MOST_SPREAD:.0%}")


if __name__ == "__main__":
    main()
