"""The incident's two charts on its cluster, rendered and judged from the command's own side."""

import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from policylint.capacity.assess import assess
from policylint.capacity.assessment import WorkloadRollout
from policylint.config.file import load_config
from policylint.document.document import Document
from policylint.lint.check import CheckRequest, check
from policylint.lint.session import RunSpec
from policylint.model import Finding, SetValue, YamlPath
from policylint.sources.discover import discover
from policylint.sources.helm_backends import sdk_folder
from policylint.sources.loader import load
from policylint.sources.unit import LoadedSource, Unit
from policylint.views.release import Release

pytestmark = pytest.mark.skipif(
    shutil.which("helm") is None and sdk_folder() is None, reason="needs helm, or helm-python-sdk (the extra `helm`)"
)


def project(folder: Path, repository: Path, chart: str, pool: Mapping[str, Any], values: Mapping[str, Any]) -> Path:
    """A copy of one of the incident's charts with its cluster; the configuration file's path."""
    incident = repository / "fixtures" / "projects" / "incident"
    shutil.copytree(incident / chart / "charts", folder / "charts")
    config = yaml.safe_load((incident / "policylint.yaml").read_text("utf-8"))
    config["cluster"]["node-pools"][0] |= pool
    config["charts"] = [{"path": "charts/persons-finder", "set": dict(values)}] if values else []
    file = folder / "policylint.yaml"
    file.write_text(yaml.safe_dump(config), "utf-8")
    return file


def reported(file: Path) -> list[Finding]:
    spec = RunSpec(load_config(file), date(2026, 1, 1), select=("ROL",))
    return list(check(CheckRequest((str(file.parent),), spec)).report.findings)


def rolled(file: Path) -> WorkloadRollout:
    config = load_config(file)
    assert config.cluster is not None
    documents = tuple(
        document
        for target in discover((str(file.parent / "charts"),), config).targets
        for document in documents_of(load(target, config, {}))
    )
    [found] = assess(Release("persons-finder", documents), config.cluster).workloads
    return found


def documents_of(unit: Unit) -> Iterator[Document]:
    for source in unit.sources:
        if isinstance(source, LoadedSource):
            yield from (item for item in source.items if isinstance(item, Document))


SCALED = {"autoscaling.enabled": True, "autoscaling.maxReplicas": 3}
DELEGATED = {"prefix-delegation": True}


def test_the_first_attempt_is_a_certain_deadlock(tmp_path: Path, repository: Path) -> None:
    file = project(tmp_path, repository, "before", {}, {})
    [finding] = reported(file)
    assert (finding.rule, finding.severity) == ("ROL001", "error")
    assert "it starts pod 12 of 11 before an old one may stop" in finding.message
    assert "11 = 3·(4−1)+2" in finding.message  # noqa: RUF001
    assert "12 > 11" in finding.message
    assert finding.help.startswith("set maxSurge: 0 and maxUnavailable: 1")
    found = rolled(file)
    assert (found.verdict, found.certain, found.peak, found.capacity) == ("deadlock", True, 12, 11)
    assert found.fixes[0].changes == (
        SetValue(YamlPath.of("spec", "strategy", "rollingUpdate", "maxSurge"), 0),
        SetValue(YamlPath.of("spec", "strategy", "rollingUpdate", "maxUnavailable"), 1),
    )
    assert found.steps[-1].stuck


def test_the_final_chart_completes_with_downtime(tmp_path: Path, repository: Path) -> None:
    file = project(tmp_path, repository, "after", {}, {})
    assert reported(file) == []
    found = rolled(file)
    assert (found.verdict, found.certain, found.peak, found.capacity) == ("completes", True, 11, 11)
    assert found.downtime == "downtime on every rollout: the one pod stops before its successor is ready"


def test_with_autoscaling_up_to_three_two_and_three_do_not_fit(tmp_path: Path, repository: Path) -> None:
    file = project(tmp_path, repository, "after", {}, SCALED)
    [finding] = reported(file)
    assert finding.rule == "ROL009"
    assert finding.message.endswith("keeps 1 to 3 pods: its pods do not fit at 2 to 3 replicas")
    assert [(entry.replicas, entry.verdict) for entry in rolled(file).at] == [(1, "completes"), (2, "overflow")]


@pytest.mark.parametrize("chart", ["before", "after"])
def test_with_prefix_delegation_it_completes(tmp_path: Path, repository: Path, chart: str) -> None:
    file = project(tmp_path, repository, chart, DELEGATED, {})
    assert reported(file) == []
    found = rolled(file)
    assert (found.verdict, found.capacity) == ("completes", 110)
    assert project(tmp_path / "scaled", repository, chart, DELEGATED, SCALED).is_file()
    assert reported(tmp_path / "scaled" / "policylint.yaml") == []
