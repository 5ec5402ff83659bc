"""What comes out differently each time is found, and changes nothing of what is said."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.config import ChartRender
from policylint.sources.helm import render_chart
from policylint.sources.nondeterminism import compare
from policylint.sources.rendering import Rendering

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
needs_helm = pytest.mark.skipif(shutil.which("helm") is None, reason="needs the helm program on PATH")


def render(folder: Path, files: dict[str, str]) -> Rendering:
    for name, text in {"Chart.yaml": CHART, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return render_chart(folder, "web", ChartRender("web"), folder)


def varying(rendering: Rendering) -> dict[str, dict[int, bool]]:
    assert rendering.failures == ()
    return {source.path: dict(source.varying) for source in rendering.sources if source.varying}


@pytest.mark.parametrize(
    ("first", "second", "expected", "lines"),
    [
        ("a: 1\nb: 2\n", "a: 1\nb: 2\n", "a: 1\nb: 2\n", []),
        ("name: job-x1y2\n", "name: job-a9b8\n", "name: job-varies00\n", [1]),
        ("a: b\nat: 2030-01-02T10:00:00Z\n", "a: b\nat: 1987-06-05T23:58:59Z\n", "a: b\nat: varies00\n", [2]),
        ("port: 8123\n", "port: 8456\n", "port: 1111\n", [1]),
        ("x: [--run=abc, same]\n", "x: [--run=def, same]\n", "x: [--run=varies00, same]\n", [1]),
        (f"key: {'k' * 65}\n", f"key: {'l' * 65}\n", f"key: {'k' * 65}\n", [1]),
        ("a: 1\nb: x\nc: 1\n", "a: 1\nc: 1\n", "a: 1\nb: x\nc: 1\n", [2]),
        ("a: x y\n", "a: z\n", "a: x y\n", [1]),
    ],
)
def test_what_differs_is_replaced_word_by_word(first: str, second: str, expected: str, lines: list[int]) -> None:
    assert compare(first, second) == (expected, lines)


@given(st.text("ab-: \n", max_size=40), st.text("ab-: \n", max_size=40))
def test_lines_stay_where_they_are(first: str, second: str) -> None:
    settled, lines = compare(first, second)
    assert settled.count("\n") == first.count("\n")
    unchanged = [number for number, line in enumerate(first.split("\n"), 1) if number not in lines]
    assert all(settled.split("\n")[number - 1] == first.split("\n")[number - 1] for number in unchanged)


@needs_helm
def test_a_clock_is_found_however_coarsely_it_is_read(tmp_path: Path) -> None:
    template = 'kind: A\nyear: {{ now | date "2006" | quote }}\nstamp: {{ now | unixEpoch | quote }}\nsame: now\n'
    assert varying(render(tmp_path / "web", {"templates/a.yaml": template})) == {
        "web/templates/a.yaml": {2: False, 3: False}
    }


@needs_helm
def test_helpers_values_and_subcharts_are_looked_into(tmp_path: Path) -> None:
    files = {
        "values.yaml": "text: '{{ uuidv4 }}'\n",
        "templates/_h.tpl": '{{ define "h" }}{{ randAlphaNum 9 }}{{ end }}',
        "templates/a.yaml": 'kind: A\nx: {{ include "h" . }}\ny: {{ tpl .Values.text . }}\n',
        "charts/sub/Chart.yaml": CHART.replace("web", "sub"),
        "charts/sub/templates/b.yaml": "kind: B\ncert: {{ (genCA `x` 1).Cert | b64enc }}\n",
    }
    assert varying(render(tmp_path / "web", files)) == {
        "web/templates/a.yaml": {2: False, 3: False},
        "web/charts/sub/templates/b.yaml": {2: False},
    }


@needs_helm
def test_what_lookup_may_keep_is_told_from_what_it_cannot(tmp_path: Path) -> None:
    files = {
        "templates/a.yaml": "kind: A\nown: {{ randAlpha 9 }}\nother: "
        '{{ include (print $.Template.BasePath "/b.yaml") . | sha256sum }}\n',
        "templates/b.yaml": '{{ $old := lookup "v1" "Secret" "n" "b" }}\nkind: B\n'
        "x: {{ $old.x | default (randAlpha 9) }}\n",
    }
    assert varying(render(tmp_path / "web", files)) == {
        "web/templates/a.yaml": {2: False, 3: True},
        "web/templates/b.yaml": {2: True},
    }


@needs_helm
def test_texts_are_the_same_each_time(tmp_path: Path) -> None:
    files = {"templates/a.yaml": "kind: A\nname: job-{{ randAlphaNum 8 | lower }}-x\n"}
    texts = {render(tmp_path / "web", files).sources[0].text for _ in range(3)}
    assert texts == {"kind: A\nname: job-varies00\n"}


@needs_helm
def test_charts_that_call_nothing_of_the_kind_are_rendered_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from policylint.sources import helm

    runs = []
    once = helm.run_helm
    monkeypatch.setattr(helm, "run_helm", lambda *given: (runs.append(given), once(*given))[1])
    words = "# now, randAlphaNum\nkind: A\nx: {{ .Values.now }}\ny: {{ $now := 1 }}{{ $now }}\n"
    assert varying(render(tmp_path / "web", {"templates/a.yaml": words, "values.yaml": "now: 1\n"})) == {}
    assert len(runs) == 1
