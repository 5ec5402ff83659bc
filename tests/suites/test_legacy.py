from pathlib import Path

import pytest

from conftest import Write
from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.edits import apply_edits, compile_fix
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.suites import legacy
from policylint.suites.load import load_suites


def document(text: str) -> Document:
    [composed] = compose(text)
    assert isinstance(composed, ComposedDocument)
    return Document(Source("kyverno-test.yaml", text), composed.node, composed.base, 0, KUBERNETES, "suite")


def rewritten(text: str) -> str:
    suite = document(text)
    fix = compile_fix(suite, legacy.migration(suite.mapping))
    assert fix is not None
    return apply_edits(text, fix.edits)


OLD = """\
# what this is about
name: labels # the suite
policies:
  -  policy.yaml
resources: [pods.yaml]
variables: values.yaml
results:
  # first
  - policy: require-labels
    rule: check
    resource: bad-pod # no labels
    kind: Pod
    status: fail
  - policy: require-labels
    rule: check
    namespace: staging
    resource: "good-pod"
    kind: Pod
    result: pass
    patchedResource: patched.yaml
"""
NEW = """\
# what this is about
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata:
  name: labels # the suite
policies:
  -  policy.yaml
resources: [pods.yaml]
variables: values.yaml
results:
  # first
  - policy: require-labels
    rule: check
    resources:
      - bad-pod # no labels
    kind: Pod
    result: fail
  - policy: require-labels
    rule: check
    resources:
      - "staging/good-pod"
    kind: Pod
    result: pass
    patchedResources: patched.yaml
"""


def test_a_whole_suite_is_rewritten_and_keeps_its_comments() -> None:
    assert rewritten(OLD) == NEW
    assert not legacy.is_legacy(document(NEW).mapping)


def test_windows_line_endings_survive() -> None:
    assert rewritten(OLD.replace("\n", "\r\n")) == NEW.replace("\n", "\r\n")


def test_the_old_and_the_new_form_load_as_the_same(write: Write) -> None:
    folder = write({"old/kyverno-test.yaml": OLD, "new/kyverno-test.yaml": NEW})
    [old] = load_suites(folder / "old/kyverno-test.yaml", "old/kyverno-test.yaml")
    [new] = load_suites(folder / "new/kyverno-test.yaml", "new/kyverno-test.yaml")
    assert old.data == new.data
    assert [(entry.expected, [each.text for each in entry.resources or ()]) for entry in old.entries] == [
        ("fail", ["bad-pod"]),
        ("pass", ["staging/good-pod"]),
    ]
    assert (len(old.notes), new.notes) == (1, ())


def test_lines_of_the_old_form_are_those_of_its_own_fields(write: Write) -> None:
    folder = write({"kyverno-test.yaml": OLD})
    [suite] = load_suites(folder / "kyverno-test.yaml", "kyverno-test.yaml")
    second = suite.entries[1]
    assert (second.line, [each.line for each in second.resources or ()]) == (14, [17])
    assert second.patched is not None
    assert second.patched.line == 20


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # `resources` was what counted beside `resource`
        (
            "name: a\nresults:\n- resource: b\n  resources: [c]\n  result: pass\n",
            (
                "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata:\n  name: a\n"
                "results:\n- resources: [c]\n  result: pass\n"
            ),
        ),
        # a namespace goes to every name
        (
            "name: a\nresults:\n- resources: [b, c/d]\n  namespace: ns\n",
            (
                "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata:\n  name: a\n"
                "results:\n- resources: [ns/b, c/d]\n"
            ),
        ),
        # partly rewritten before
        (
            "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata:\n  name: a\nname: b\npolicies: [p]\n",
            "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata:\n  name: a\npolicies: [p]\n",
        ),
        # nothing to name it by
        (
            "policies: [p]\n",
            "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata:\n  name: kyverno-test\npolicies: [p]\n",
        ),
        # written as JSON
        (
            '{"name": "a", "results": [{"resource": "b", "status": "pass"}]}\n',
            (
                '{"metadata": {"name": "a"}, "kind": "Test", "apiVersion": "cli.kyverno.io/v1alpha1",'
                ' "results": [{"resources": ["b"], "result": "pass"}]}\n'
            ),
        ),
    ],
)
def test_awkward_suites(text: str, wanted: str) -> None:
    assert rewritten(text) == wanted


def test_a_current_suite_is_not_legacy(tmp_path: Path) -> None:
    assert list(legacy.old_parts(document(NEW).mapping)) == []


def test_rewriting_many_results_is_not_quadratic_in_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = 0

    def counted(text: str) -> object:
        nonlocal readings
        readings += 1
        return compose(text)

    monkeypatch.setattr("policylint.document.drafts.compose", counted)
    text = "name: a\nresults:\n" + "".join(f"- resource: r{index}\n  status: pass\n" for index in range(200))
    assert rewritten(text).count("resources:") == 200
    assert readings < 12
