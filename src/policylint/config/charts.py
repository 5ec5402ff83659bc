"""The `charts:` of a configuration: which renders of which charts there are, each with what decides it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from policylint.config import ChartRender
from policylint.config.setting import Setting

_KUBE_VERSION = re.compile(r"v?[0-9]+\.[0-9]+(\.[0-9]+)?([-+][0-9A-Za-z.+-]+)?\Z")
_ASSIGNMENT = re.compile(r"[^=\s][^=]*=")
# what Helm's --set reads as syntax in a value (pkg/strvals): list items, list braces and its own escape
_HELM_SYNTAX = re.compile(r"([\\,{}])")
_ADDED = ("values", "set")


def chart_renders(setting: Setting) -> tuple[ChartRender, ...]:
    """One entry for each render that the list `setting` asks for, in its order."""
    return tuple(render for item in setting.items("a list of charts") for render in _entry(item))


def _entry(setting: Setting) -> list[ChartRender]:
    fields = setting.fields(_ENTRY, required=("path",))
    if "renders" not in fields:
        return [ChartRender(**fields)]
    renders = fields.pop("renders")
    if "ci_values" in fields:
        raise setting.error(f"{setting.path} has both 'renders' and 'ci-values': name the ci values among the renders")
    return [ChartRender(**{**fields, **_with(fields, render)}, ci_values=False) for render in renders]


def _with(fields: Mapping[str, Any], render: Mapping[str, Any]) -> dict[str, Any]:
    """What `render` says, its values on top of those of the whole entry."""
    added = {key: (*fields.get(key, ()), *render[key]) for key in _ADDED if key in render}
    return {**render, **added}


def _renders(setting: Setting) -> list[dict[str, Any]]:
    items = setting.items("a list of renders")
    if not items:
        raise setting.error(f"{setting.path} is empty: name a render, or remove the key", "key")
    names: set[str] = set()
    found = []
    for item in items:
        fields = item.fields(_RENDER, required=("name",))
        if fields["name"] in names:
            raise item.error(f"{item.path}: there are two renders called {fields['name']!r}")
        names.add(fields["name"])
        found.append(fields)
    return found


def _set(setting: Setting) -> tuple[str, ...]:
    """Helm's `--set` expressions, from a list of them or from a mapping of keys to literal values."""
    if not isinstance(setting.data, dict):
        items = setting.items("a list of 'key=value' or a mapping")
        return tuple(item.matching(_ASSIGNMENT, "'key=value'") for item in items)
    return tuple(f"{key}={_literal(entry)}" for key, entry in setting.entries().items())


def _literal(setting: Setting) -> str:
    value = setting.data
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return _HELM_SYNTAX.sub(r"\\\1", value)
    raise setting.wrong("a string, a number or a boolean (nested keys are written with dots)")


def _kube_version(setting: Setting) -> str:
    return setting.matching(_KUBE_VERSION, "a version such as 'v1.31.0'")


_Convert = Callable[[Setting], Any]
_CHOICES: Mapping[str, _Convert] = {
    "values": Setting.text_or_texts,
    "set": _set,
    "release": Setting.text,
    "namespace": Setting.text,
    "kube-version": _kube_version,
    "api-versions": Setting.texts,
}
_RENDER: Mapping[str, _Convert] = {"name": Setting.text, **_CHOICES}
_ENTRY: Mapping[str, _Convert] = {"path": Setting.text, **_CHOICES, "ci-values": Setting.flag, "renders": _renders}
