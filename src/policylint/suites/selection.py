"""Which resources of a suite an entry of `results` is about, as upstream picks them and as its author means it.

Source: commands/test/output.go `printTestResult`, and `selectResources` where newer versions have it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from policylint.engine.objects import Key
from policylint.engine.response import PolicyResponse, RuleResponse
from policylint.errors import did_you_mean
from policylint.suites.files import Named
from policylint.suites.load import Entry, ResourceSpec
from policylint.suites.resources import Loaded


class Answers:
    """What all policies said to one resource; `error` when they could not be asked."""

    def __init__(self, resource: Loaded, responses: tuple[PolicyResponse, ...], error: str = "") -> None:
        self.resource = resource
        self.responses = responses
        self.error = error

    @cached_property
    def by_rule(self) -> Mapping[tuple[str, str], list[tuple[PolicyResponse, RuleResponse]]]:
        """The verdicts by policy and rule, made once: every entry of a suite asks for some."""
        found: dict[tuple[str, str], list[tuple[PolicyResponse, RuleResponse]]] = {}
        for response in self.responses:
            for rule in response.rules:
                found.setdefault((response.policy, rule.rule), []).append((response, rule))
        return found


class Choice(NamedTuple):
    """A resource that an entry is about, and the line that names it.

    `answers` is None for objects that are only targets of mutations. `stray` says why upstream checks the resource
    though the entry does not mean it.
    """

    resource: Loaded
    answers: Answers | None
    line: int
    stray: str = ""


class Absent(NamedTuple):
    """A name that no resource has. `silent` when upstream leaves it out, or checks something else, without a word."""

    named: Named
    reason: str
    silent: bool


def choose(
    entry: Entry, targets: Sequence[Loaded], answers: Sequence[Answers], *, compat: bool
) -> Iterator[Choice | Absent]:
    """What to check for an entry. With `compat`, all that upstream checks; else only what the entry names."""
    everything = [
        *(Choice(target, None, entry.line) for target in targets),
        *(Choice(each.resource, each, entry.line) for each in answers),
    ]
    # upstream looks at `resourceSpecs` only beside `resources`
    specs = () if compat and entry.resources is None else entry.specs
    if not everything:
        for named in entry.resources or (Named("", entry.line, entry.path),):
            reason = "the suite has no resources: list files under `resources:`"
            yield Absent(named, reason, silent=not named.text)
        return
    if not entry.resources and not specs:
        yield from everything
        return
    by_name: dict[str, list[Choice]] = {}
    for each in everything:
        by_name.setdefault(each.resource.key.name, []).append(each)
    chosen: list[Choice] = []
    missing: list[Named] = []
    for named in entry.resources or ():
        namespace, slash, name = named.text.rpartition("/")
        called = (each for each in by_name.get(name, ()) if not slash or each.resource.key.namespace == namespace)
        found = [each._replace(line=named.line) for each in called]
        chosen += _of_kind(found, entry.kind, compat)
        missing += [] if found else [named]
    for spec in specs:
        found = [each for each in by_name.get(spec.name, ()) if _is_specified(each.resource.key, spec, compat)]
        chosen += found
        missing += [] if found else [Named(str(spec), entry.line, entry.path)]
    keys = [each.resource.key for each in everything]
    yield from chosen
    if missing and not chosen and compat:
        names = ", ".join(repr(named.text) for named in missing)
        stray = f"no resource is called {names}, and upstream then checks every resource of the suite"
        yield from (each._replace(line=missing[0].line, stray=stray) for each in everything)
        return
    instead = "leaves the name out" if chosen else "checks every resource of the suite instead"
    for named in missing:
        yield Absent(named, and_upstream(_no_resource(named.text, keys), instead), silent=bool(chosen))


def and_upstream(message: str, does: str) -> str:
    """`message`, and what upstream's runner does in the case."""
    return f"{message} Upstream {does}." if message.endswith("?") else f"{message}; upstream {does}"


def _is_specified(key: Key, spec: ResourceSpec, compat: bool) -> bool:
    wanted = (spec.api_version, spec.namespace)
    return wanted == (key.api_version, key.namespace) and (compat or not spec.kind or spec.kind == key.kind)


def _of_kind(found: list[Choice], kind: str, compat: bool) -> list[Choice]:
    """Those of the kind that the entry names; upstream takes all that have the name."""
    right = [each for each in found if not kind or each.resource.key.kind == kind]
    if right and not compat:
        return right
    stray = f"the entry says `kind: {kind}`, which upstream does not look at: write the kind of the resource"
    return [each if not kind or each.resource.key.kind == kind else each._replace(stray=stray) for each in found]


def _no_resource(name: str, keys: Sequence[Key]) -> str:
    message = f"no resource of this suite is called {name!r}"
    own = name.rpartition("/")[2]
    by_path: Mapping[str, Key] = {f"{key.namespace}/{key.name}" if key.namespace else key.name: key for key in keys}
    same = sorted(path for path, key in by_path.items() if key.name == own)
    if same:
        return f"{message}, but there is {' and '.join(map(repr, same))}"
    return message + did_you_mean(name, sorted(by_path if "/" in name else {key.name for key in keys}))
