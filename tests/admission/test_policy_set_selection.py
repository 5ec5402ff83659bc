"""Policies that select nothing, and namespaces that are not looked at; which lines are marked, the fixtures say."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from kyverno_objects import document

from policylint.admission.policy_set import namespaces, selection
from policylint.config.file import default_config
from policylint.lint.check import CheckRequest, check
from policylint.lint.session import RunSpec

Write = Callable[[Mapping[str, str]], Path]

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: [{name: a, image: 'a:1'}]}\n"


def kyverno(match: str, rest: str = "exclude: {}") -> str:
    return (
        "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: p}\nspec:\n  rules:\n"
        f"  - name: r\n    match: {match}\n    {rest}\n    validate: {{pattern: {{}}}}\n"
    )


def said(*texts: str) -> list[str]:
    return [problem.message for _, problem in selection.problems([document(text) for text in texts])]


def test_the_object_that_comes_nearest_gives_the_reason() -> None:
    settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: shop}\n"

    assert said(kyverno("{any: [{resources: {kinds: [Pod], names: [b]}}]}"), settings, POD) == [
        "rule r selects nothing of this project: name a is not b (Pod a comes nearest)"
    ]


@pytest.mark.parametrize(
    "exclude",
    [
        "exclude: {any: [{resources: {namespaces: [shop]}, subjects: [{kind: User, name: eve}]}]}",
        "exclude: {any: [{resources: {kinds: [Pod], operations: [DELETE]}}]}",
        "exclude: {all: [{resources: {kinds: [Pod]}}, {clusterRoles: [admin]}]}",
        "exclude: {resources: {namespaceSelector: {matchLabels: {a: b}}}}",
    ],
)
def test_what_is_excluded_for_some_requests_only_is_selected(exclude: str) -> None:
    assert said(kyverno("{any: [{resources: {kinds: [Pod]}}]}", exclude), POD) == []


def test_without_workloads_nothing_is_said() -> None:
    assert said(kyverno("{any: [{resources: {kinds: [Pod]}}]}")) == []


@pytest.mark.parametrize("match", ["7", "{any: 7}", "{any: [7]}", "{any: [{resources: {kinds: 7}}]}", "{all: [{}]}"])
def test_matches_that_kyverno_refuses_are_left_alone(match: str) -> None:
    assert said(kyverno(match), POD) == []


@pytest.mark.parametrize("spec", ["7", "[]", "{jobTemplate: 7}", "{jobTemplate: {spec: []}}"])
def test_garbage_among_the_objects_does_not_matter(spec: str) -> None:
    broken = f"apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: a, namespace: shop}}\nspec: {spec}\n"

    assert said(kyverno("{any: [{resources: {kinds: [CronJob]}}]}"), broken) == []


def test_an_image_that_is_filled_in_later_may_be_any() -> None:
    entry = "verifyImages: [{imageReferences: ['ghcr.io/*']}]"
    policy = kyverno("{any: [{resources: {kinds: [Pod]}}]}", entry)

    assert said(policy, POD) == ["none of this project's 1 images matches ghcr.io/*"]
    assert said(policy, POD.replace("a:1", "$(IMAGE)")) == []


@pytest.mark.parametrize("metadata", ["{name: shop}", "{name: shop, labels: }", "{name: shop, labels: [a]}"])
def test_a_namespace_without_the_label_is_not_looked_at(metadata: str) -> None:
    namespace = document(f"apiVersion: v1\nkind: Namespace\nmetadata: {metadata}\n")

    ((_, problem),) = namespaces.problems([namespace], {"shop"})
    assert problem.message.startswith("namespace shop has workloads of this project and no label policy.sigstore.dev/")
    assert list(namespaces.problems([namespace], {"other"})) == []


def test_facts_reach_a_rule_from_worker_processes_too(write: Write) -> None:
    policy = (
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: p}\n"
        "spec: {images: [{glob: 'ghcr.io/**'}], authorities: [{static: {action: fail}}]}\n"
    )
    padding = "# " + "x" * 6000 + "\n"
    pods = {f"pods/{number}.yaml": padding + POD.replace("shop", f"n{number}") for number in range(100)}
    write(
        {
            **pods,
            "policy.yaml": policy,
            "namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: n77}\n",
        }
    )
    messages = []
    for parallel in (True, False):
        spec = RunSpec(default_config(Path.cwd()), date(2030, 1, 1), select=("PRJ018",), parallel=parallel)
        messages.append([found.message for found in check(CheckRequest((".",), spec)).report.findings])

    assert messages[0] == messages[1]
    assert [message[:13] for message in messages[0]] == ["namespace n77"]
