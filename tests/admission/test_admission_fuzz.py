"""Policies spoilt at random: every rule looks at them, none breaks, and what is said of them is sound."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random

import pytest
import yaml
from admission_mutations import Corpus, read_corpus, spoil, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policylint.config import Config
from policylint.lint.check import CheckRequest, check
from policylint.lint.session import RunSpec
from policylint.model import Finding, Report, YamlPath

FIXTURES = Path(__file__).parents[2] / "fixtures"
FAMILIES = ("KYV", "SIG", "HOK", "GTK", "PRJ")
LONGEST = 2000
NAME = "policy.yaml"
# what is said of a file and of several objects has no path in one
PATHLESS = ("PRJ", "SUP")

# the seed is the example: the same ones on every run where a red build must be a new one
thorough = settings(
    max_examples=250,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus(sorted(path for path in FIXTURES.iterdir() if path.name.startswith(FAMILIES)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("spoilt")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        (place / NAME).write_text("")
        yield place


def report_of(text: str, kyverno: str = "") -> Report:
    """What every rule says of a project that has `text` for its only file."""
    spec = RunSpec(Config(kyverno_version=kyverno), date(2030, 1, 1), select=("all",), parallel=False)
    data = text.encode("utf-8", "surrogatepass")
    return check(CheckRequest((".",), spec._replace(overlay={NAME: data}))).report


def is_inside(finding: Finding, lines: list[str]) -> bool:
    place = finding.location
    if place.path != NAME or not 1 <= place.line <= place.end_line <= len(lines):
        return False
    starts = 1 <= place.column <= len(lines[place.line - 1]) + 1
    return starts and place.end_column <= len(lines[place.end_line - 1]) + 1


@thorough
@given(seed=st.integers(0, 2**32), kyverno=st.sampled_from(["", "", "1.10", "1.13", "1.17"]))
def test_spoilt_policies(folder: Path, corpus: Corpus, seed: int, kyverno: str) -> None:
    text = spoil(corpus, Random(seed))

    report = report_of(text, kyverno)

    assert report.errors == ()
    assert report.counts.documents == report.counts.judged + report.counts.unmatched
    lines = text.split("\n")
    for finding in report.findings:
        assert is_inside(finding, lines), finding
        assert finding.message
        assert all(len(said) <= LONGEST for said in (finding.message, finding.help))
        assert finding.yaml_path or finding.rule.startswith(PATHLESS), finding
        assert str(YamlPath.parse(finding.yaml_path)) == finding.yaml_path


def test_documents_are_written_as_they_are() -> None:
    document = {"a": [{"b": None, "c": ["x: y", 1.5, True, [], {}]}, [[2]]], "d\n": "é\u2028"}

    assert yaml.safe_load(written(document)) == document
