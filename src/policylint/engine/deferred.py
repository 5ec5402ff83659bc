"""Context entries that are loaded when a query first names them: kyverno pkg/engine/context/deferred.go."""

import re
from collections.abc import Callable
from typing import Protocol

from policylint.engine.errors import EvaluationError


class Loader(Protocol):
    """What brings one context entry into a context. `loaded` tells that it once did."""

    @property
    def loaded(self) -> bool: ...

    def load(self) -> None:
        """Brings the entry in, again if need be. Raises EvaluationError when that fails."""


class _Entry:
    def __init__(self, name: str, loader: Loader, level: int) -> None:
        self.name = name
        self.loader = loader
        self.level = level
        self.matched = False
        # `x` stands for itself in `x.y` and `f(x)`, not in `y.x` or `x2`
        self._named = re.compile(rf"(?:\A|[^.0-9A-Za-z]){re.escape(name)}\b", re.ASCII).search

    def matches(self, query: str) -> bool:
        return self.name in query and self._named(query) is not None


class DeferredLoaders:
    """The entries of a context that wait to be named, each on the level of checkpoints where it was added.

    While an entry is being loaded, only those before it are loaded for its own queries, so entries that name each
    other end.
    """

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._failures: dict[str, str] = {}
        self._level: int | None = None
        self._index: int | None = None

    def add(self, name: str, loader: Loader, level: int) -> None:
        self._entries.append(_Entry(name, loader, level))

    def load_matching(self, query: str, level: int) -> None:
        """Loads the entries that `query` names. A failure is kept for `failure_for` and ends the loading, silently:
        the query may have another way to an answer.
        """
        if self._level is not None:
            level = self._level
        count = len(self._entries) if self._index is None else self._index
        for index, entry in enumerate(self._entries[:count]):
            if entry.matched or entry.loader.loaded or entry.level > level or not entry.matches(query):
                continue
            entry.matched = True
            if not self._load(entry, index):
                return

    def failure_for(self, query: str) -> str | None:
        """Why an entry that `query` names could not be loaded, if one could not."""
        failed = (entry.name for entry in self._entries if entry.name in self._failures and entry.matches(query))
        return next((self._failures[name] for name in failed), None)

    def reset(self, level: int, *, restore: bool) -> None:
        """Follows the context back to a checkpoint: entries added after it go, those loaded since are loaded again."""
        kept = []
        for entry in self._entries:
            entry.matched = False
        for index, entry in enumerate(self._entries):
            if entry.level > level:
                continue
            if entry.loader.loaded and (restore or entry.level < level):
                self._load(entry, index)
            if entry.level < level or (restore and not entry.loader.loaded):
                kept.append(entry)
        self._entries = kept

    def _load(self, entry: _Entry, index: int) -> bool:
        self._level, self._index = entry.level, index
        try:
            entry.loader.load()
        except EvaluationError as error:
            self._failures[entry.name] = error.message
            return False
        finally:
            self._level = self._index = None
        return True


class SimpleLoader:
    """A loader that calls a function and counts as loaded never: what it brings is cheap and always the same."""

    loaded = False

    def __init__(self, bring: Callable[[], None]) -> None:
        self._bring = bring

    def load(self) -> None:
        self._bring()
