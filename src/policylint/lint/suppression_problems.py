"""What is wrong with suppressions themselves: unused, expired, without a reason, or naming no rule."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from policylint.lint.suppression import EXPIRED, UNKNOWN_RULE, UNUSED, WITHOUT_REASON, Suppression
from policylint.model import Edit, Location, TextFix


class SuppressionProblem(NamedTuple):
    """A finding about a suppression, before the runner gives it the severity of its rule."""

    rule: str
    location: Location
    message: str
    help: str
    fix: TextFix | None = None


def suppression_problems(
    suppressions: Iterable[Suppression],
    used: Iterable[tuple[Suppression, str]],
    today: date,
    ran: Callable[[str, Suppression], bool],
) -> list[SuppressionProblem]:
    """What is wrong with the suppressions themselves, in their order; other tools' comments are left alone.

    `used` pairs suppressions with the rules that they kept back. `ran(rule, suppression)` says whether the rule was
    selected and judged what the suppression governs: only then can it be unused.
    """
    kept_back = {_key(suppression, rule) for suppression, rule in used}
    problems: list[SuppressionProblem] = []
    for each in suppressions:
        if each.origin == "foreign":
            continue
        problems.extend(SuppressionProblem(UNKNOWN_RULE, each.location, *mistake) for mistake in each.mistakes)
        if each.rules:
            problems.extend(_verdicts(each, today, kept_back, ran))
    return problems


def _key(suppression: Suppression, rule: str) -> tuple[object, ...]:
    """The same comment in several renders of a template is one suppression."""
    place = suppression.location
    return suppression.origin, place.path, place.line, place.column, suppression.reason, rule


def _verdicts(
    suppression: Suppression, today: date, kept_back: set[tuple[object, ...]], ran: Callable[[str, Suppression], bool]
) -> Iterator[SuppressionProblem]:
    place, named = suppression.location, ", ".join(suppression.rules)
    if suppression.until is not None and suppression.expired(today):
        message = f"the suppression of {named} expired on {suppression.until}"
        yield SuppressionProblem(EXPIRED, place, message, "mend what it hid, or give it a later date")
    else:
        unused = [
            rule for rule in suppression.rules if _key(suppression, rule) not in kept_back and ran(rule, suppression)
        ]
        if unused:
            message = f"this suppresses nothing: {', '.join(unused)} would report nothing here"
            whole = len(unused) == len(suppression.rules) and not suppression.mistakes
            fix = _removal(suppression) if whole else None
            yield SuppressionProblem(UNUSED, place, message, "remove it", fix)
    if not suppression.reason:
        how = {
            "comment": "write the reason after the bracket",
            "annotation": "give it in the annotation policylint.dev/ignore-reason",
        }.get(suppression.origin, "fill in its `reason`")
        yield SuppressionProblem(WITHOUT_REASON, place, f"the suppression of {named} gives no reason", how)


def _removal(suppression: Suppression) -> TextFix | None:
    """The edit that takes an unused comment out, with its line when nothing else is there."""
    source = suppression.source
    if suppression.origin != "comment" or source is None:
        return None
    start, end = suppression.span
    text = source.text
    line = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    rest = text[end : stop if stop >= 0 else len(text)]
    if rest.strip():
        end += len(rest) - len(rest.lstrip())  # another comment follows and moves up
    elif not text[line:start].strip():
        start, end = line, stop + 1 if stop >= 0 else len(text)
    else:
        start = line + len(text[line:start].rstrip(" \t"))
    span = source.editable_span(start, end)
    if span is None:
        return None
    return TextFix("remove the unused suppression", True, (Edit(source.path, *span, ""),))
