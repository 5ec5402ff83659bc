"""What a policy's queries are asked of: the request, its images, and the variables added on the way.

Kyverno pkg/engine/context/context.go. Nothing in the data is ever changed in place: an addition copies the mappings
above it, so checkpoints cost nothing and what a query returned stays as it was.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from policylint.engine import jmespath
from policylint.engine.deferred import DeferredLoaders, Loader, SimpleLoader
from policylint.engine.errors import EvaluationError, MissingVariable
from policylint.engine.images import extract_images
from policylint.engine.jmespath import json_numbers
from policylint.engine.request import Request, UserInfo
from policylint.regex import regex

_SERVICE_ACCOUNT = "system:serviceaccount:"
_PART = regex(r'"((?:[^"]|"")*)"|([^".]*)')


class Context:
    """The JSON that variables are queried from; its numbers are floats (see `jmespath.values`).

    `clock` is what time functions take for now, in nanoseconds since 1970; `seed` decides what `random` yields.
    """

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, clock: Callable[[], int] = time.time_ns, seed: str = ""
    ) -> None:
        self._data: dict[str, Any] = dict(data or {})
        self._checkpoints: list[dict[str, Any]] = []
        self._deferred = DeferredLoaders()
        self._clock = clock
        self._seed = seed

    def query(self, expression: str) -> Any:
        """What the JMESPath `expression` yields, with the deferred entries that it names loaded first.

        The result may be part of the context: do not change it. Raises MissingVariable for a key that is not there,
        EvaluationError for what is wrong in another way.
        """
        self._deferred.load_matching(expression, len(self._checkpoints))
        expression = expression.strip()
        if not expression:
            raise EvaluationError("the query is empty")
        query = jmespath.compile(expression)
        try:
            return query.search(self._data, clock=self._clock, seed=self._seed)
        except MissingVariable as error:
            failure = self._deferred.failure_for(expression)
            if failure is None:
                raise
            raise MissingVariable(f"{error.message} ({failure})", error.path) from error

    @property
    def operation(self) -> str:
        """The request's operation, empty when the context has no request."""
        request = self._data.get("request")
        operation = request.get("operation") if isinstance(request, dict) else None
        return operation if isinstance(operation, str) else ""

    def add(self, name: str, value: Any) -> None:
        """Sets the top-level variable `name`; mappings are merged with what is there."""
        self._merge({name: value})

    def replace(self, name: str, value: Any) -> None:
        """Sets the top-level variable `name`, whatever was there."""
        self._data = {**self._data, name: value}

    def add_variable(self, dotted_name: str, value: Any) -> None:
        """Sets what `a.b."c.d"` names; mappings are merged with what is there.

        Suites' values are named so. Raises EvaluationError for a name that cannot be taken apart.
        """
        for step in reversed(split_name(dotted_name)):
            value = {step: value}
        self._merge(value)

    def add_resource(self, resource: Any) -> None:
        """Sets `request.object`, whatever was there."""
        self._set_in_request("object", resource)

    def add_old_resource(self, resource: Any) -> None:
        """Sets `request.oldObject`, whatever was there."""
        self._set_in_request("oldObject", resource)

    def add_operation(self, operation: str) -> None:
        """Sets `request.operation`."""
        self._merge({"request": {"operation": operation}})

    def add_target(self, resource: Any) -> None:
        """Sets `target`, the object that a rule mutates instead of the request's own."""
        self.replace("target", resource)

    def add_user(self, user: UserInfo) -> None:
        """Sets the request's `userInfo`, `roles` and `clusterRoles`, and the service account's name and namespace."""
        info = {"username": user.username, "groups": list(user.groups), "extra": dict(user.extra)}
        present = {key: value for key, value in info.items() if value}
        roles = {"roles": list(user.roles) or None, "clusterRoles": list(user.cluster_roles) or None}
        self._merge({"request": {**roles, "userInfo": present}})
        # upstream cuts off as many characters as the prefix has, whatever they are
        namespace, *names = user.username[len(_SERVICE_ACCOUNT) :].split(":")
        self._merge(
            {"serviceAccountName": names[0] if names else "", "serviceAccountNamespace": namespace if names else ""}
        )

    def add_element(self, element: Any, index: int, nesting: int = 0) -> None:
        """Sets the `element` and `elementIndex` of a foreach, and those numbered by its nesting, from 0 outside."""
        names = {"element": element, f"element{nesting}": element}
        indices = {"elementIndex": index, f"elementIndex{nesting}": index}
        self._data = {**self._data, **names, **indices}

    def add_images(self, images: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Adds to `images` what `extract_images` found; nothing when it found none."""
        if images:
            self._merge({"images": {kind: dict(found) for kind, found in images.items()}})

    def defer(self, name: str, loader: Loader) -> None:
        """Has the entry `name` loaded when a query first names it."""
        self._deferred.add(name, loader, len(self._checkpoints))

    def checkpoint(self) -> None:
        """Remembers the present state, to be gone back to by `reset` and `restore`. Checkpoints nest."""
        self._checkpoints.append(self._data)

    def reset(self) -> None:
        """Goes back to the last checkpoint and keeps it. Without a checkpoint nothing happens."""
        self._go_back(restore=False)

    def restore(self) -> None:
        """Goes back to the last checkpoint and forgets it. Without a checkpoint nothing happens."""
        self._go_back(restore=True)

    def _go_back(self, *, restore: bool) -> None:
        if self._checkpoints:
            self._data = self._checkpoints.pop() if restore else self._checkpoints[-1]
            self._deferred.reset(len(self._checkpoints), restore=restore)

    def _set_in_request(self, key: str, value: Any) -> None:
        request = self._data.get("request")
        self._data = {**self._data, "request": {**(request if isinstance(request, dict) else {}), key: value}}

    def _merge(self, addition: Mapping[str, Any]) -> None:
        self._data = _merged(self._data, addition)


def request_context(request: Request, *, clock: Callable[[], int] = time.time_ns, seed: str = "") -> Context:
    """The context that upstream builds for `request` before any rule adds to it.

    `request` with operation, object, oldObject, namespace, name, kind, dryRun and subResource; who asks, when the
    request says so; and `images`, found when first named.
    """
    gvk = request.gvk
    told: dict[str, Any] = {
        "operation": request.operation,
        "namespace": request.namespace,
        "name": request.name,
        "kind": {"group": gvk.group, "version": gvk.version, "kind": gvk.kind},
        "dryRun": request.dry_run,
    }
    if request.resource:
        told["object"] = request.resource
    if request.old_resource:
        told["oldObject"] = request.old_resource
    if request.subresource:
        told["subResource"] = request.subresource
    context = Context({"request": told}, clock=clock, seed=seed)
    if request.user != UserInfo():
        context.add_user(request.user)
    subject = request.subject
    context.defer("images", SimpleLoader(lambda: context.add_images(extract_images(subject))))
    return context


def add_entry(context: Context, name: str, value: Any) -> None:
    """Adds a context entry's value: what JSON makes of it, merged with what is there (`AddContextEntry`)."""
    context.add(name, json_numbers(value))


def split_name(dotted_name: str) -> list[str]:
    """The parts of a dotted name; a part in double quotes may hold dots, and quotes written twice.

    Raises EvaluationError for an empty name, and for a quote that stands elsewhere (upstream reads the name as a CSV
    record with dots for commas).
    """
    if not dotted_name:
        raise EvaluationError("the variable name is empty")
    parts = []
    position = 0
    while True:
        match = _PART.match(dotted_name, position)
        end = match.end() if match else position
        if match is None or dotted_name[end : end + 1] not in ("", "."):
            raise EvaluationError(f"the variable name {dotted_name!r} has a quote inside a part")
        parts.append(match[2] if match[1] is None else match[1].replace('""', '"'))
        if end == len(dotted_name):
            return parts
        position = end + 1


def _merged(base: Mapping[str, Any], addition: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in addition.items():
        present = merged.get(key)
        merged[key] = _merged(present, value) if isinstance(value, dict) and isinstance(present, dict) else value
    return merged
