"""Rollouts as one HTML file that needs nothing else, each with its course drawn.

Everything from files is escaped, and the page forbids itself scripts and all that would be loaded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TextIO

from policylint.capacity.assessment import PoolUse, RankedFix, Shortage, Step, Verdict, WorkloadRollout
from policylint.document.document import Document
from policylint.lint.rollout_report import Change, ReleaseRollout, Rollouts
from policylint.model import ROOT, YamlPath
from policylint.report.html_page import END, head, shown
from policylint.report.options import RenderOptions
from policylint.report.page import place
from policylint.report.rollout_drawing import drawing
from policylint.report.rollout_style import STYLE
from policylint.report.rollout_words import (
    QUOTA_EXCEEDED,
    certainty,
    free,
    headline,
    hook_words,
    peak,
    pool_rows,
    ranges,
    share,
    stays,
    strategy,
    tally,
)

_LISTED = 40
_DRAWN = 100  # workloads that complete, of which the course is drawn as well
_DRAWING = {"own": "this workload", "rest": "everything else", "over": "wanted, but there is no slot"}
_POOL = {"system": "system", "others": "others", "release": "this release", "free": "free"}


def render(rollouts: Rollouts, out: TextIO, options: RenderOptions) -> None:
    """Write the whole page."""
    out.write(head("Rollouts", STYLE))
    out.write(f"<h1>Rollouts</h1>\n<p>{shown(headline(rollouts))}")
    out.write(f" Compared with {shown(rollouts.before)}." if rollouts.before else "")
    out.write(f' <span class="soft">Made by policylint {shown(options.tool_version)}.</span></p>\n')
    out.writelines(_failures(rollouts))
    out.writelines(_overview(rollouts.releases))
    drawn = 0
    for number, release in enumerate(rollouts.releases):
        out.writelines(_release(release, number, _DRAWN - drawn))
        drawn += len(release.assessment.workloads)
    out.writelines(_rest(rollouts))
    out.write(END)


def _failures(rollouts: Rollouts) -> Iterator[str]:
    if rollouts.failures:
        yield '<p><span class="chip overflow">not read</span></p>\n<ul>\n'
        for failure in rollouts.failures:
            yield f"<li>{shown(place(failure.location))}: {shown(failure.message)}"
            yield f' <span class="soft">{shown(failure.help)}</span></li>\n' if failure.help else "</li>\n"
        yield "</ul>\n"


def _overview(releases: Sequence[ReleaseRollout]) -> Iterator[str]:
    if not releases:
        return
    yield '<table>\n<tr><th>release</th><th class="number">workloads</th><th>verdict</th><th></th></tr>\n'
    for number, release in enumerate(releases):
        verdict = release.assessment.verdict
        yield f'<tr><td><a href="#r{number}">{shown(release.assessment.label)}</a></td>'
        yield f'<td class="number">{len(release.assessment.workloads)}</td>'
        yield f"<td>{_chip(verdict)}</td><td>{tally([release.assessment])}</td></tr>\n"
    yield "</table>\n"


def _release(release: ReleaseRollout, number: int, drawn: int) -> Iterator[str]:
    assessment = release.assessment
    yield f'<h2 id="r{number}">{shown(assessment.label)} {_chip(assessment.verdict)}</h2>\n'
    yield from _paragraphs(release.notes)
    for pool in assessment.pools:
        yield from _pool(pool)
    brief = []
    for index, (rollout, change) in enumerate(release.workloads()):
        if index >= drawn and rollout.worst == "completes":
            brief.append((rollout, change))
        else:
            yield from _workload(rollout, change, f"r{number}w{index}")
    yield from _brief(brief)
    for hook in assessment.hooks:
        words = f"hook {', '.join(hook.phases)}: {hook_words(hook.shortage.verdict)}"
        yield from _other(hook.document, str(hook.resource), ROOT, hook.shortage, words)
    for quota in assessment.quotas:
        yield from _other(quota.document, quota.shortage.dimension, quota.path, quota.shortage, QUOTA_EXCEEDED)
    gone = [f"{share(each)}: no longer in the release; its pods end with it" for each in release.removed]
    uncounted = "not counted, as their pods come and go or are not modelled: "
    listed = [uncounted + ", ".join(assessment.uncounted)] if assessment.uncounted else []
    yield from _paragraphs([*gone, *listed, *(f"not judged: {text}" for text in assessment.unjudged)])


def _pool(pool: PoolUse) -> Iterator[str]:
    yield f"<h3>pool {shown(pool.name)}</h3>\n"
    yield from _slots(pool)
    yield "<table>\n"
    for row in pool_rows(pool, _LISTED):
        yield f'<tr><td class="number">{row.sign} {row.pods}</td><td>{shown(row.text)}</td></tr>\n'
    left = "?" if pool.free is None else str(pool.free).replace("-", "\u2212")
    yield f'<tr class="sum"><td class="number">= {left}</td><td>{free(pool)}</td></tr>\n</table>\n'


def _slots(pool: PoolUse) -> Iterator[str]:
    """A bar of the pool's slots; none where pods may be in another pool."""
    total = pool.nodes * pool.cap
    if pool.free is None or total <= 0:
        return
    others, steady = sum(each.pods for each in pool.others), sum(each.pods for each in pool.steady)
    parts = {"system": total - pool.slots, "others": others, "release": steady}
    whole = max(total, sum(parts.values()))
    yield '<div class="slots">'
    for name, pods in parts.items():
        yield f'<i class="{name}" style="width: {pods * 100 / whole:.2f}%"></i>' if pods else ""
    yield f"</div>\n{_legend(_POOL)}"


def _workload(rollout: WorkloadRollout, change: Change | None, name: str) -> Iterator[str]:
    yield f'<section class="card">\n<h3>{shown(str(rollout.resource))} {_chip(rollout.verdict)}</h3>\n'
    yield f'<p class="place">{shown(place(rollout.document.location()))}</p>\n'
    yield f"<p>{shown(stays(rollout, change) or strategy(rollout))}</p>\n"
    if change is not None and change.differences:
        yield f"<p>rolls for: {shown('; '.join(change.differences))}</p>\n"
    if change is not None and change.sort == "changed" and change.replicas is not None:
        yield f"<p>pods: {change.replicas} before, {rollout.least} now</p>\n"
    if rollout.rolls:
        yield '<div class="course">\n<div>\n'
        yield from drawing(rollout, f"{name}s")
        yield f"{_legend(_DRAWING)}</div>\n<div>\n"
        yield from _steps(rollout.steps, rollout.capacity)
        yield f"<p>{shown(peak(rollout))}</p>\n</div>\n</div>\n"
    yield from _verdict(rollout)
    yield from _fixes(rollout.fixes)
    found = ranges(rollout)
    if found:
        parts = ", ".join(f"{_chip(verdict)} at {span}" for span, verdict in found)
        yield f"<p>under its autoscaler: {parts}</p>\n"
    yield from _paragraphs([*([f"cost: {rollout.downtime}"] if rollout.downtime else []), *rollout.notes])
    yield "</section>\n"


def _steps(steps: Sequence[Step], capacity: int) -> Iterator[str]:
    yield '<table>\n<tr><th class="number"></th><th>step</th><th class="number">serving</th>'
    yield '<th class="number">slots</th></tr>\n'
    for number, step in enumerate(steps, 1):
        over = " over" if step.wanted > capacity else ""
        yield f'<tr{" class=stuck" if step.stuck else ""}><td class="number">{number}</td><td>{shown(step.text)}</td>'
        yield f'<td class="number">{step.serving}</td><td class="number{over}">{step.wanted}/{capacity}</td></tr>\n'
    yield "</table>\n"


def _verdict(rollout: WorkloadRollout) -> Iterator[str]:
    yield f'<div class="facts"><p><strong>{certainty(rollout)}</strong></p>\n'
    for shortage in rollout.shortages:
        if shortage is rollout.limit or (shortage.text and shortage.verdict != "completes"):
            yield f"<p>{shown(shortage.dimension)}: {shown(shortage.text)}</p>\n"
    yield "</div>\n"


def _fixes(fixes: Sequence[RankedFix]) -> Iterator[str]:
    if fixes:
        yield "<p>Fixes, the cheapest first:</p>\n<ol>\n"
        for fix in fixes:
            where = f"<br>in the chart: {shown(fix.in_chart)}" if fix.in_chart else ""
            yield f'<li>{shown(fix.title)}<br><span class="soft">price: {shown(fix.price)}{where}</span></li>\n'
        yield "</ol>\n"


def _brief(workloads: Sequence[tuple[WorkloadRollout, Change | None]]) -> Iterator[str]:
    """Workloads that complete, a row each."""
    if not workloads:
        return
    yield '<table>\n<tr><th>workload</th><th>verdict</th><th class="number">peak</th><th></th></tr>\n'
    for rollout, change in workloads:
        yield f"<tr><td>{shown(str(rollout.resource))}</td><td>{_chip(rollout.verdict)}</td>"
        yield f'<td class="number">{rollout.peak}/{rollout.capacity}</td>'
        yield f"<td>{shown(stays(rollout, change) or rollout.downtime)}</td></tr>\n"
    yield "</table>\n"


def _other(document: Document, name: str, path: YamlPath, shortage: Shortage, words: str) -> Iterator[str]:
    yield f'<section class="card">\n<h3>{shown(name)} {_chip(shortage.verdict)}</h3>\n'
    yield f'<p class="place">{shown(place(document.location(path)))}</p>\n<p>{shown(words)}</p>\n'
    yield f'<div class="facts"><p>{shown(shortage.text)}</p></div>\n' if shortage.text else ""
    yield "</section>\n"


def _rest(rollouts: Rollouts) -> Iterator[str]:
    skipped = [f"{item.path}{f':{item.line}' if item.line else ''}: {item.reason}" for item in rollouts.not_judged]
    if not rollouts.notes and not skipped:
        return
    yield "<h2>Notes</h2>\n"
    yield from _paragraphs(rollouts.notes)
    if skipped:
        yield f"<p>Not judged:</p>\n<ul>\n{''.join(f'<li>{shown(each)}</li>' for each in skipped)}\n</ul>\n"


def _legend(words: Mapping[str, str]) -> str:
    items = (f'<span><i class="key {name}"></i>{word}</span>' for name, word in words.items())
    return f'<p class="legend">{" ".join(items)}</p>\n'


def _paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield f'<p class="soft">{shown(text)}</p>\n'


def _chip(verdict: Verdict) -> str:
    return f'<span class="chip {verdict}">{verdict}</span>'
