"""The fixtures that Python tests get: `policylint`, `manifest`, `render_chart`."""

import pytest
from plugin_samples import BROKEN, DEPLOYMENT, WIDGET, lay_out

CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "tag: '1.0'\nname: web\n",
    "chart/other.yaml": "name: other\n",
    "chart/templates/web.yaml": DEPLOYMENT.replace("web:latest", "web:{{ .Values.tag }}").replace(
        "  name: web\n  namespace: shop", "  name: {{ .Values.name }}\n  namespace: {{ .Release.Namespace }}"
    ),
}


def run(pytester: pytest.Pytester, test: str) -> None:
    """Runs one Python test beside the files that are laid out already; it must pass."""
    lay_out(
        pytester,
        {"test_it.py": f"import pytest\nfrom pathlib import Path\nfrom policylint.api import YamlPath\n{test}"},
    )
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_manifest_with_its_positions(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"web.yaml": DEPLOYMENT})
    run(
        pytester,
        "def test_it(manifest):\n"
        "    web = manifest('web.yaml')\n"
        "    image = YamlPath.parse('spec.template.spec.containers[0].image')\n"
        "    assert (web.kind, web.name, web.get(image)) == ('Deployment', 'web', 'registry.example.com/web:latest')\n"
        "    assert web.location(image)[:3] == ('web.yaml', 13, 16)\n"
        "    assert manifest(Path('web.yaml')).data == web.data\n",
    )


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (f"{WIDGET}---\n{WIDGET}", "UsageError", "a.yaml holds 2 documents, not one"),
        ("", "UsageError", "a.yaml holds 0 documents, not one"),
        (BROKEN, "SourceError", "cannot be parsed"),
    ],
)
def test_a_file_that_holds_no_manifest_or_several(
    pytester: pytest.Pytester, text: str, error: str, message: str
) -> None:
    lay_out(pytester, {"a.yaml": text})
    run(
        pytester,
        f"from policylint.errors import {error}\n"
        "def test_it(manifest):\n"
        f"    with pytest.raises({error}, match={message!r}):\n"
        "        manifest('a.yaml')\n",
    )


def test_a_report(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {"k8s/web.yaml": DEPLOYMENT, "policylint.yaml": "severity: {IMG001: warning}\n"})
    run(
        pytester,
        "def test_it(policylint):\n"
        "    report = policylint.check('k8s')\n"
        "    assert [(each.rule, each.severity) for each in report.findings] == [('IMG001', 'warning')]\n"
        "    assert report.counts.judged == 1\n"
        "    assert policylint.check('k8s', select=['ROL001']).findings == ()\n"
        "    assert policylint.config.severity == {'IMG001': 'warning'}\n"
        "    assert [each.name for each in policylint.documents('k8s/web.yaml')] == ['web']\n",
    )


def test_a_rendered_chart(pytester: pytest.Pytester) -> None:
    lay_out(pytester, CHART)
    run(
        pytester,
        "def test_it(render_chart):\n"
        "    image = YamlPath.parse('spec.template.spec.containers[0].image')\n"
        "    web, = render_chart('chart')\n"
        "    assert (web.name, web.namespace, web.get(image)) == ('web', 'default', 'registry.example.com/web:1.0')\n"
        "    other, = render_chart('chart', values=['chart/other.yaml'], set=['tag=2.1-a'], namespace='test')\n"
        "    assert (other.name, other.namespace) == ('other', 'test')\n"
        "    assert other.get(image) == 'registry.example.com/web:2.1-a'\n"
        "    assert other.location(image)[:2] == ('chart/templates/web.yaml', 13)\n",
    )


def test_a_chart_that_does_not_render(pytester: pytest.Pytester) -> None:
    lay_out(pytester, {**CHART, "chart/templates/bad.yaml": '{{ fail "no" }}\n'})
    run(
        pytester,
        "from policylint.errors import SourceError\n"
        "def test_it(render_chart):\n"
        "    with pytest.raises(SourceError) as caught:\n"
        "        render_chart('chart')\n"
        "    assert caught.value.location[:2] == ('chart/templates/bad.yaml', 1)\n",
    )
