"""Why a rule answered as it did, for people: the steps, both sources, and what differs; for rows and for answers."""

from collections.abc import Iterator, Sequence

from policylint.model import Location
from policylint.outcome import Decision
from policylint.report.escape import visible, visible_lines
from policylint.report.page import Ink, Page, place

_STEPS = 8
_DIFF_LINES = 60
_DIFF_INKS: dict[str, Ink] = {"+": "clean", "-": "error"}


def gutter(*places: Location | None) -> int:
    """The width of the largest line number that is shown."""
    return len(str(max((each.line for each in places if each is not None), default=1)))


def sources(page: Page, policy: Location | None, resource: Location | None) -> Iterator[str]:
    """Where the policy and the resource decided, with these lines of both."""
    for label, where in (("policy", policy), ("resource", resource)):
        if where is not None:
            yield from page.note(label, place(where))
            yield from page.snippet(where, context=0)


def decisions(page: Page, steps: Sequence[Decision]) -> Iterator[str]:
    """The steps on the way, the last ones when there are many and the report is not verbose."""
    shown = steps if page.options.verbose else steps[-_STEPS:]
    if len(shown) < len(steps):
        yield from page.note("step", f"({len(steps) - len(shown)} before these; --verbose lists them)")
    for step in shown:
        yield from page.note("step", f"{visible(step.what)}: {visible(step.outcome)}{_at(step)}")


def _at(step: Decision) -> str:
    at = [f"{visible(where.path)}:{where.line}" for where in (step.policy_place, step.resource_place) if where]
    return f" ({', '.join(at)})" if at else ""


def difference(page: Page, diff: str) -> Iterator[str]:
    """A unified diff, coloured; of one without end the beginning."""
    lines = visible_lines(diff.rstrip("\n")) if diff else []
    shown = lines if page.options.verbose else lines[:_DIFF_LINES]
    for line in shown:
        ink = _DIFF_INKS.get(line[:1])
        yield f"{page.bar()} {page.paint(ink, line) if ink else line}".rstrip()
    if len(shown) < len(lines):
        yield from page.note("diff", f"{len(lines) - len(shown)} more lines; --verbose prints them")
