"""The published schema, the converter and the documentation say the same."""

import copy
import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from config_cases import BAD, GOOD, Bad, Good, loaded
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from policylint.config import Config
from policylint.config.convert import convert
from policylint.config.setting import Setting
from policylint.document.compose import ComposedDocument, compose
from policylint.document.construct import construct
from policylint.document.scalars import Dialect, resolve_core
from policylint.errors import ConfigError
from policylint.model import ROOT, Location

SCHEMA = json.loads((files("policylint") / "config/schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)
DOCS = Path(__file__).parents[2] / "docs" / "configuration.md"
BLOCKS = re.findall(r"^```(yaml|toml)\n(.*?)^```", DOCS.read_text("utf-8"), re.MULTILINE | re.DOTALL)
VALUES = st.sampled_from(
    (
        *(None, True, 0, 1, 2.0, 2.5, -1, "", " ", "a", "error", "node", "1.31", "a=b", "NoSchedule", "2030-12-31"),
        *([], ["a"], [1], [[]], [{"path": "a"}], {}, {"": "a"}, {"a": "b"}, {"name": "a"}, {"path": "a"}),
    )
)


def plain(text: str) -> Any:
    (document,) = compose(text)
    assert isinstance(document, ComposedDocument)
    return construct(document.node, Dialect("test", resolve_core, str, merges=True)).data


def converts(data: Any) -> bool:
    try:
        convert(Setting(data, ROOT, lambda _path, _at: Location("x")), ".", "x")
    except ConfigError:
        return False
    return True


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("good", GOOD, ids=lambda good: good.name)
def test_good_configurations(good: Good) -> None:
    data = plain(good.text)
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []
    assert converts(data)


@pytest.mark.parametrize("bad", [bad for bad in BAD if bad.schema], ids=lambda bad: bad.name)
def test_bad_configurations(bad: Bad) -> None:
    data = plain(bad.text)
    assert not VALIDATOR.is_valid(data)
    assert not converts(data)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for step, value in below for place in places(value, (*path, step)))]


def changed(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    result = copy.copy(data)
    result[path[0]] = changed(data[path[0]], path[1:], value)
    return result


@given(st.data())
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_changed_configurations(data: st.DataObject) -> None:
    config = plain(data.draw(st.sampled_from(GOOD)).text)
    for _ in range(data.draw(st.integers(1, 2))):
        config = changed(config, data.draw(st.sampled_from(places(config))), data.draw(VALUES))
    assert converts(config) == VALIDATOR.is_valid(config)


@given(st.dictionaries(st.sampled_from(sorted(SCHEMA["properties"])), VALUES, max_size=3))
@example({"policies": []})
@settings(deadline=None)
def test_arbitrary_configurations(config: dict[str, Any]) -> None:
    assert converts(config) == VALIDATOR.is_valid(config)


@pytest.mark.parametrize("key", sorted(SCHEMA["properties"]))
def test_every_key_has_a_description(key: str) -> None:
    entry = SCHEMA["properties"][key]
    assert (entry.get("description") or SCHEMA["$defs"][key]["description"]).endswith(".")


@pytest.mark.parametrize(("language", "text"), BLOCKS)
def test_every_block_of_the_documentation_loads(tmp_path: Path, language: str, text: str) -> None:
    config = loaded(tmp_path, text, "policylint.yaml" if language == "yaml" else "pyproject.toml")
    assert config != Config(root=config.root, file=config.file)


def test_every_block_of_the_documentation_satisfies_the_schema() -> None:
    for language, text in BLOCKS:
        data = plain(text) if language == "yaml" else tomllib.loads(text)["tool"]["policylint"]
        assert [error.message for error in VALIDATOR.iter_errors(json.loads(json.dumps(data, default=str)))] == []


def test_every_key_has_an_example_in_the_documentation() -> None:
    shown = {key for language, text in BLOCKS if language == "yaml" for key in plain(text)}
    assert shown == set(SCHEMA["properties"])
