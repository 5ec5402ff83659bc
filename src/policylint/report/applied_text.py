"""What policies would do to resources, for people: each answer with its reason, then the totals."""

from collections.abc import Iterator
from typing import TextIO

from policylint.outcome import Answer, Applied
from policylint.report.escape import visible, visible_lines
from policylint.report.options import RenderOptions
from policylint.report.page import Ink, Page, place
from policylint.report.summary import counted
from policylint.report.verdicts import decisions, difference, gutter, sources

_INKS: dict[str, Ink] = {"pass": "clean", "fail": "error", "error": "error", "warn": "warning"}


def render(applied: Applied, out: TextIO, options: RenderOptions) -> None:
    """Write `applied` for a terminal or a log: answers by resource, rules that are not for one on a line each."""
    page = Page(options, 0, "info")
    resource = None
    for answer in applied.answers:
        if answer.resource != resource:
            resource = answer.resource
            out.write(page.paint("strong", visible(resource)) + "\n")
        out.write("\n".join(_answer(answer, options)) + "\n")
    for unread in applied.unread:
        out.write(f"{place(unread.place)}: {page.paint('error', 'error')} {visible(unread.message)}\n")
    if applied.answers:
        out.write("\n")
    ink: Ink = "error" if any(applied.denied) or applied.unread or applied.counts()["error"] else "clean"
    for line in _summary(applied):
        out.write(page.paint(ink, line) + "\n")


def _answer(answer: Answer, options: RenderOptions) -> Iterator[str]:
    page = Page(options, gutter(answer.policy_place, answer.resource_place), _INKS.get(answer.status, "info"))
    head = f"  {page.paint(page.ink, f'{answer.status:<9}')} {visible(answer.rule_name)}"
    if answer.status == "unmatched":
        where = f" ({visible(answer.policy_place.path)}:{answer.policy_place.line})" if answer.policy_place else ""
        yield f"{head}: {visible(answer.message)}{where}"
        return
    yield f"{head}{_consequence(answer)}"
    first, *others = visible_lines(answer.message)
    if first:
        yield from page.note("why", "\n".join((first, *others)))
    decided = answer.status != "pass" or options.verbose
    yield from sources(page, answer.policy_place, answer.resource_place if decided else None)
    yield from decisions(page, answer.steps)
    if answer.diff:
        yield from page.note("diff", "from what is asked for to what is stored")
        yield from difference(page, answer.diff)


def _consequence(answer: Answer) -> str:
    if answer.denies:
        return f" ({answer.action}): the request is denied" if answer.action else ": the request is denied"
    if answer.status in ("fail", "warn"):
        return f" ({answer.action}): reported, the request is allowed" if answer.action else ": reported"
    return ""


def _summary(applied: Applied) -> Iterator[str]:
    for note in applied.notes:
        yield f"Note: {visible(note)}"
    yield (
        f"{'1 policy' if applied.policies == 1 else f'{applied.policies} policies'} asked about "
        f"{counted(applied.resources, 'resource')}; {counted(len(applied.unread), 'input')} could not be used."
    )
    counts = applied.counts()
    yield f"{counted(len(applied.answers), 'answer')}: {', '.join(f'{n} {status}' for status, n in counts.items())}."
    unknown = applied.counts()["error"]
    if unknown:
        yield f"{counted(unknown, 'answer')} could not be had: what would happen there is not known."
    denied = list(dict.fromkeys(answer.resource for answer in applied.denied))
    if denied:
        yield f"Denied: {', '.join(map(visible, denied))}."
    elif applied.answers and not unknown and not applied.unread:
        yield "Nothing is denied."
