"""`[tool.policylint]` in a pyproject.toml: the same values, and errors at the lines of keys."""

from datetime import date
from pathlib import Path

import pytest
from config_cases import loaded, refused
from hypothesis import given, settings
from hypothesis import strategies as st

from policylint.config import ChartRender, Config, ConfiguredSuppression
from policylint.config.file import load_config
from policylint.errors import ConfigError

TOML = """\
[project]
name = "a"
select = ["not", "ours"]

[tool.policylint]
fail-on = "info"
per-file-ignores."a b/**" = ["IMG"]

[tool.policylint.severity]
KYV001 = "info"

[[tool.policylint.charts]]
path = "one"

[[tool.policylint.charts]]
path = "two"
set = { "image.tag" = "1" }

[[tool.policylint.suppressions]]
rule = "ROL001"
reason = "known"
until = 2030-12-31
"""


def test_the_same_values(tmp_path: Path) -> None:
    config = loaded(tmp_path, TOML, "pyproject.toml")
    assert config == Config(
        root=str(tmp_path),
        file=(tmp_path / "pyproject.toml").as_posix(),
        fail_on="info",
        per_file_ignores={"a b/**": ("IMG",)},
        severity={"KYV001": "info"},
        charts=(ChartRender("one"), ChartRender("two", set=("image.tag=1",))),
        suppressions=(ConfiguredSuppression("ROL001", "", "", "known", date(2030, 12, 31), 19),),
    )


CHANGES = {
    "unknown key": (
        'fail-on = "info"',
        'fail-onn = "info"',
        "6:1: unknown key 'fail-onn'; did you mean 'fail-on'?",
    ),
    "wrong type": (
        'fail-on = "info"',
        "fail-on = 1",
        "6:1: fail-on takes one of error, warning, info, but is the number 1",
    ),
    "dotted and quoted": (
        '["IMG"]',
        "[1]",
        '7:1: per-file-ignores["a b/**"][0] takes a string in quotes, but is the number 1',
    ),
    "in a sub-table": (
        'KYV001 = "info"',
        'KYV001 = "of"',
        "10:1: severity.KYV001 takes one of error, warning, info, but is 'of'",
    ),
    "indented": (
        'path = "one"',
        "  path = 1",
        "13:3: charts[0].path takes a string in quotes, but is the number 1",
    ),
    "second table of an array": (
        'path = "two"',
        'pat = "two"',
        "16:1: unknown key 'pat' in charts[1]; did you mean 'path'?",
    ),
    "absent key": ('path = "two"\n', "", "15:3: charts[1] lacks the key 'path'"),
    "inside an inline table": (
        '"image.tag" = "1"',
        '" " = "1"',
        "17:1: charts[1].set has an empty key",
    ),
    "instead of an inline table": (
        '{ "image.tag" = "1" }',
        "1",
        "17:1: charts[1].set takes a list of 'key=value' or a mapping, but is the number 1",
    ),
    "date with a time": (
        "2030-12-31",
        "2030-12-31T00:00:00",
        "22:1: suppressions[0].until takes a date as YYYY-MM-DD, but is the datetime 2030-12-31 00:00:00",
    ),
    "key at the wrong table": (
        'rule = "ROL001"',
        "policies = []",
        "20:1: unknown key 'policies' in suppressions[0]; known are rule, path, resource, reason, until",
    ),
    "policies": (
        '"info"\nper',
        '"info"\npolicies = [1]\nper',
        "7:1: policies[0] takes a string in quotes, but is the number 1",
    ),
    "duplicate key": (
        'fail-on = "info"',
        'fail-on = "info"\nfail-on = "error"',
        "7:18: this is not TOML: cannot overwrite a value",
    ),
    "broken": ('path = "one"', "path = one", "13:8: this is not TOML: invalid value"),
}


@pytest.mark.parametrize(("old", "new", "message"), CHANGES.values(), ids=CHANGES)
def test_messages_and_places(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert TOML.count(old) == 1
    assert refused(tmp_path, TOML.replace(old, new), "pyproject.toml") == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[project]\n", "1:1: there is no table [tool.policylint] here"),
        ("[tool]\npolicylint = 5\n", "2:1: the configuration takes a mapping, but is the number 5"),
        ('[tool]\npolicylint."sel\\u0065ct" = 5\n', "2:1: select takes a list of strings, but is the number 5"),
        ("tool.policylint.x = 1\n", "1:1: unknown key 'x'; known are select, ignore, "),
        ("[tool.policylint]\nselect = [\n", "3:1: this is not TOML: invalid value"),
        ("[tool.policylint]\na = " + "1" * 5000, "1:1: this is not TOML: exceeds the limit "),
        ("[tool.policylint]\na = " + "[" * 5000, "1:1: this is not readable TOML: values nest too deep"),
    ],
    ids=["no table", "not a table", "escaped key", "dotted at the top", "cut off", "long number", "deep"],
)
def test_odd_tables(tmp_path: Path, text: str, message: str) -> None:
    assert refused(tmp_path, text, "pyproject.toml").startswith(message)


@given(st.text(alphabet="ab.=[]\"'\\# \n{}", max_size=40))
@settings(deadline=None)
def test_any_text_is_read_or_refused_with_a_place(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.mktemp("any") / "pyproject.toml"
    file.write_text(f"[tool.policylint]\n{text}", encoding="utf-8", newline="")
    try:
        outcome: Config | str = load_config(file)
    except ConfigError as error:
        outcome = str(error)
    if isinstance(outcome, Config):
        assert outcome == Config(root=outcome.root, file=outcome.file)
    else:
        assert outcome.startswith(f"{file.as_posix()}:")
