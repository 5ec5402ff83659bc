"""Replacing variables by what they query: kyverno pkg/engine/variables/vars.go and pkg/engine/jsonutils/traverse.go."""

from typing import Any, NamedTuple, NoReturn

from policylint.engine.context import Context
from policylint.engine.errors import EvaluationError, MissingVariable, Unsupported
from policylint.engine.jmespath.marshal import marshal
from policylint.engine.references import substitute_references
from policylint.engine.variables.location import query_of_location
from policylint.engine.variables.syntax import MARK, Occurrence, is_dynamic, occurrences, unescaped
from policylint.model import ROOT, YamlPath

# Limits that no sensible policy meets: the API server takes objects of 1.5 MiB, the context 2 MiB.
_ROUNDS = 64
_DEEPEST = 400
_RESOLUTIONS = 20_000
_CHARACTERS = 1 << 24


class Template(NamedTuple):
    """A part of a policy, ready to be substituted for many requests.

    `path` is its place in the policy's own document. `dynamic` tells that it holds variables; one that holds none
    costs nothing. References are replaced already: they do not depend on the request.
    """

    document: Any
    path: YamlPath
    dynamic: bool

    @classmethod
    def of(cls, document: Any, path: YamlPath = ROOT) -> "Template":
        """Raises EvaluationError for a `$( )` reference that names nothing."""
        if not is_dynamic(document):
            return cls(document, path, dynamic=False)
        return cls(substitute_references(document, path=path), path, dynamic=True)

    def substitute(self, context: Context) -> Any:
        """The document with the variables' values; see the function `substitute`."""
        return _Substitution(context, self.path).value(self.document, self.path) if self.dynamic else self.document


def substitute(document: Any, context: Context, *, path: YamlPath = ROOT) -> Any:
    """`document` with every reference and variable in its keys and strings replaced (upstream's `SubstituteAll`).

    A string that is one variable becomes the variable's value, whatever its type; inside a longer string the value is
    spelled, collections as JSON. Variables inside variables come first, and values are searched for further variables,
    except those of `{{- }}` and strings that a whole variable yields. On DELETE, `request.object` reads the old
    object. `{{@}}` counts from `document`, so give it what upstream gives: the rule for mutations.

    `path` is the place of `document` in its policy, for errors. Parts without variables are returned as they are, and
    values as the context holds them: neither may be changed afterwards. Upstream's variant for preconditions only
    differs in what it logs. Raises EvaluationError for what cannot be resolved, MissingVariable when a key is not
    there, both with their place, and EvaluationError for variables that keep producing variables or too much text.
    """
    return Template.of(document, path).substitute(context)


class _Substitution:
    """One run over a document, and what it may still spend."""

    def __init__(self, context: Context, root: YamlPath) -> None:
        self._context = context
        self._above = len(root)
        self._resolutions = _RESOLUTIONS
        self._characters = _CHARACTERS

    def value(self, value: Any, path: YamlPath) -> Any:
        if isinstance(value, str):
            if MARK not in value:
                return value
            value = self._text(value, path)
        if isinstance(value, dict):
            return self._mapping(value, path)
        if isinstance(value, list):
            return self._list(value, path)
        return value

    def _mapping(self, mapping: dict[str, Any], path: YamlPath) -> dict[str, Any]:
        self._check_depth(path)
        entries: dict[str, Any] = {}
        changed = False
        for key, item in mapping.items():
            name = key if MARK not in key else self._key(key, path)
            entries[name] = self.value(item, path / key)
            changed = changed or name is not key or entries[name] is not item
        return entries if changed else mapping

    def _list(self, items: list[Any], path: YamlPath) -> list[Any]:
        self._check_depth(path)
        replaced = []
        changed = False
        for index, item in enumerate(items):
            value = self.value(item, path / index)
            replaced.append(value)
            changed = changed or value is not item
        return replaced if changed else items

    def _key(self, key: str, path: YamlPath) -> str:
        name = self._text(key, path, is_key=True)
        if name is None:
            return key
        if not isinstance(name, str):
            raise EvaluationError(f"the key {key} becomes {marshal(name)[:60]}, and a key is text", path / key)
        return name

    def _text(self, text: str, path: YamlPath, *, is_key: bool = False) -> Any:
        """What the string `text` becomes; a variable that is the whole of it may become anything."""
        at = path / text if is_key else path
        for _ in range(_ROUNDS):
            found = list(occurrences(text))
            if not found:
                return unescaped(text)
            if len(found) == 1 and found[0].start == 0 and found[0].end == len(text):
                return self._resolved(found[0], path, at)
            text = self._interpolated(text, found, path, at)
            if any(occurrence.shallow for occurrence in found):
                return unescaped(text)
        raise EvaluationError("the variables here keep producing variables; one of them names itself", at)

    def _interpolated(self, text: str, found: list[Occurrence], path: YamlPath, at: YamlPath) -> str:
        parts = []
        end = 0
        for occurrence in found:
            value = self._resolved(occurrence, path, at)
            parts.append(text[end : occurrence.start])
            parts.append(value if isinstance(value, str) else marshal(value))
            end = occurrence.end
            self._characters -= len(parts[-1])
            if self._characters < 0:
                raise EvaluationError("the variables here produce too much text", at)
        parts.append(text[end:])
        self._characters -= len(text)
        return "".join(parts)

    def _resolved(self, occurrence: Occurrence, path: YamlPath, at: YamlPath) -> Any:
        self._resolutions -= 1
        if self._resolutions < 0:
            raise EvaluationError("the variables here keep producing variables", at)
        query = occurrence.query
        if query == "@":
            query = query_of_location(path[self._above :], self._context)
        if self._context.operation == "DELETE":
            query = query.replace("request.object", "request.oldObject")
        try:
            return self._context.query(query)
        except EvaluationError as error:
            _raise_at(error, query, at)

    def _check_depth(self, path: YamlPath) -> None:
        if len(path) - self._above > _DEEPEST:
            raise EvaluationError("the variables here nest without end; one of them holds itself", path)


def _raise_at(error: EvaluationError, query: str, path: YamlPath) -> NoReturn:
    if isinstance(error, Unsupported):
        raise Unsupported(error.feature, path) from error
    kind = MissingVariable if isinstance(error, MissingVariable) else EvaluationError
    raise kind(f"the variable {{{{ {query} }}}} cannot be resolved: {error.message}", path) from error
