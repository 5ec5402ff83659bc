"""What tests claim of an evaluation, with failures that say why it is not so."""

from collections.abc import Mapping
from typing import Any

from policylint.engine.objects import completed
from policylint.evaluation import Evaluation
from policylint.suites.compare import comparable, tidy
from policylint.suites.policies import own_name


def assert_allowed(result: Evaluation) -> None:
    """The request is not refused. Raises AssertionError with what refuses it."""
    __tracebackhide__ = True
    if result.denied:
        said = "\n".join(f"- {rule.rule}: {rule.message}" for rule in result.denying)
        raise AssertionError(f"the request is denied:\n{said}\n\n{result.explain()}")


def assert_denied(result: Evaluation, *, rule: str = "", message: str = "") -> None:
    """The request is refused: by the rule called `rule`, and saying `message` somewhere, where they are given.

    Raises AssertionError with what the rules said instead.
    """
    __tracebackhide__ = True
    if not result.denied:
        audited = "; what fails is only reported" if result.failed else ""
        raise AssertionError(f"the request is allowed{audited}:\n{result.explain()}")
    named = [each for each in result.denying if not rule or rule in (each.rule, own_name(each.rule))]
    if not named:
        others = ", ".join(each.rule for each in result.denying)
        raise AssertionError(f"the request is denied by {others}, not by {rule!r}:\n{result.explain()}")
    if not any(message in each.message for each in named):
        said = "\n".join(f"- {each.rule}: {each.message}" for each in named)
        raise AssertionError(f"the request is denied, but nothing says {message!r}:\n{said}")


def assert_mutated(result: Evaluation, expected: Mapping[str, Any]) -> None:
    """The object after mutations is `expected`, as Kyverno's own tests compare objects: empty parts do not count.

    Raises AssertionError with the differences, path by path.
    """
    __tracebackhide__ = True
    from deepdiff import DeepDiff

    want, got = comparable(completed(expected, floats=False)), comparable(result.patched)
    differences = DeepDiff(want, got, ignore_numeric_type_changes=True, verbose_level=2)
    if differences:
        changed = tidy(result.patched) != tidy(result.request.resource)
        headline = "the object is not as expected" if changed else "nothing was mutated"
        raise AssertionError(f"{headline}:\n{differences.pretty()}\n\n{result.explain()}")
