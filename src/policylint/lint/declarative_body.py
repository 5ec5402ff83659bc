"""What a rule file in YAML checks: its patterns over the items it names, and the problems made of what fails."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from policylint.document.document import Document
from policylint.engine.pattern import PatternResult, match_any_pattern, match_pattern
from policylint.lint.rule import Rule, RuleContext
from policylint.lint.rule_file import rule_error
from policylint.lint.templates import Scene, Template, option_name, value_at
from policylint.model import (
    ROOT,
    Fix,
    Operation,
    PathStep,
    Problem,
    RemoveKey,
    RenameKey,
    SetValue,
    Severity,
    YamlPath,
)
from policylint.regex import regex

_EVERY = "[*]"
_OPTION_ALONE = regex(r"\{(options\.[^{}]*)\}")

T = TypeVar("T")


def read_body(document: Document, rule: Rule) -> "Body":
    """The checks of the rule file `document`. Raises RuleFileError for a path or a placeholder that is none."""
    data = document.data
    reader = _Reader(document, {name: option.default for name, option in rule.options.items()})
    return Body(
        tuple(reader.foreach(data.get("foreach", []))),
        tuple(reader.check(YamlPath.of("checks", index), check) for index, check in enumerate(data["checks"])),
        only_objects=not rule.kinds,
    )


class _Check(NamedTuple):
    patterns: tuple[Any, ...]
    is_any: bool
    takes_options: bool
    at: YamlPath | None
    severity: Severity | None
    message: Template
    help: Template
    fix: Fix | None

    def problem(self, item: Any, path: YamlPath, options: Mapping[str, Any]) -> Problem | None:
        if not isinstance(item, dict) and all(isinstance(pattern, dict) for pattern in self.patterns):
            return None  # a value of another shape than the field takes is not this rule's to report
        result = self._match(item, options)
        if result.outcome in ("pass", "skip"):
            return None
        scene = Scene(item, path, result, options)
        return Problem(
            path / (result.path if self.at is None else self.at),
            self.message.fill(scene),
            help=self.help.fill(scene),
            severity=self.severity,
            fix=_placed(self.fix, path),
        )

    def _match(self, item: Any, options: Mapping[str, Any]) -> PatternResult:
        patterns = _with_options(list(self.patterns), options) if self.takes_options else list(self.patterns)
        return match_any_pattern(patterns, item) if self.is_any else match_pattern(patterns[0], item)


class Body(NamedTuple):
    """The checks, and the items that they are held against: `foreach` paths, cut where every member is meant."""

    foreach: tuple[tuple[YamlPath, ...], ...]
    checks: tuple[_Check, ...]
    only_objects: bool

    def judge(self, document: Document, context: RuleContext) -> Iterator[Problem]:
        """A rule's `check`: a problem for everything judged that a check does not hold of."""
        if self.only_objects and not document.kind:
            return
        for path, item in self._items(document.data):
            for check in self.checks:
                problem = check.problem(item, path, context.options)
                if problem is not None:
                    yield problem

    def _items(self, data: Any) -> Iterator[tuple[YamlPath, Any]]:
        if not self.foreach:
            yield ROOT, data
        for legs in self.foreach:
            found = [(ROOT, data)]
            for index, leg in enumerate(legs):
                if index:
                    found = [below for path, value in found for below in _members(path, value)]
                found = [(path / leg, value) for path, start in found if (value := value_at(start, leg)) is not None]
            for path, value in found:
                yield from _members(path, value) if isinstance(value, list) else [(path, value)]


class _Reader:
    """Turns the parts of one rule file that hold paths and templates into what is run, or into errors with a place."""

    def __init__(self, document: Document, options: Mapping[str, Any]) -> None:
        self._document = document
        self._options = options

    def foreach(self, written: str | list[str]) -> Iterator[tuple[YamlPath, ...]]:
        at = YamlPath.of("foreach")
        texts = [(at, written)] if isinstance(written, str) else [(at / index, t) for index, t in enumerate(written)]
        for place, text in texts:
            yield tuple(self._path(place, leg) for leg in text.split(_EVERY))

    def check(self, at: YamlPath, data: Mapping[str, Any]) -> _Check:
        is_any = "anyPattern" in data
        key = "anyPattern" if is_any else "pattern"
        patterns = data[key] if is_any else [data[key]]
        takes_options = self._at(at / key, lambda: _names_options(patterns, self._options))
        return _Check(
            tuple(patterns),
            is_any,
            takes_options,
            self._path(at / "at", data["at"]) if "at" in data else None,
            data.get("severity"),
            self._template(at / "message", data["message"]),
            self._template(at / "help", data.get("help", "")),
            self._fix(at / "fix", data["fix"]) if "fix" in data else None,
        )

    def _fix(self, at: YamlPath, data: Mapping[str, Any]) -> Fix:
        operations: list[Operation] = []
        for text, value in (data.get("set") or {}).items():
            operations.append(SetValue(self._path(at / "set" / text, text), value))
        for index, text in enumerate(data.get("remove") or []):
            operations.append(RemoveKey(self._path(at / "remove" / index, text)))
        for text, name in (data.get("rename") or {}).items():
            operations.append(RenameKey(self._path(at / "rename" / text, text), name))
        return Fix(data["title"], tuple(operations), data.get("safe", False))

    def _path(self, at: YamlPath, text: str) -> YamlPath:
        return self._at(at, lambda: YamlPath.parse(text))

    def _template(self, at: YamlPath, text: str) -> Template:
        return self._at(at, lambda: Template.parse(text, self._options))

    def _at(self, at: YamlPath, read: Callable[[], T]) -> T:
        try:
            return read()
        except ValueError as error:
            raise rule_error(self._document, at, f"{at}: {error}") from error


def _members(path: YamlPath, value: Any) -> Iterator[tuple[YamlPath, Any]]:
    """The items of a list or the values of a mapping, with their paths."""
    pairs: Iterable[tuple[PathStep, Any]] = ()
    if isinstance(value, list):
        pairs = enumerate(value)
    elif isinstance(value, dict):
        pairs = value.items()
    return ((path / step, item) for step, item in pairs)


def _placed(fix: Fix | None, path: YamlPath) -> Fix | None:
    """A fix whose operations are below `path`."""
    if fix is None:
        return None
    return fix._replace(
        operations=tuple(operation._replace(path=path / operation.path) for operation in fix.operations)
    )


def _names_options(pattern: Any, options: Mapping[str, Any]) -> bool:
    """Whether a string in `pattern` names an option. Raises ValueError for an unknown one."""
    if isinstance(pattern, dict):
        pattern = list(pattern.values())
    if isinstance(pattern, list):
        return any([_names_options(item, options) for item in pattern])  # noqa: C419 -- each is to be checked
    if not isinstance(pattern, str):
        return False
    return any([option_name(name, options) is not None for name in _OPTION_ALONE.findall(pattern)])  # noqa: C419


def _with_options(pattern: Any, options: Mapping[str, Any]) -> Any:
    """`pattern` with `{options.name}` filled in; a string that is nothing else becomes the option's own value."""
    if isinstance(pattern, dict):
        return {key: _with_options(value, options) for key, value in pattern.items()}
    if isinstance(pattern, list):
        return [_with_options(item, options) for item in pattern]
    if not isinstance(pattern, str):
        return pattern
    alone = _OPTION_ALONE.fullmatch(pattern)
    if alone is not None:
        return options[alone[1].removeprefix("options.")]
    return _OPTION_ALONE.sub(lambda match: str(options[match[1].removeprefix("options.")]), pattern)
