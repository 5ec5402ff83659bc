"""The end of a report for people: totals, denominators, and what was not judged. Plain lines, safe to print.

No line begins with text from a file, so none can pass for a CI command.
"""

from collections.abc import Iterator

from policylint.model import SEVERITIES, Counts, InternalError, NotJudged, Report, TextFix
from policylint.report.escape import visible, visible_lines

_LISTED = 10


def counted(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def headline(report: Report) -> str:
    """How many findings there are, and how bad; that nothing was judged, if so."""
    if not report.findings:
        return "No findings." if report.counts.judged else "No findings: nothing was judged."
    totals = report.severities()
    parts = [
        f"{totals[severity]} info" if severity == "info" else counted(totals[severity], severity)
        for severity in SEVERITIES
        if totals[severity]
    ]
    return f"{counted(len(report.findings), 'finding')}: {', '.join(parts)}."


def fixable(report: Report) -> str:
    """How many findings can be fixed, and by which option; empty when none can."""
    fixes = [finding.fix for finding in report.findings if finding.fix is not None]
    safe = sum(fix.safe for fix in fixes)
    parts = []
    if safe:
        parts.append(f"{safe} with --fix")
    if len(fixes) > safe:
        parts.append(f"{len(fixes) - safe} with --unsafe-fixes")
    return f"Fixable: {', '.join(parts)}." if parts else ""


def remedy(fix: TextFix) -> str:
    """What the fix does, and the option that applies it."""
    return f"{visible(fix.title)} ({'--fix' if fix.safe else '--unsafe-fixes'} applies it)"


def denominators(counts: Counts) -> str:
    return (
        f"Seen: {counted(counts.files, 'file')}, {counted(counts.documents, 'document')} "
        f"({counts.judged} judged, {counts.unmatched} unmatched); {counts.unparsed} unparsed; "
        f"findings left out: {counts.suppressed} suppressed, {counts.baselined} baselined."
    )


def tail(report: Report, verbose: bool) -> Iterator[str]:
    """Every line of the summary after the headline."""
    fixes = fixable(report)
    if fixes:
        yield fixes
    yield denominators(report.counts)
    yield from _not_judged(report.not_judged, verbose)
    if report.errors:
        yield f"{counted(len(report.errors), 'internal error')}, where a rule broke and gave no verdict:"
        for error in report.errors:
            yield from _internal(error)
    for note in report.notes:
        yield f"Note: {visible(note)}"


def _not_judged(items: tuple[NotJudged, ...], verbose: bool) -> Iterator[str]:
    if not items:
        return
    yield f"Not judged: {len(items)}."
    by_reason: dict[str, list[NotJudged]] = {}
    for item in items:
        by_reason.setdefault(item.reason, []).append(item)
    left = len(items) if verbose else _LISTED
    for reason, members in by_reason.items():
        if left <= 0:
            break
        yield f"- {visible(reason)} ({len(members)}):"
        for item in members[:left]:
            yield f"  - {_place(item)}: {visible(item.what)}"
        left -= len(members)
    hidden = 0 if verbose else len(items) - _LISTED
    if hidden > 0:
        yield f"- and {hidden} more, --verbose lists them"


def _internal(error: InternalError) -> Iterator[str]:
    first, *others = visible_lines(error.message)
    yield f"- {visible(error.rule)} on {visible(error.path)}: {first}"
    for line in others:
        yield f"  | {line}"


def _place(item: NotJudged) -> str:
    """`path:line`, or only the path where the whole file is meant."""
    return f"{visible(item.path)}:{item.line}" if item.line else visible(item.path)
