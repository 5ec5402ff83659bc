"""Holds `policylint check` against the verdicts of a corpus of policies that clusters admitted or refused.

    python tests/conformance/admission.py CORPUS

CORPUS holds `kyverno.json` and `sigstore.json` (records of `file`, `expect` and what the verdict needs) with the files
beside them, and `kyverno-unit.json` (records with `policy`, `expect`, the unit test's `call` and sometimes `old`). A
refused object wants a finding of level error, an admitted one must have none; a refused update wants its error, and a
`warn` a finding of any level, from the rule about updates. Verdicts that depend on a live cluster (`cluster-rbac`,
`cluster-discovery`) are counted apart. Unit tests leave out the API server: its part is not counted there, neither for
nor against, and the one argument of some calls, `background`, becomes the policy's. Prints each record that differs
and the totals; exits with 1 when one differs.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

UPDATE = "KYV127"
VARIABLES = "KYV111"
# unit tests hand over objects that no API server has validated and given defaults to
BEFORE_THE_WEBHOOK = ("KYV001", "KYV101")
# what these calls of upstream's unit tests accept is accepted by one of the checks, not by the whole webhook
WHOLE = ("Validate", "ValidateOnPolicyUpdate", "immutableGenerateFields")
ON_CLUSTER = ("cluster-rbac", "cluster-discovery")

Record = Mapping[str, Any]
Findings = Mapping[str, list[Record]]


class Outcome(NamedTuple):
    """One record: what it is called, what was expected, whether that was found, and what was found instead."""

    name: str
    group: str
    agrees: bool
    found: str


class Group(NamedTuple):
    """Records of one sort: how many there are, how many agree, and whether a live cluster decides them."""

    name: str
    agree: int
    records: int
    on_cluster: bool


def check(*arguments: str, folder: Path) -> Findings:
    """The findings of one run of the command in `folder`, by file. Raises RuntimeError when it makes no report."""
    command = [sys.executable, "-m", "policylint", "check", *arguments, "--output-format", "json"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        raise RuntimeError(f"policylint check ended with {run.returncode}: {run.stderr.strip()}")
    found: dict[str, list[Record]] = {}
    for finding in json.loads(run.stdout)["findings"]:
        found.setdefault(finding["path"], []).append(finding)
    return found


def errors(findings: Iterable[Record]) -> list[str]:
    return [f"{each['rule']} {each['message']}" for each in findings if each["severity"] == "error"]


def judge(name: str, group: str, expect: str, findings: Iterable[Record]) -> Outcome:
    """Whether `findings` are what `expect` wants."""
    listed = list(findings)
    wrong = errors(listed)
    if expect == "accept":
        return Outcome(name, group, not wrong, "; ".join(wrong))
    if expect == "warn":
        return Outcome(name, group, any(each["rule"] == UPDATE for each in listed), "no finding about the update")
    return Outcome(name, group, bool(wrong), "no error")


def cluster_records(corpus: Path) -> Iterator[Outcome]:
    """The policies that a conformance suite applied to a cluster."""
    records = json.loads((corpus / "kyverno.json").read_text(encoding="utf-8"))
    both = Counter(record["file"] for record in {(r["file"], r["expect"]): r for r in records}.values())
    found = check("kyverno", folder=corpus)
    for record in records:
        file, needs = record["file"], record["needs"]
        if both[file] > 1 or (record["expect"] == "reject" and record["update"]):
            continue  # configuration changes within the test; updates have a run of their own
        yield judge(
            file, f"cluster {record['expect']}, needs {needs.split('(')[0]}", record["expect"], found.get(file, ())
        )


def updates(corpus: Path) -> Iterator[Outcome]:
    """Refused updates, against what the same test applied before."""
    records = json.loads((corpus / "kyverno.json").read_text(encoding="utf-8"))
    first = {record["test"]: record["file"] for record in reversed(records) if not record["update"]}
    cases = [
        (record["file"], record["expect"], (corpus / first[record["test"]]).read_text(encoding="utf-8"),
         (corpus / record["file"]).read_text(encoding="utf-8"))
        for record in records
        if record["update"] and record["test"] in first
    ]  # fmt: skip
    for (name, expect, _, _), findings in zip(cases, updated([case[2:] for case in cases]), strict=True):
        yield judge(name, f"update {expect}", expect, findings if expect == "accept" else about_updates(findings))


def updated(pairs: Iterable[tuple[str, str]]) -> Iterator[list[Record]]:
    """The findings of each (old, new) pair of texts, every new one judged against its old one."""
    for old, new in pairs:
        with tempfile.TemporaryDirectory() as root:
            for folder, text in (("before", old), ("after", new)):
                Path(root, folder).mkdir()
                Path(root, folder, "policy.yaml").write_text(text, encoding="utf-8")
            found = check("after", "--against", "before", folder=Path(root))
            yield [finding for listed in found.values() for finding in listed]


def unit_records(corpus: Path) -> Iterator[Outcome]:
    """The policies inside upstream's unit tests."""
    records = json.loads((corpus / "kyverno-unit.json").read_text(encoding="utf-8"))
    plain = [record for record in records if "old" not in record]
    with tempfile.TemporaryDirectory() as root:
        for number, record in enumerate(plain):
            Path(root, f"{number}.yaml").write_text(json.dumps(as_called(record)), encoding="utf-8")
        found = check(".", folder=Path(root))
        for number, record in enumerate(plain):
            findings = [each for each in found.get(f"{number}.yaml", []) if each["rule"] not in BEFORE_THE_WEBHOOK]
            if record["expect"] == "accept" and record["call"] not in WHOLE:
                findings = [each for each in findings if each["rule"] == VARIABLES]
            yield judge(name_of(record), f"unit {record['expect']}", record["expect"], findings)
    changed = [record for record in records if "old" in record]
    pairs = [(json.dumps(record["old"]), json.dumps(record["policy"])) for record in changed]
    for record, findings in zip(changed, updated(pairs), strict=True):
        yield judge(name_of(record), f"unit update {record['expect']}", record["expect"], about_updates(findings))


def about_updates(findings: Iterable[Record]) -> list[Record]:
    return [each for each in findings if each["rule"] == UPDATE]


def as_called(record: Record) -> Record:
    """The policy of a unit test, as the call of the test has it."""
    policy: dict[str, Any] = dict(record["policy"])
    if "background=false" in record["call"]:
        policy["spec"] = {**policy["spec"], "background": False}
    return policy


def name_of(record: Record) -> str:
    return " ".join(filter(None, (record["test"], record.get("sub"), f"({record['call']})")))


def sigstore_records(corpus: Path) -> Iterator[Outcome]:
    """policy-controller's own manifests; a refusal names the field that upstream's error names."""
    records = json.loads((corpus / "sigstore.json").read_text(encoding="utf-8"))
    found = check("sigstore", folder=corpus)
    for record in records:
        findings = found.get(record["file"], [])
        if record["condition"]:
            continue
        outcome = judge(record["file"], f"sigstore {record['expect']}", record["expect"], findings)
        paths = {each["yaml_path"] for each in findings if each["severity"] == "error"}
        for expected in record.get("expected_errors") or ():
            named = {word.strip(" ,:") for word in expected.replace("\n", " ").split() if "." in word or "[" in word}
            if named and not any(any(path.endswith(word) for path in paths) for word in named):
                outcome = outcome._replace(agrees=False, found=f"{sorted(paths)} instead of {expected!r}")
        yield outcome


def outcomes_of(corpus: Path) -> list[Outcome]:
    """Every record of the corpus, judged."""
    corpus = corpus.resolve()
    return [*cluster_records(corpus), *updates(corpus), *unit_records(corpus), *sigstore_records(corpus)]


def counted(outcomes: Iterable[Outcome]) -> list[Group]:
    """How many outcomes of each group agree."""
    groups: dict[str, list[bool]] = {}
    for each in outcomes:
        groups.setdefault(each.group, []).append(each.agrees)
    return [Group(name, sum(agree), len(agree), name.endswith(ON_CLUSTER)) for name, agree in sorted(groups.items())]


def differing(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """What differs, apart from what only a live cluster can say."""
    return [each for each in outcomes if not each.agrees and not each.group.endswith(ON_CLUSTER)]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpus", type=Path)
    outcomes = outcomes_of(parser.parse_args().corpus)
    wrong = differing(outcomes)
    for name, group, _, found in wrong:
        sys.stdout.write(f"{group}: {name}: {found}\n")
    for each in counted(outcomes):
        sys.stdout.write(f"{each.name}: {each.agree} of {each.records} agree\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
