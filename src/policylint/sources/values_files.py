"""The values files of a render: what they come to together, and which of them decides about a key."""

import copy
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from policylint.document.document import Document
from policylint.errors import SourceError
from policylint.model import Location, PathStep, YamlPath
from policylint.paths import is_file
from policylint.sources.helm_chart import read_document

_SET_KEY = re.compile(r"((?:[^.=\[\\]|\\.)+)|\[(\d+)\]")


class ValuesFiles:
    """Files with the ones that win last. The first is the chart's own, which need not exist."""

    def __init__(self, documents: Sequence[Document], first: str) -> None:
        self._documents = documents
        self._first = first
        data: dict[str, Any] = {}
        for document in documents:
            data = merged(data, dict(document.mapping))
        self.data = data

    @classmethod
    def read(cls, files: Sequence[tuple[Path, str]]) -> "ValuesFiles":
        """The files at these paths, each with how it is shown. Those that cannot be read are left out."""
        documents = []
        for path, shown in files:
            try:
                document = read_document(path, shown) if is_file(path) else None
            except SourceError:
                continue
            if document is not None and isinstance(document.data, dict):
                documents.append(document)
        return cls(documents, files[0][1])

    def get(self, path: YamlPath) -> Any:
        """The value at `path`, None where there is none."""
        value: Any = self.data
        for step in path:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def with_value(self, path: YamlPath, value: Any) -> dict[str, Any]:
        """Values that say only what is at `path`. Helm replaces lists as a whole, so one on the way is all there."""
        for depth, step in enumerate(path):
            if isinstance(step, int):
                items = copy.deepcopy(self.get(YamlPath(path[:depth])))
                _put(items, path[depth:], value)
                return _nested(path[:depth], items)
        return _nested(path, value)

    def place_of(self, path: YamlPath) -> tuple[Location, bool]:
        """Where the value at `path` is given, and True; else where to give it: in the file that knows most of the way,
        and of several in the one that wins."""
        best: tuple[int, Location] | None = None
        for document in reversed(self._documents):
            missing = len(document.find(path).missing)
            if not missing:
                return document.location(path), True
            depth = len(path) - missing
            if best is None or depth > best[0]:
                best = (depth, document.location(YamlPath(path[:depth]), at="key"))
        return (best[1] if best is not None else Location(self._first)), False


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`over` on top of `base`, mapping by mapping; null removes (helm/pkg/chart/common/util/coalesce.go)."""
    result = dict(base)
    for key, value in over.items():
        known = result.get(key)
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result


def is_below(path: YamlPath, expression: str) -> bool:
    """Whether a `key=value` of Helm's --set is about `path`, something in it, or something that holds it."""
    keys: list[PathStep] = []
    for name, index in _SET_KEY.findall(expression.partition("=")[0]):
        keys.append(int(index) if index else re.sub(r"\\(.)", r"\1", name))
    shared = min(len(keys), len(path))
    return tuple(keys[:shared]) == tuple(path[:shared])


def _nested(path: Sequence[PathStep], value: Any) -> dict[str, Any]:
    for step in reversed(path):
        value = {step: value}
    return dict(value)


def _put(data: Any, path: Sequence[PathStep], value: Any) -> None:
    for step, following in pairwise(path):
        if isinstance(data, dict):
            data.setdefault(step, [] if isinstance(following, int) else {})
        data = data[step]
    data[path[-1]] = value
