"""Rules about the whole project: what they gather from each document, and the documents that they ask for."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from policylint.config.file import default_config
from policylint.lint.check import CheckRequest, CheckResult, check
from policylint.lint.session import RunSpec

Write = Callable[[Mapping[str, str]], Path]

RULE = '''"""Counts."""
from policylint.api import Problem, Project, Rule, YamlPath

RULE = Rule(id="OWN001", name="counts", severity="warning", judges=Project, kinds=({kinds}))


def gather(document):
    return {gather}


def check(project, context):
    names = [document.source.path for document in project.documents]
    yield project.documents[0], Problem(YamlPath(), f"{{sorted(project.facts)}} {{names}}")
'''
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"


def run(*paths: str) -> CheckResult:
    config = default_config(Path.cwd())._replace(rule_paths=("own",))
    spec = RunSpec(config, date(2030, 1, 1), select=("OWN001",), allow_python_rules=True)
    return check(CheckRequest(paths, spec))


def project(write: Write, kinds: str, gather: str) -> None:
    write(
        {
            "own/OWN001-counts.py": RULE.format(kinds=kinds, gather=gather),
            "all/pods.yaml": "---\n".join(POD % name for name in ("b", "a", "b")),
            "all/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n",
            "all/.github/workflows/ci.yaml": "on: push\njobs: {}\n",
        }
    )


def test_facts_are_gathered_from_every_document_and_kept_once(write: Write) -> None:
    project(write, "'v1/Service',", "document.name or None")

    assert [found.message for found in run("all").report.findings] == ["['a', 'b', 's'] ['all/service.yaml']"]


def test_workflows_can_be_asked_for_though_they_have_no_kind(write: Write) -> None:
    project(write, "'workflow',", "None")

    assert [found.message for found in run("all").report.findings] == ["[] ['all/.github/workflows/ci.yaml']"]


def test_gathering_that_breaks_is_said_and_ends_nothing(write: Write) -> None:
    project(write, "'v1/Service',", "1 // (document.name != 's')")
    result = run("all")

    assert [(error.rule, error.path) for error in result.report.errors] == [("OWN001", "all/service.yaml")]
    assert [found.message for found in result.report.findings] == ["[1] ['all/service.yaml']"]


@pytest.mark.parametrize("gather", ["1 // 0", "None"])
def test_nothing_is_gathered_where_single_files_are_named(write: Write, gather: str) -> None:
    project(write, "'v1/Service',", gather)
    result = run("all/service.yaml")

    assert (result.report.errors, result.report.findings) == ((), ())
