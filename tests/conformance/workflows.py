"""Compares WFL001 and WFL002 with the lines that another linter reports on a corpus of workflows.

    python tests/conformance/workflows.py CORPUS

CORPUS holds workflow files and `expected.json`: records of `file` (relative to it), `audit` (`unpinned-uses` or
`unpinned-images`) and `lines` (1-based, one entry for each finding). Prints each file that differs and the totals;
exits with 1 when an expected line is missing. Suppressed findings count as not reported, on both sides.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

RULES = {"unpinned-uses": "WFL001", "unpinned-images": "WFL002"}

Lines = Mapping[tuple[str, str], Counter[int]]


class Difference(NamedTuple):
    """What one rule reports otherwise in one file; lines repeat once for each finding."""

    file: str
    rule: str
    missing: tuple[int, ...]
    extra: tuple[int, ...]


def expected_lines(records: Iterable[Mapping[str, Any]]) -> Lines:
    return {(record["file"], RULES[record["audit"]]): Counter(record["lines"]) for record in records}


def found_lines(findings: Iterable[Mapping[str, Any]]) -> Lines:
    """The lines of a `check --output-format json` report's findings, by file and rule."""
    found: dict[tuple[str, str], Counter[int]] = {}
    for finding in findings:
        found.setdefault((finding["path"], finding["rule"]), Counter())[finding["line"]] += 1
    return found


def differences(expected: Lines, found: Lines) -> list[Difference]:
    """Every file and rule of `expected` whose lines are not the same in `found`."""
    result = []
    for (file, rule), lines in sorted(expected.items()):
        ours = found.get((file, rule), Counter())
        if lines != ours:
            missing, extra = (tuple(sorted(part.elements())) for part in (lines - ours, ours - lines))
            result.append(Difference(file, rule, missing, extra))
    return result


def summary(expected: Lines, found: Lines) -> str:
    """One line a rule: expected findings, how many of them are found, and how many more there are."""
    rows = []
    for rule in sorted(set(RULES.values())):
        wanted = [(key, lines) for key, lines in expected.items() if key[1] == rule]
        total = sum(lines.total() for _, lines in wanted)
        matched = sum((lines & found.get(key, Counter())).total() for key, lines in wanted)
        extra = sum((found.get(key, Counter()) - lines).total() for key, lines in wanted)
        same = sum(lines == found.get(key, Counter()) for key, lines in wanted)
        rows.append(f"{rule}: {matched}/{total} expected findings, {extra} more; {same}/{len(wanted)} files the same")
    return "\n".join(rows)


def check(corpus: Path) -> list[Mapping[str, Any]]:
    """The findings of the command on a corpus. Raises RuntimeError when it ends without a report."""
    command = [sys.executable, "-m", "policylint", "check", ".", "--select", ",".join(sorted(RULES.values()))]
    run = subprocess.run([*command, "--output-format", "json"], cwd=corpus, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        raise RuntimeError(f"policylint check ended with {run.returncode}: {run.stderr.strip()}")
    findings: list[Mapping[str, Any]] = json.loads(run.stdout)["findings"]
    return [finding for finding in findings if finding["rule"] in RULES.values()]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpus", type=Path)
    corpus: Path = parser.parse_args().corpus
    expected = expected_lines(json.loads((corpus / "expected.json").read_text(encoding="utf-8")))
    found = found_lines(check(corpus))
    differing = differences(expected, found)
    for file, rule, missing, extra in differing:
        sys.stdout.write(f"{file} {rule}: missing {list(missing)}, more {list(extra)}\n")
    sys.stdout.write(summary(expected, found) + "\n")
    return 1 if any(difference.missing for difference in differing) else 0


if __name__ == "__main__":
    sys.exit(main())
