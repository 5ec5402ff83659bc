"""How to make a change of a rendered object in its chart: the values key to set, or the template to edit."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from policylint.document.document import Document
from policylint.model import Operation, Related, RemoveKey, SetValue
from policylint.sources.chart_source import ChartSource
from policylint.sources.values_search import SECONDS, Change, Found, ValuesKey

__all__ = ["Advice", "ValuesKey", "how_to_change", "values_key_for"]


class Advice(NamedTuple):
    """What to do, as a sentence without its end, and the places that it speaks of."""

    text: str
    related: tuple[Related, ...]


def values_key_for(document: Document, change: Change) -> ValuesKey | None:
    """The values key that makes `change` in the rendered `document`, confirmed by rendering with it.

    None for objects that are of no chart, and when there is no such key as far as could be found in time.
    """
    source = document.source
    return source.search.find(document, source.template, change).key if isinstance(source, ChartSource) else None


def how_to_change(document: Document, operations: Sequence[Operation]) -> Advice | None:
    """How to carry out `operations` on a `document` that a chart rendered to: which values key to set, where, and what
    changes with it; or which line of the template to edit. None for documents of no chart, and when nothing is to do.
    """
    source = document.source
    if not isinstance(source, ChartSource):
        return None
    parts: list[str] = []
    by_hand: dict[_Place, list[str]] = {}
    related: list[Related] = []
    for operation in operations:
        if not isinstance(operation, SetValue | RemoveKey) or _is_done(document, operation):
            continue
        found = source.search.find(document, source.template, operation)
        if found.key is None:
            by_hand.setdefault(_place(document, operation, found), []).append(str(operation.path))
        else:
            place = found.key.location
            parts.append(_by_key(found.key))
            related.append(Related(place, f"{found.key.path} is {'given' if found.key.given else 'to be added'} here"))
    parts += [_by_hand(place, paths) for place, paths in by_hand.items()]
    return Advice("; ".join(parts), tuple(related)) if parts else None


def _is_done(document: Document, change: Change) -> bool:
    missing = bool(document.find(change.path).missing)
    if isinstance(change, RemoveKey):
        return missing
    value = document.get(change.path)
    return not missing and type(value) is type(change.value) and value == change.value


def _by_key(key: ValuesKey) -> str:
    what = f"remove `{key.path}`" if key.value is None else f"set `{key.path}: {_shown(key.value)}`"
    where = f"{key.location.path}:{key.location.line}"
    if key.by_set:
        text = f"{what} in place of `{key.by_set}`, which the configuration sets"
    else:
        text = f"{what} in {where}" + ("" if key.given else ", which does not give it yet")
    if key.also:
        others = ", ".join(key.also[:3]) + (f" and {len(key.also) - 3} more" if len(key.also) > 3 else "")
        text += f" (this also changes {others})"
    return text


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


class _Place(NamedTuple):
    """Where a template is to be edited, since no values key is known: what is absent there is to be added."""

    where: str
    absent: bool
    stopped: bool


def _place(document: Document, change: Change, found: Found) -> _Place:
    place = document.location(change.path, at="key")
    exact = place.rendered is not None and place.rendered.exact
    where = f"{place.path}:{place.line}" if exact else place.path
    return _Place(where, bool(document.find(change.path).missing), found.stopped)


def _by_hand(place: _Place, paths: Sequence[str]) -> str:
    listed = " and ".join(paths)
    edit = f"add {listed} in {place.where}" if place.absent else f"edit {place.where}, which renders {listed}"
    if place.stopped:
        return f"the search for a values key was stopped after {SECONDS:g} seconds: {edit}"
    return f"no values key was found that sets {'them' if len(paths) > 1 else 'it'}: {edit}"
