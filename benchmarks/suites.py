"""Suites per second, where their time goes, and whether it grows with rules times resources and no faster.

    python benchmarks/suites.py FOLDER [--runs N] [--profile LINES]

FOLDER holds suites, such as a copy of github.com/kyverno/policies. Start-up is left out: the suites are run in this
process, after one pass that does not count, held to one processor, and then by worker processes on every processor.
Rates are of the processor's seconds for one processor, and of the clock for all.

Growth is measured on suites made here, of R rules and N resources with a row for each pair: the seconds per row must
stay the same while R and N grow in turn.
"""

import cProfile
import os
import pstats
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from measure import arguments, verdict

import policylint
from policylint.config.file import default_config
from policylint.suites.find import FoundSuite, find_suites
from policylint.suites.run import run_suite
from policylint.suites.testing import run_suites

LEAST_RATE = 100  # suites a second on one processor
MOST_GROWTH = 0.25
SIZES = ((20, 20), (20, 200), (200, 20), (100, 100))
_PACKAGE = Path(policylint.__file__).parent


def main() -> None:
    parser = arguments(__doc__, runs=5)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", type=int, default=12, metavar="LINES", help="functions to list (default: 12)")
    options = parser.parse_args()
    found = find_suites([str(options.folder)], default_config(options.folder))
    if not found:
        raise SystemExit(f"there are no suites in {options.folder}")
    _rates(found, options.runs)
    _profile(found, options.profile)
    _growth(options.runs)


def _rates(found: Sequence[FoundSuite], runs: int) -> None:
    rows = len(_pass(found))
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [min(allowed)])
    one = median(_seconds(lambda: _pass(found), time.process_time) for _ in range(runs))
    os.sched_setaffinity(0, allowed)
    every = median(_seconds(lambda: run_suites(found, compat=True), time.perf_counter) for _ in range(runs))
    covered = median(
        _seconds(lambda: [run_suite(Path(each.path), coverage=True) for each in found], time.process_time)
        for _ in range(runs)
    )
    print(f"{len(found)} suites, {rows} rows")
    rate = len(found) / one
    verdict("suites per second on one processor", f"{rate:.0f}", rate >= LEAST_RATE, f"at least {LEAST_RATE}")
    print(f"suites per second by the clock, {len(allowed)} processors: {len(found) / every:.0f}")
    print(f"suites per second on one processor with coverage: {len(found) / covered:.0f}")


def _pass(found: Sequence[FoundSuite]) -> list[object]:
    return [row for each in found for row in run_suite(Path(each.path), compat=True, shown=each.shown).rows]


def _seconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    started = clock()
    work()
    return clock() - started


def _profile(found: Sequence[FoundSuite], lines: int) -> None:
    """Own time by part of the program, and the functions that take most of it."""
    profile = cProfile.Profile()
    profile.enable()
    _pass(found)
    profile.disable()
    parts: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for (file, line, name), (_, _, own, _, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        parts[_part(file)] += own
        functions[f"{Path(file).name}:{line} {name}" if line else name] += own
    total = parts.total()
    print("where the time goes, under a profiler:")
    for part, seconds in parts.most_common():
        if seconds >= total / 100:
            print(f"  {seconds / total:6.1%}  {part}")
    for function, seconds in functions.most_common(lines):
        print(f"  {seconds / total:6.1%}  {function}")


def _part(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(_PACKAGE):
        folders = path.relative_to(_PACKAGE).parts[:-1]
        return f"policylint.{'.'.join(folders)}" if folders else "policylint"
    return "PyYAML" if "yaml" in path.parts else "Python's own functions" if file == "~" else "libraries"


def _growth(runs: int) -> None:
    print("growth, one processor:")
    costs = []
    for rules, resources in SIZES:
        with tempfile.TemporaryDirectory() as name:
            suite = _write_suite(Path(name), rules, resources)
            outcome = run_suite(suite)
            if outcome.status != "pass" or len(outcome.rows) != rules * resources:
                raise SystemExit(f"a suite of {rules} rules and {resources} resources did not pass: {outcome.error}")
            taken = median(_seconds(lambda suite=suite: run_suite(suite), time.process_time) for _ in range(runs))
        costs.append(taken / (rules * resources))
        print(f"  {rules:>3} rules x {resources:>3} resources: {taken:5.2f} s, {costs[-1] * 1e6:.0f} us per row")
    growth = max(costs) / costs[0] - 1
    verdict("growth of the time per row", f"{growth:+.0%}", growth <= MOST_GROWTH, f"at most {MOST_GROWTH:+.0%}")


def _write_suite(folder: Path, rules: int, resources: int) -> Path:
    names = [f"pod-{number}" for number in range(resources)]
    head = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: p}\nspec:\n  rules:\n"
    (folder / "policy.yaml").write_text(head + "".join(map(_rule, range(rules))))
    (folder / "pods.yaml").write_text("".join(map(_pod, names)))
    head = "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata: {name: s}\npolicies: [policy.yaml]\n"
    results = "".join(
        f"- {{policy: p, rule: rule-{rule}, kind: Pod, result: pass, resources: [{', '.join(names)}]}}\n"
        for rule in range(rules)
    )
    suite = folder / "kyverno-test.yaml"
    suite.write_text(f"{head}resources: [pods.yaml]\nresults:\n{results}")
    return suite


def _rule(number: int) -> str:
    return f"""\
  - name: rule-{number}
    match: {{any: [{{resources: {{kinds: [Pod]}}}}]}}
    preconditions: {{all: [{{key: "{{{{ request.operation }}}}", operator: Equals, value: CREATE}}]}}
    validate: {{pattern: {{spec: {{containers: [{{image: "!*:v{number}"}}]}}}}}}
"""


def _pod(name: str) -> str:
    containers = ", ".join(f'{{name: c{number}, image: "registry.example.com/app:1.{number}"}}' for number in range(3))
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{containers}]}}\n---\n"


if __name__ == "__main__":
    main()
