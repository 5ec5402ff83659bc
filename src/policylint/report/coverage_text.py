"""Policy coverage as a table for people: policies, and below them what no suite reached of their rules."""

from collections.abc import Iterator
from textwrap import wrap
from typing import TextIO

from policylint.coverage import Coverage, PolicyCoverage, RuleCoverage
from policylint.report.coverage_words import headline, listed, percent
from policylint.report.escape import visible
from policylint.report.options import RenderOptions
from policylint.report.page import Ink, Page, shown_path

_MARGIN = " " * 18


def render(coverage: Coverage, out: TextIO, options: RenderOptions) -> None:
    """Write `coverage` for a terminal or a log; with `options.verbose` also what was reached."""
    page = Page(options, 0, "info")
    out.write(page.paint("strong", f"{'covered':>7}  {'goals':>7}  policy") + "\n")
    for policy in coverage.policies:
        for line in _policy(policy, page):
            out.write(line + "\n")
    out.write(page.paint(_ink(coverage.reached, coverage.total), headline(coverage)) + "\n")


def _policy(policy: PolicyCoverage, page: Page) -> Iterator[str]:
    ink = _ink(policy.reached, policy.total)
    share = page.paint(ink, f"{percent(policy.reached, policy.total):>7}")
    goals = f"{policy.reached}/{policy.total}" if policy.total else ""
    yield f"{share}  {goals:>7}  {shown_path(policy.path)}:{policy.line} {page.paint('strong', visible(policy.name))}"
    if policy.unmeasured:
        yield from _wrapped(f"not measured: {policy.unmeasured}", page)
    for rule in policy.rules:
        yield from _rule(rule, page)


def _rule(rule: RuleCoverage, page: Page) -> Iterator[str]:
    if rule.unmeasured:
        yield from _wrapped(f"{rule.line} {rule.name}: not measured: {rule.unmeasured}", page)
    elif rule.missing:
        yield from _wrapped(f"{rule.line} {rule.name}: not reached: {listed(rule.missing)}", page)
    elif page.options.verbose:
        yield from _wrapped(f"{rule.line} {rule.name}: all {len(rule.goals)} reached", page)
    if page.options.verbose and rule.missing and rule.reached:
        reached = [goal for goal in rule.goals if goal in rule.reached]
        yield from _wrapped(f"{' ' * len(str(rule.line))} reached: {listed(reached)}", page)


def _wrapped(text: str, page: Page) -> Iterator[str]:
    width = max(60, page.options.width)
    indent = f"{_MARGIN}  "
    yield from wrap(visible(text), width, initial_indent=_MARGIN, subsequent_indent=indent, break_on_hyphens=False)


def _ink(reached: int, total: int) -> Ink:
    if reached == total:
        return "clean" if total else "info"
    return "warning" if reached else "error"
