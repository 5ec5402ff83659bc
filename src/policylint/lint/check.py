"""`check` from beginning to end: discover, judge, hold against configuration and baseline, report."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from policylint.lint.fingerprint import numbered
from policylint.lint.judge import Judge
from policylint.lint.renders import unique
from policylint.lint.runner import Judged, JudgedDocument, judge_project, merge
from policylint.lint.session import Run, RunSpec, prepare
from policylint.lint.suppression import UNUSED
from policylint.lint.suppressions import match_configured
from policylint.lint.targets import judge_targets
from policylint.model import Finding, Report
from policylint.processes import Progress
from policylint.sources.discover import Discovery, discover
from policylint.sources.files import MAX_FILE_BYTES

_STRUCTURE_ONLY = "these kinds were judged for their structure only, since no selected rule is about them: "
_PARTIAL = "rules that need the whole project did not run: only files were named"


class CheckRequest(NamedTuple):
    """What to check and how. `baseline` is a path or empty; `stdin_name` is the path that stdin stands for.

    `against` is a git revision or a folder that has the same objects as they are now in the cluster, or empty.
    """

    paths: tuple[str, ...]
    spec: RunSpec
    baseline: str = ""
    stdin_name: str = "-"
    against: str = ""


class CheckResult(NamedTuple):
    """A report, what it was made from, and whether there was nothing to judge at all."""

    report: Report
    run: Run
    empty: bool
    documents: tuple[JudgedDocument, ...] = ()
    texts: Mapping[str, str] = {}


def check(request: CheckRequest, progress: Progress | None = None) -> CheckResult:
    """Judges what lies at the request's paths. Raises UsageError, ConfigError or RuleFileError beforehand."""
    run = prepare(with_stdin(request).spec._replace(paths=request.paths))
    discovery = discover(request.paths, request.spec.config, request.stdin_name)
    if not discovery.whole:
        run = run._replace(rulebook=run.rulebook._replace(gathering=()))
    judged = judge_targets(discovery.targets, run, progress)
    if request.against:
        from policylint.lint.against import judge_updates

        judged = merge([judged, judge_updates(discovery.targets, request.against, request.paths, run)])
    return finish(discovery, judged, run, request.baseline)


def with_stdin(request: CheckRequest) -> CheckRequest:
    """The request with what stdin holds, when it asks for stdin: it can be read only once, and in this process."""
    spec = request.spec
    if "-" not in request.paths or request.stdin_name in spec.overlay:
        return request
    data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    return request._replace(spec=spec._replace(overlay={**spec.overlay, request.stdin_name: data}))


def finish(discovery: Discovery, judged: Judged, run: Run, baseline: str = "") -> CheckResult:
    """The result of a run whose targets have been judged: what needs all of them is added here."""
    notes = list(judged.notes)
    if run.rulebook.project_rules:
        if discovery.whole:
            judged = merge([judged, judge_project(discovery.targets, judged, run)])
        else:
            notes.append(_PARTIAL)
    findings = [*judged.findings, *_discovery_failures(discovery, run)]
    findings = unique(_still_unused(findings, judged), discovery.targets)
    spec, selection = run.spec, run.rulebook.selection
    matched = match_configured(findings, spec.config, run.names, spec.today, selection, discovery.whole)
    kept = [*matched.kept, *matched.problems]
    baselined = 0
    if baseline:
        from policylint.lint.baseline import apply_baseline, read_baseline

        outcome = apply_baseline(numbered(kept), read_baseline(Path(baseline)))
        kept, baselined = list(outcome.kept), outcome.baselined
        if outcome.stale and discovery.whole:
            notes.append(f"{len(outcome.stale)} entries of {baseline} match nothing any more: write it anew")
    if judged.unruled and not (run.spec.select or run.spec.config.select):
        notes.append(_STRUCTURE_ONLY + ", ".join(f"{kind} {count}" for kind, count in judged.unruled))
    counts = judged.counts._replace(
        files=judged.counts.files + len(discovery.not_judged) + discovery.passed,
        unparsed=judged.counts.unparsed + len(discovery.failures),
        suppressed=judged.counts.suppressed + len(matched.suppressed),
        baselined=baselined,
    )
    report = Report(
        tuple(numbered(sorted(kept, key=lambda finding: finding.sort_key))),
        counts,
        (*discovery.not_judged, *judged.not_judged),
        judged.errors,
        tuple(notes),
    )
    return CheckResult(
        report, run, not discovery.targets and not discovery.failures, judged.documents, dict(judged.texts)
    )


def _discovery_failures(discovery: Discovery, run: Run) -> list[Finding]:
    judge = Judge(run.rulebook)
    found = [judge.failure(failure) for failure in discovery.failures]
    return [finding for finding in found if finding is not None]


def _still_unused(findings: Sequence[Finding], judged: Judged) -> Iterator[Finding]:
    """Findings without those about suppressions that another render of the same file did need."""
    for finding in findings:
        if finding.rule != UNUSED or finding.location._replace(rendered=None) not in judged.used:
            yield finding
