"""Many suites run, in worker processes when that pays, and filtered to what was asked for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from policylint.engine.wildcard import match
from policylint.errors import UsageError, did_you_mean
from policylint.model import InternalError
from policylint.outcome import Row, SuiteOutcome, Tested
from policylint.processes import Progress, cores, spread
from policylint.suites.find import FoundSuite
from policylint.suites.policies import own_name
from policylint.suites.run import run_suite

# fewer suites than this take less time than starting a second process
_PARALLEL_SUITES = 16
_CHUNKS_PER_WORKER = 8

_Run = Callable[[FoundSuite], SuiteOutcome | InternalError]


class RowFilter(NamedTuple):
    """Which rows count: wildcards for their policies, rules and resources, any of several of one sort."""

    policy: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "RowFilter":
        """The filter `policy=…,rule=…,resource=…`, as `kyverno test --test-case-selector` takes it.

        Raises UsageError for anything else.
        """
        found: dict[str, tuple[str, ...]] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            key, equals, value = (word.strip() for word in part.partition("="))
            if key not in cls._fields:
                hint = did_you_mean(key, cls._fields)
                raise UsageError(f"--filter takes policy=, rule= and resource=, but not {part!r}{hint}")
            if not equals or not value:
                raise UsageError(f"--filter: {key} has no value: write {key}=NAME, * stands for anything")
            found[key] = (*found.get(key, ()), value)
        return cls(**found)

    def takes(self, row: Row) -> bool:
        """Whether `row` is one of those that were asked for. Names count with their namespace, kind, or neither."""
        rule = own_name(row.rule)
        return (
            _meets(self.policy, (row.policy, row.policy.rpartition("/")[2]))
            and _meets(self.rule, (row.rule, rule) if row.rule else ())
            and _meets(self.resource, tuple(_endings(row.resource)) if row.resource else ())
        )


_EVERYTHING = RowFilter()


def _meets(patterns: Sequence[str], names: Sequence[str]) -> bool:
    return not patterns or not names or any(match(pattern, name) for pattern in patterns for name in names)


def _endings(resource: str) -> Iterator[str]:
    """`Pod/default/web`, `default/web` and `web`."""
    parts = resource.split("/")
    return ("/".join(parts[start:]) for start in range(len(parts)))


def run_suites(
    suites: Sequence[FoundSuite],
    *,
    compat: bool = False,
    fail_fast: bool = False,
    parallel: bool = True,
    only: RowFilter = _EVERYTHING,
    coverage: bool = False,
    progress: Progress | None = None,
) -> Tested:
    """Every suite, in order. With `fail_fast`, none after the first that does not pass."""
    run = partial(_run, compat=compat, coverage=coverage)
    workers = min(cores(), len(suites))
    if parallel and not fail_fast and workers > 1 and len(suites) >= _PARALLEL_SUITES:
        parts = spread(
            suites,
            partial(_run_chunk, run=run),
            _lost,
            workers=workers,
            chunks=workers * _CHUNKS_PER_WORKER,
            progress=progress,
        )
        outcomes: Iterable[SuiteOutcome | InternalError] = (each for part in parts for each in part)
    else:
        outcomes = _one_by_one(suites, run, progress)
    return _gathered(outcomes, len(suites), compat, fail_fast, only)


def _one_by_one(
    suites: Sequence[FoundSuite], run: _Run, progress: Progress | None
) -> Iterator[SuiteOutcome | InternalError]:
    for done, suite in enumerate(suites, 1):
        yield run(suite)
        if progress is not None:
            progress(done, len(suites))


def _run_chunk(suites: Sequence[FoundSuite], run: _Run) -> list[SuiteOutcome | InternalError]:
    return [run(suite) for suite in suites]


def _run(suite: FoundSuite, compat: bool, coverage: bool) -> SuiteOutcome | InternalError:
    try:
        return run_suite(Path(suite.path), compat=compat, shown=suite.shown, coverage=coverage)
    except Exception as error:  # noqa: BLE001 -- the boundary: a defect of ours must not end the other suites
        return InternalError("", suite.shown, f"{type(error).__name__}: {error}")


def _lost(suites: Sequence[FoundSuite]) -> list[SuiteOutcome | InternalError]:
    message = "a worker process ended while it ran this suite or one beside it"
    return [InternalError("", suite.shown, message) for suite in suites]


def _gathered(
    outcomes: Iterable[SuiteOutcome | InternalError], not_run: int, compat: bool, fail_fast: bool, only: RowFilter
) -> Tested:
    found: list[SuiteOutcome] = []
    errors: list[InternalError] = []
    left_out = 0
    for outcome in outcomes:
        not_run -= 1
        if isinstance(outcome, InternalError):
            errors.append(outcome)
            failed = True
        else:
            kept = tuple(row for row in outcome.rows if only.takes(row))
            left_out += len(outcome.rows) - len(kept)
            if not kept and outcome.rows and outcome.error is None:
                continue
            found.append(outcome._replace(rows=kept))
            failed = found[-1].status != "pass"
        if fail_fast and failed:
            break
    return Tested(tuple(found), compat, not_run, left_out, tuple(errors))
