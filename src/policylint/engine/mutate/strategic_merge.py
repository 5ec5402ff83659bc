"""Strategic merge as kustomize does it: kyaml/yaml/merge2 and kyaml/yaml/walk, with what a patch adds put first."""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any, Literal

from policylint.engine.errors import EvaluationError
from policylint.engine.mutate.list_keys import Schema
from policylint.engine.mutate.nodes import text_of
from policylint.model import ROOT, YamlPath
from policylint.views.shape import type_name

_DIRECTIVE = "$patch"
_MOST_IRREGULAR = 100


class _Missing(Enum):
    ABSENT = "absent"


_ABSENT = _Missing.ABSENT
_Texts = tuple[str, ...]


def merge(patch: dict[str, Any], resource: dict[str, Any]) -> Any:
    """`resource` with `patch` merged into it; both are changed, and the result shares parts with them.

    A null in the patch removes a field, `$patch: delete` and `replace` do what they say, lists of known types are
    merged by their keys with the patch's items first, other lists are replaced. Raises EvaluationError when patch and
    resource have different types at one place, and when nothing is left.
    """
    merged = _walk(resource, patch, None, ROOT)
    if merged is _ABSENT or merged is None:
        raise EvaluationError("the patch deletes the whole object")
    return merged


def _walk(dest: Any, origin: Any, schema: Schema | None, path: YamlPath) -> Any:
    """What becomes of `dest`, a part of the resource, under `origin`, of the patch; _ABSENT or None to remove it."""
    schema = schema or Schema.of_object(dest) or Schema.of_object(origin)
    kind = _common_kind(dest, origin, path)
    if kind == "list":
        if schema is None or schema.keys is None:
            return dest if origin is _ABSENT else origin
        return _merge_lists(dest, origin, schema, path)
    if kind == "scalar":
        return dest if origin is _ABSENT else origin
    return _merge_mappings(dest, origin, schema, path)


def _common_kind(dest: Any, origin: Any, path: YamlPath) -> Literal["mapping", "list", "scalar"]:
    kinds = [_kind(value) for value in (dest, origin) if value is not _ABSENT and value is not None]
    if len(set(kinds)) > 1:
        place = str(path) or "the object"
        raise EvaluationError(f"{place} is {type_name(dest)} in the object and {type_name(origin)} in the patch")
    return kinds[0] if kinds else "mapping"


def _kind(value: Any) -> Literal["mapping", "list", "scalar"]:
    if isinstance(value, dict):
        return "mapping"
    return "list" if isinstance(value, list) else "scalar"


def _merge_mappings(dest: Any, origin: Any, schema: Schema | None, path: YamlPath) -> Any:
    merged = _chosen(dest, origin, path)
    if merged is _ABSENT or merged is None:
        return merged
    # where the patch's own part was chosen, it is merged with itself, which removes its nulls and directives
    dest, origin = merged, {} if origin is _ABSENT else origin
    for key in sorted({*dest, *origin}):
        before, wanted = dest.get(key, _ABSENT), origin.get(key, _ABSENT)
        if before is None and wanted is _ABSENT:
            continue
        value = _walk(before, wanted, schema.field(key) if schema is not None else None, path / key)
        if value is _ABSENT or value is None:
            dest.pop(key, None)
        else:
            dest[key] = value
    return dest


def _chosen(dest: Any, origin: Any, path: YamlPath) -> Any:
    """The one of two mappings that stays, without directives; _ABSENT or None when neither does (`VisitMap`)."""
    directive = origin.get(_DIRECTIVE, "merge") if isinstance(origin, dict) else "merge"
    known = directive in ("delete", "replace", "merge")
    if isinstance(origin, dict) and known:
        origin.pop(_DIRECTIVE, None)
    if dest is _ABSENT or dest is None:
        return _ABSENT if directive == "delete" else origin
    if origin is None or directive == "delete":
        return _ABSENT
    if not known:
        raise EvaluationError(f"{_DIRECTIVE} of {path} is {text_of(directive)!r}, not delete, replace or merge")
    return origin if directive == "replace" else dest


def _merge_lists(dest: Any, origin: Any, schema: Schema, path: YamlPath) -> Any:
    if dest is _ABSENT or dest is None:
        dest = origin
    elif origin is None:
        return _ABSENT
    keys = schema.keys or ()
    sources = [dest] if origin is _ABSENT else [origin, dest]
    if not keys:
        return _united(sources, path)
    merger = _ListMerger(dest, origin, keys, schema.items(), path)
    merged = merger.by_index(sources)
    return merger.step_by_step(sources) if merged is None else merged


def _united(sources: Iterable[list[Any]], path: YamlPath) -> list[Any]:
    """The scalars of lists such as `finalizers`, each once."""
    found: dict[str, Any] = {}
    for source in sources:
        for item in source:
            if isinstance(item, dict | list):
                raise EvaluationError(f"{path} is a list of scalars, but has {type_name(item)} in it")
            if item is not None:
                found.setdefault(text_of(item), item)
    return list(found.values())


class _ListMerger:
    """Two lists whose items belong together when they have the same values under `keys`."""

    def __init__(self, dest: list[Any], origin: Any, keys: _Texts, items: Schema, path: YamlPath) -> None:
        self._dest = dest
        self._origin: list[Any] = [] if origin is _ABSENT else origin
        self._keys = keys
        self._items = items
        self._path = path

    def _merged(self, dest: Any, origin: Any) -> Any:
        """Two items merged; None to remove them."""
        value = _walk(dest, origin, self._items, self._path)
        return None if value is _ABSENT or value == {} else value

    def by_index(self, sources: Sequence[list[Any]]) -> list[Any] | None:
        """The lists merged in one go, or None when items lack keys, or have them twice, so that the order of the
        steps matters.
        """
        indices = [_indexed(source, self._keys) for source in sources]
        known = [index for index in indices if index is not None]
        masks = {tuple(bool(text) for text in values) for index in known for values in index}
        if len(known) < len(indices) or len(masks) != 1 or not any(next(iter(masks))):
            return None
        before, wanted = known[-1], known[0] if len(known) > 1 else {}
        has_one_key = sum(next(iter(masks))) == 1
        result = []
        for values in dict.fromkeys((*wanted, *before)):
            present = before.get(values, _ABSENT)
            item = self._merged(present, wanted.get(values, _ABSENT))
            if item is not None:
                # with one key the resource's own items come back in the last step, which undoes `$patch: replace`
                result.append(item if present is _ABSENT or not has_one_key else present)
        return result

    def step_by_step(self, sources: Iterable[list[Any]]) -> list[Any]:
        """The lists merged as `setAssociativeSequenceElements` does it, with all that happens to irregular items."""
        if len(self._dest) + len(self._origin) > _MOST_IRREGULAR:
            raise EvaluationError(
                f"{self._path} has more than {_MOST_IRREGULAR} items, and not every one has its own {self._keys[0]}"
            )
        every = dict.fromkeys(_values(item, self._keys) for source in sources for item in source)
        dest, added = self._dest, list[Any]()
        for values in every:
            keys, texts = _usable(self._keys, values)
            item = self._merged(self._element(dest, keys, texts), self._element(self._origin, keys, texts))
            if item is None:
                dest[:] = self._with_element(dest, None, keys, texts)
                continue
            for key, text in zip(keys, texts, strict=True):
                item.setdefault(key, text)
            added = self._with_element(added, item, keys, texts)
        for values in every:
            added = dest = self._appended(added, dest, _usable(self._keys, values)[0])
        return dest

    def _element(self, items: list[Any], keys: _Texts, texts: _Texts) -> Any:
        def fits(item: Any) -> bool:
            pairs = zip(keys, texts, strict=True)
            return isinstance(item, dict) and all(key in item and text_of(item[key]) == text for key, text in pairs)

        return next(filter(fits, items), _ABSENT)

    def _with_element(self, items: list[Any], element: Any, keys: _Texts, texts: Sequence[str]) -> list[Any]:
        """`items` with `element` in place of those that match it, or at the end (`ElementSetter`)."""
        kept: list[Any] = []
        found = False
        for item in items:
            if item is None or item == {}:
                continue
            if not isinstance(item, dict):
                if not (texts and texts[0]):
                    raise EvaluationError(f"{self._path} is a list of mappings, but has {type_name(item)} in it")
                kept.append(item)
            elif not texts:
                continue
            elif not all(map(_has(item), keys, texts)):
                kept.append(item)
            else:
                found = True
                kept += [] if element is None else [element]
        return kept if found or element is None else [*kept, element]

    def _appended(self, items: list[Any], more: list[Any], keys: _Texts) -> list[Any]:
        """`items` with each of `more` put into its place or at the end (`appendListNode`)."""
        if len(keys) > 1:
            return items
        for item in list(more):
            if item is not None and not isinstance(item, dict):
                raise EvaluationError(f"{self._path} is a list of mappings, but has {type_name(item)} in it")
            texts = [text_of(item[key]) for key in keys if item is not None and key in item]
            items = self._with_element(items if texts else [*items, item], item, keys, texts)
        return items


def _has(item: dict[str, Any]) -> Callable[[str, str], bool]:
    """Whether `item` has a key with a text; an empty text stands for any."""
    return lambda key, text: key in item and (not text or text_of(item[key]) == text)


def _indexed(items: list[Any], keys: _Texts) -> dict[_Texts, Any] | None:
    """The items by their values under `keys`, None when one is no mapping or two have the same values."""
    index: dict[_Texts, Any] = {}
    for item in items:
        values = _values(item, keys)
        if not isinstance(item, dict) or values in index:
            return None
        index[values] = item
    return index


def _values(item: Any, keys: _Texts) -> _Texts:
    fields = item if isinstance(item, dict) else {}
    return tuple("" if fields.get(key) is None else text_of(fields[key]) for key in keys)


def _usable(keys: _Texts, values: _Texts) -> tuple[_Texts, _Texts]:
    """The keys that have values, with these; all keys when none has."""
    pairs = [(key, text) for key, text in zip(keys, values, strict=True) if text]
    if not pairs:
        return keys, values
    return tuple(key for key, _ in pairs), tuple(text for _, text in pairs)
