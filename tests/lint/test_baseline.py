"""Baselines: written sorted, read with the position of every mistake, filtering by fingerprint."""

import json
from pathlib import Path

import pytest

from policylint import __version__
from policylint.errors import ConfigError
from policylint.lint.baseline import (
    Baseline,
    BaselineEntry,
    apply_baseline,
    parse_baseline,
    read_baseline,
    render_baseline,
    write_baseline,
)
from policylint.model import Finding, Location


def finding(fingerprint: str, path: str = "a.yaml", rule: str = "IMG001", message: str = "é") -> Finding:
    return Finding(Location(path, 3), rule, "", "error", message, "", "", None, "", fingerprint=fingerprint)


def test_a_baseline_is_sorted_and_says_nothing_twice() -> None:
    findings = [finding("3", "b.yaml"), finding("2"), finding("1"), finding("2")]
    text = render_baseline(findings, "1.2.3")
    assert text == render_baseline(reversed(findings), "1.2.3")
    assert json.loads(text) == {
        "version": 1,
        "tool": {"name": "policylint", "version": "1.2.3"},
        "findings": [
            {"fingerprint": "1", "rule": "IMG001", "path": "a.yaml", "message": "é"},
            {"fingerprint": "2", "rule": "IMG001", "path": "a.yaml", "message": "é"},
            {"fingerprint": "3", "rule": "IMG001", "path": "b.yaml", "message": "é"},
        ],
    }
    assert text.endswith("}\n")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    write_baseline(path, [finding("1")])
    assert read_baseline(path) == Baseline((BaselineEntry("1", "IMG001", "a.yaml", "é"),))
    assert json.loads(path.read_text("utf-8"))["tool"]["version"] == __version__


def test_accepted_findings_are_left_out_and_stale_entries_told() -> None:
    baseline = parse_baseline(render_baseline([finding("1"), finding("2"), finding("3", "b.yaml")], "1"), "b.json")
    result = apply_baseline([finding("1", message="new words"), finding("4")], baseline)
    assert [kept.fingerprint for kept in result.kept] == ["4"]
    assert result.baselined == 1
    assert [entry.fingerprint for entry in result.stale] == ["2", "3"]
    partial = apply_baseline([], baseline, checked={"b.yaml"})
    assert [entry.fingerprint for entry in partial.stale] == ["3"]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "the baseline is not JSON: Expecting value"),
        ('{\n  "version": 1,\n  oops\n}', 3, 3, "the baseline is not JSON"),
        ("[]", 1, 1, "a baseline is a JSON object"),
        ('{"findings": []}', 1, 1, "version is not 1"),
        ('{\n "version": 2, "findings": []}', 2, 13, "version is not 1"),
        ('{"version": 1,\n "findings": {}}', 2, 2, "`findings` is a list"),
        ('{"version": 1,\n "findings": [\n  3]}', 3, 3, "an accepted finding is an object"),
        (
            '{"version": 1, "findings": [\n{"fingerprint": "a", "rule": 7}]}',
            2,
            30,
            "an accepted finding has a string `rule`",
        ),
        ("[" * 100_000, 1, 1, "nests too deeply"),
    ],
)
def test_a_wrong_baseline_is_refused_with_its_position(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_baseline(text, "b.json")
    location = caught.value.location
    assert location is not None
    assert (location.path, location.line, location.column) == ("b.json", line, column)
    assert message in caught.value.message


def test_a_baseline_that_cannot_be_read_or_written_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the baseline cannot be read"):
        read_baseline(tmp_path / "none.json")
    with pytest.raises(ConfigError, match="the baseline cannot be written"):
        write_baseline(tmp_path / "no" / "where.json", [])
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="the baseline cannot be read"):
        read_baseline(binary)
