"""Context entries of rules, answered by what a suite declares.

Kyverno pkg/engine/context/loaders, pkg/engine/factories, and cmd/cli/kubectl-kyverno/store/contextloader.go.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from policylint.engine import jmespath
from policylint.engine.backends import ApiResponse, Backends, RuleValues, resolve_global_entry
from policylint.engine.context import Context, add_entry
from policylint.engine.deferred import Loader, SimpleLoader
from policylint.engine.errors import EvaluationError
from policylint.engine.jmespath import json_numbers
from policylint.engine.variables import substitute
from policylint.model import ROOT, YamlPath

__all__ = ["ApiResponse", "Backends", "RuleValues", "load_entries", "resolve_global_entry"]

Entry = Mapping[str, Any]


def load_entries(
    entries: Sequence[Entry],
    context: Context,
    backends: Backends,
    *,
    policy: str,
    rule: str,
    element_index: int = 0,
    path: YamlPath = ROOT,
) -> None:
    """Adds to `context` the suite's values for the rule, then the rule's or foreach's own context `entries`.

    Entries are loaded when a query first names them; one that fails is then missing, and the query's error tells why.
    API calls with a declared answer are looked up at once, as upstream does. `element_index` is the element of the
    innermost foreach, `path` the place of `entries` in the policy. Raises EvaluationError for values that do not fit,
    entries of no known kind, and answers with a status other than 2xx.
    """
    _add_values(context, backends.values_for(policy, rule), element_index)
    answers = _answers_by_call(backends.api_responses)
    for index, entry in enumerate(entries):
        place = path / index
        name = entry.get("name")
        if not isinstance(name, str) or not name:
            raise EvaluationError("a context entry needs a name", place)
        if answers and entry.get("apiCall") is not None and _answer(entry, context, answers, place):
            continue
        loader = _loader(name, entry, context, backends, place)
        if loader is not None:
            context.defer(name, loader)


def _add_values(context: Context, declared: RuleValues, element_index: int) -> None:
    for name, value in declared.values.items():
        context.add_variable(name, json_numbers(value))
    for name, values in declared.foreach_values.items():
        if element_index >= len(values):
            raise EvaluationError(f"foreachValues.{name} has no value for element {element_index}")
        context.add_variable(name, json_numbers(values[element_index]))


def _answers_by_call(responses: Sequence[ApiResponse]) -> dict[tuple[str, str], ApiResponse]:
    return {(response.method.strip().upper(), response.url.strip()): response for response in responses}


def _answer(entry: Entry, context: Context, answers: Mapping[tuple[str, str], ApiResponse], path: YamlPath) -> bool:
    """Whether the entry's call has a declared answer, which is then in the context."""
    call = substitute(entry["apiCall"], context, path=path / "apiCall")
    service = call.get("service")
    url = str((service.get("url") if isinstance(service, Mapping) else call.get("urlPath")) or "")
    response = answers.get((str(call.get("method") or "GET"), url)) or answers.get(("", url))
    if not url or response is None:
        return False
    if not 200 <= response.status < 300:
        raise EvaluationError(f"the context entry {entry['name']} gets the status {response.status} from {url}", path)
    body = json_numbers(response.body)
    expression = call.get("jmesPath")
    add_entry(context, entry["name"], jmespath.compile(str(expression)).search(body) if expression else body)
    return True


def _loader(name: str, entry: Entry, context: Context, backends: Backends, path: YamlPath) -> Loader | None:
    """What loads the entry; None when the backend for it is missing."""
    maps, images, known = backends.config_maps, backends.images, backends.global_context
    find: Callable[[], Any]
    if (wanted := entry.get("configMap")) is not None:
        if maps is None:
            return None
        find = partial(_find_config_map, name, wanted, context, maps, path / "configMap")
    elif (call := entry.get("apiCall")) is not None:
        if maps is None:
            return None
        # upstream's stand-in for a cluster answers no calls, so even with one only the default is left
        find = partial(_find_default, name, call)
    elif (image := entry.get("imageRegistry")) is not None:
        if images is None:
            return None
        find = partial(_find_image, name, image, context, images, path / "imageRegistry")
    elif (variable := entry.get("variable")) is not None:
        return _VariableLoader(name, variable, context, path / "variable")
    elif (reference := entry.get("globalReference")) is not None:
        if known is None:
            return None
        find = partial(_find_global, name, reference, context, known, path / "globalReference")
        return SimpleLoader(lambda: add_entry(context, name, find()))
    else:
        raise EvaluationError(
            f"the context entry {name} has none of configMap, apiCall, imageRegistry, variable and globalReference",
            path,
        )
    return _OnceLoader(name, context, find)


class _OnceLoader:
    """Finds its value once and adds it whenever it is asked to."""

    def __init__(self, name: str, context: Context, find: Callable[[], Any]) -> None:
        self._name = name
        self._context = context
        self._find = find
        self._found: Any = None
        self.loaded = False

    def load(self) -> None:
        if not self.loaded:
            self._found = self._find()
            self.loaded = True
        add_entry(self._context, self._name, self._found)


def _find_config_map(
    name: str, wanted: Any, context: Context, maps: Mapping[tuple[str, str], Mapping[str, Any]], path: YamlPath
) -> Any:
    map_name = _text(wanted, "name", context, path)
    namespace = _text(wanted, "namespace", context, path) or "default"
    found = maps.get((namespace, map_name))
    if found is None:
        raise EvaluationError(f"there is no ConfigMap {namespace}/{map_name} for the context entry {name}")
    return {"data": found.get("data"), "metadata": found.get("metadata")}


def _find_default(name: str, call: Any) -> Any:
    default = call.get("default") if isinstance(call, Mapping) else None
    if default is None:
        raise EvaluationError(f"the API call of the context entry {name} has no declared answer")
    return default


def _find_image(name: str, wanted: Any, context: Context, images: Mapping[str, Any], path: YamlPath) -> Any:
    reference = _text(wanted, "reference", context, path)
    expression = _text(wanted, "jmesPath", context, path)
    if reference not in images:
        raise EvaluationError(f"the image {reference} of the context entry {name} is not declared")
    image = json_numbers(images[reference])
    return jmespath.compile(expression).search(image) if expression else image


def _find_global(name: str, reference: Any, context: Context, known: Mapping[str, Any], path: YamlPath) -> Any:
    entry, _, projection = _text(reference, "name", context, path).partition(".")
    if entry not in known:
        raise EvaluationError(f"there is no global context entry {entry} for the context entry {name}")
    data = known[entry]
    if isinstance(data, EvaluationError):
        raise data
    projection = projection.partition(".")[0]
    if projection:
        if not isinstance(data, Mapping) or projection not in data:
            raise EvaluationError(f"the global context entry {entry} has no projection {projection}")
        data = data[projection]
    data = json_numbers(data)
    expression = _text(reference, "jmesPath", context, path)
    return jmespath.compile(expression).search(data) if expression else data


class _VariableLoader:
    """Finds its value anew each time, as upstream does: it may depend on the element of a foreach."""

    def __init__(self, name: str, variable: Any, context: Context, path: YamlPath) -> None:
        self._name = name
        self._variable = variable
        self._context = context
        self._path = path
        self.loaded = False

    def load(self) -> None:
        value = self._value()
        if value is None:
            raise EvaluationError(f"the context entry {self._name} is null")
        self._context.replace(self._name, json_numbers(value))
        self.loaded = True

    def _value(self) -> Any:
        expression = _text(self._variable, "jmesPath", self._context, self._path)
        default = substitute(self._variable.get("default"), self._context, path=self._path / "default")
        if self._variable.get("value") is None:
            found = self._queried(expression, default) if expression else default
            return default if found is None else found
        value = substitute(self._variable["value"], self._context, path=self._path / "value")
        if not expression:
            return value
        try:
            return jmespath.compile(expression).search(json_numbers(value))
        except EvaluationError:
            if default is None:
                raise
            return default

    def _queried(self, expression: str, default: Any) -> Any:
        try:
            return self._context.query(expression)
        except EvaluationError:
            if default is None:
                raise
            return default


def _text(holder: Any, key: str, context: Context, path: YamlPath) -> str:
    """The text under `key` with its variables replaced, empty when there is none."""
    if not isinstance(holder, Mapping):
        raise EvaluationError(f"{path[-1]} is not a mapping", path)
    value = substitute(holder.get(key), context, path=path / key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise EvaluationError(f"{key} becomes something that is not text", path / key)
    return value
