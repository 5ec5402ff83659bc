"""A chart of the size that people deploy: its lines are traced, its values keys found, its renders judged."""

import os
import shutil
from pathlib import Path

import large_chart
import pytest

from policylint.config import ChartRender
from policylint.document.document import Document
from policylint.model import SetValue, YamlPath
from policylint.sources.chart_source import ChartSource
from policylint.sources.documents import load_documents
from policylint.sources.helm import render_chart
from policylint.sources.helm_backends import sdk_folder
from policylint.sources.rendering import Rendering
from policylint.sources.values_keys import values_key_for

needs_helm = pytest.mark.skipif(shutil.which("helm") is None, reason="needs the helm program on PATH")
ROLLING = YamlPath.of("spec", "strategy", "rollingUpdate")


def rendered(folder: Path, environment: dict[str, str] | None = None) -> Rendering:
    chart = large_chart.write_chart(folder / "platform")
    return render_chart(chart, "platform", ChartRender("platform"), folder, environment or os.environ)


def documents(rendering: Rendering) -> list[Document]:
    return [item for source in rendering.sources for item in load_documents(source) if isinstance(item, Document)]


def test_it_is_as_large_as_it_says() -> None:
    templates = [name for name in large_chart.files() if "templates/" in name and not name.endswith((".tpl", ".txt"))]
    assert len(templates) > 55


@needs_helm
def test_what_is_rendered_and_what_is_not(tmp_path: Path) -> None:
    rendering = rendered(tmp_path)
    assert rendering.failures == ()
    found = {(document.kind, document.name) for document in documents(rendering)}
    # both aliases of one subchart; the disabled one would fail, the library and the notes render nothing
    assert {("Deployment", "platform-sessions"), ("Deployment", "platform-pages")} <= found
    assert ("CustomResourceDefinition", "widgets.example.com") in found
    assert ("DaemonSet", "platform-agent") in found
    hooks = {d.name: d.annotations["helm.sh/hook"] for d in documents(rendering) if "helm.sh/hook" in d.annotations}
    assert hooks == {
        "platform-platform-migrate": "pre-upgrade,pre-install",
        "platform-platform-seed-varies00": "post-install",
        "platform-platform-test": "test",
    }
    assert not any(source.path.endswith(("NOTES.txt", ".tpl")) for source in rendering.sources)


@needs_helm
def test_lines_are_traced_to_the_template(tmp_path: Path) -> None:
    """At least 99 in 100 lines, and wherever the template has the line itself, to that one."""
    lines = traced = 0
    for source in rendered(tmp_path).sources:
        template = (tmp_path / source.path).read_text().split("\n")
        position = 0
        for line in source.text.split("\n"):
            start, position = position, position + len(line) + 1
            if not line.strip() or line.strip() == "---" or line.startswith("#"):
                continue
            lines += 1
            place = source.location(start, start)
            assert place.rendered is not None
            if place.rendered.exact:
                traced += 1
                if "{{" not in template[place.line - 1]:
                    assert template[place.line - 1].strip() == line.strip()
    assert lines > 1200
    assert traced / lines > 0.99


@needs_helm
@pytest.mark.parametrize(
    ("name", "surge", "line"),
    [
        ("platform-platform-web", "web.rollout.maxSurge", "    maxSurge: 1"),
        ("platform-platform-api", "api.strategy.rollingUpdate.maxSurge", "      maxSurge: 1"),
        ("platform-platform-worker", "worker.rollout.maxSurge", "  rollout: {maxSurge: 1, maxUnavailable: 0}"),
        ("platform-platform-scheduler", "global.rollout.surge", "  rollout: {surge: 1, unavailable: 0}"),
        ("platform-platform-mailer", None, ""),
        ("platform-sessions", "sessions.strategy.rollingUpdate.maxSurge", "sessions: {enabled: true}"),
        ("platform-pages", "pages.strategy.rollingUpdate.maxSurge", "pages: {enabled: true, replicas: 2}"),
    ],
)
def test_the_values_key_of_each_way_to_write_a_strategy(
    tmp_path: Path, name: str, surge: str | None, line: str
) -> None:
    (document,) = (each for each in documents(rendered(tmp_path)) if each.kind == "Deployment" and each.name == name)
    key = values_key_for(document, SetValue(ROLLING / "maxSurge", 0))
    assert (str(key.path) if key is not None else None) == surge
    if key is not None:
        values = large_chart.files()["values.yaml"].split("\n")
        assert (key.location.path, values[key.location.line - 1]) == ("platform/values.yaml", line)
        assert key.also == ()


@needs_helm
@pytest.mark.skipif(sdk_folder() is None, reason="needs helm-python-sdk (the extra `helm`)")
def test_the_program_and_the_sdk_render_it_alike(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    by_program = rendered(tmp_path)
    by_sdk = rendered(tmp_path, {**os.environ, "PATH": str(empty)})
    assert (by_sdk.failures, by_sdk.label, by_sdk.notes) == (by_program.failures, by_program.label, by_program.notes)

    def shape(rendering: Rendering) -> list[tuple[str, str, str, dict[int, bool]]]:
        return [
            (source.template, source.path, source.text, dict(source.varying))
            for source in rendering.sources
            if isinstance(source, ChartSource)
        ]

    assert shape(by_sdk) == shape(by_program)
