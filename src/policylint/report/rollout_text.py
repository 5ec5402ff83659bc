"""Rollouts for people: for each release the slots of its pools, then every workload's course, peak and verdict."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import TextIO

from policylint.capacity.assessment import HookNeed, PoolUse, RankedFix, Step, Verdict, WorkloadRollout
from policylint.lint.rollout_report import SEVERITY, Change, ReleaseRollout, Rollouts
from policylint.report.escape import visible
from policylint.report.options import RenderOptions
from policylint.report.page import Ink, Page, place
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
)
from policylint.report.summary import counted

_LISTED = 8
_BRIEF = 10  # workloads from which on those that complete take one line
_PLAIN = 3
_LEAST_WIDTH = 60


def render(rollouts: Rollouts, out: TextIO, options: RenderOptions) -> None:
    """Write `rollouts` for a terminal or a log; with `options.verbose` nothing is shortened."""
    text = _Text(Page(options, 0, "info"))
    for release in rollouts.releases:
        out.writelines(f"{line}\n" for line in text.release(release, rollouts.before))
        out.write("\n")
    out.writelines(f"{line}\n" for line in text.rest(rollouts))


def ink_of(verdict: Verdict) -> Ink:
    return SEVERITY[verdict] or "clean"


class _Text:
    def __init__(self, page: Page) -> None:
        self._page = page
        self._width = max(_LEAST_WIDTH, page.options.width)
        self._verbose = page.options.verbose

    def release(self, release: ReleaseRollout, before: str) -> Iterator[str]:
        assessment = release.assessment
        verdict = assessment.verdict
        name = self._page.paint("strong", visible(assessment.label))
        against = f", compared with {visible(before)}" if before else ""
        yield f"{name}{against}: {self._page.paint(ink_of(verdict), verdict)}"
        for note in release.notes:
            yield from self._wrapped(f"note: {note}", 2)
        for pool in assessment.pools:
            yield from self._pool(pool)
        brief = len(assessment.workloads) >= _BRIEF and not self._verbose
        if brief:
            yield ""
        for rollout, change in release.workloads():
            yield from self._workload(rollout, change, brief)
        yield from self._besides(release)

    def _pool(self, pool: PoolUse) -> Iterator[str]:
        yield ""
        yield f"  pool {self._page.paint('strong', visible(pool.name))}"
        rows = pool_rows(pool, len(pool.steady) + _LISTED if self._verbose else _LISTED)
        width = max(len(str(row.pods)) for row in rows)
        for row in rows:
            yield from self._wrapped(f"{row.sign:1} {row.pods:>{width}}  {row.text}", 4, 4 + width)
        left = "?" if pool.free is None else str(pool.free)
        ink: Ink = "error" if pool.free is not None and pool.free < 0 else "strong"
        yield f"    {self._page.paint(ink, f'= {left:>{width}}')}  {free(pool)}"

    def _workload(self, rollout: WorkloadRollout, change: Change | None, brief: bool) -> Iterator[str]:
        name = self._page.paint("strong", visible(str(rollout.resource)))
        where = f"{name}  {place(rollout.document.location())}"
        kept = stays(rollout, change)
        if brief and rollout.worst == "completes":
            how = kept or peak(rollout)
            yield f"  {where}: {self._page.paint('clean', 'completes')}, {visible(how)}"
            return
        yield ""
        yield f"  {where}"
        yield from self._wrapped(kept or strategy(rollout), 4)
        if change is not None and change.differences:
            yield from self._wrapped(f"rolls for: {'; '.join(change.differences)}", 4)
        if change is not None and change.sort == "changed" and change.replicas is not None:
            yield f"    pods: {change.replicas} before, {rollout.least} now"
        if rollout.rolls:
            yield from self._steps(rollout.steps, rollout.capacity)
            yield f"    {visible(peak(rollout))}"
        yield from self._verdict(rollout)
        yield from self._fixes(rollout.fixes)
        yield from self._range(rollout)
        for label, text in (("cost", rollout.downtime), *(("note", note) for note in rollout.notes)):
            if text:
                yield from self._wrapped(f"{label}: {text}", 4)

    def _steps(self, steps: Sequence[Step], capacity: int) -> Iterator[str]:
        slots = [f"{step.wanted}/{capacity}" for step in steps]
        wide = max(len("slots"), *map(len, slots))
        room = max(20, min(70, self._width - 20 - wide))
        texts = [wrap(visible(step.text), room) for step in steps]
        room = max(len("step"), *(len(line) for text in texts for line in text))
        yield self._page.paint("gutter", f"      {'':2} {'step':<{room}}  serving  {'slots':>{wide}}")
        for number, (step, text, slot) in enumerate(zip(steps, texts, slots, strict=True), 1):
            line = f"    {'>' if step.stuck else ' '} {number:>2} {text[0]:<{room}}  {step.serving:>7}  {slot:>{wide}}"
            over = step.wanted > capacity
            yield self._page.paint("error", f"{line}  stuck") if step.stuck else self._over(line, over)
            for more in text[1:]:
                yield f"         {more}"

    def _over(self, line: str, over: bool) -> str:
        return self._page.paint("warning", line) if over else line

    def _verdict(self, rollout: WorkloadRollout) -> Iterator[str]:
        words = certainty(rollout)
        yield f"    {self._page.paint(ink_of(rollout.verdict), words)}"
        for shortage in rollout.shortages:
            if shortage is rollout.limit or (shortage.text and shortage.verdict != "completes"):
                yield from self._wrapped(f"{shortage.dimension}: {shortage.text}", 6)

    def _fixes(self, fixes: Sequence[RankedFix]) -> Iterator[str]:
        if fixes:
            yield "    fixes, the cheapest first:"
        for number, fix in enumerate(fixes, 1):
            yield from self._wrapped(f"{number}. {fix.title}", 6, 3)
            yield from self._wrapped(f"price: {fix.price}", 9)
            if fix.in_chart:
                yield from self._wrapped(f"in the chart: {fix.in_chart}", 9)

    def _range(self, rollout: WorkloadRollout) -> Iterator[str]:
        found = ranges(rollout)
        if found:
            parts = [f"{self._page.paint(ink_of(verdict), verdict)} at {span}" for span, verdict in found]
            yield f"    under its autoscaler: {', '.join(parts)}"

    def _besides(self, release: ReleaseRollout) -> Iterator[str]:
        assessment = release.assessment
        if assessment.hooks or assessment.quotas or release.removed:
            yield ""
        for hook in assessment.hooks:
            yield from self._hook(hook)
        for quota in assessment.quotas:
            where = place(quota.document.location(quota.path))
            yield f"  {self._page.paint('strong', visible(quota.shortage.dimension))}  {where}"
            yield f"    {self._page.paint(ink_of(quota.shortage.verdict), QUOTA_EXCEEDED)}"
            yield from self._wrapped(quota.shortage.text, 6)
        for gone in release.removed:
            yield from self._wrapped(f"{share(gone)}: no longer in the release; its pods end with it", 2)
        if assessment.uncounted:
            names = assessment.uncounted if self._verbose else assessment.uncounted[:_LISTED]
            more = len(assessment.uncounted) - len(names)
            listed = ", ".join(names) + (f" and {more} more" if more else "")
            yield from self._wrapped(f"not counted, as their pods come and go or are not modelled: {listed}", 2)
        for text in assessment.unjudged:
            yield from self._wrapped(f"not judged: {text}", 2)

    def _hook(self, hook: HookNeed) -> Iterator[str]:
        name = self._page.paint("strong", visible(str(hook.resource)))
        yield f"  {name}  {place(hook.document.location())}"
        shortage = hook.shortage
        ink = self._page.paint(ink_of(shortage.verdict), hook_words(shortage.verdict))
        yield f"    hook {visible(', '.join(hook.phases))}: {ink}"
        if shortage.text:
            yield from self._wrapped(shortage.text, 6)

    def _wrapped(self, text: str, indent: int, hang: int = 2) -> Iterator[str]:
        yield from wrap(
            visible(text),
            self._width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hang),
            break_on_hyphens=False,
            break_long_words=False,
            drop_whitespace=True,
        )

    def rest(self, rollouts: Rollouts) -> Iterator[str]:
        page = self._page
        for failure in rollouts.failures:
            yield from self._wrapped(f"{place(failure.location)}: error: {failure.message}", 0)
            if failure.help:
                yield from self._wrapped(f"help: {failure.help}", 2)
        for note in rollouts.notes:
            yield from self._wrapped(f"Note: {note}", 0)
        skipped = rollouts.not_judged if self._verbose else rollouts.not_judged[:_PLAIN]
        for item in skipped:
            yield from self._wrapped(f"Not judged: {item.path}{f':{item.line}' if item.line else ''}: {item.reason}", 0)
        if len(skipped) < len(rollouts.not_judged):
            yield f"Not judged: {len(rollouts.not_judged) - len(skipped)} more, --verbose lists them"
        found: Verdict = "completes"
        worst = next((verdict for verdict, count in rollouts.verdicts().items() if count), found)
        ink: Ink = "error" if rollouts.failures else ink_of(worst)
        unread = f" {counted(len(rollouts.failures), 'input')} could not be read." if rollouts.failures else ""
        yield page.paint(ink, f"{headline(rollouts)}{unread}")
