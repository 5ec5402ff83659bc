"""What is said of kinds that policies name; which lines are marked is the fixtures' matter."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from schema_cases import policy

from policylint.admission.kinds import existence, scope
from policylint.admission.kinds.project import ProjectKinds
from policylint.admission.stored import Stored
from policylint.cli import main
from policylint.model import Problem

Write = Callable[[Mapping[str, str]], Path]

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  names: {kind: Widget, plural: widgets}
  scope: Cluster
  versions: [{name: v1, served: true, storage: true}]
"""
POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: a}
spec:
  rules:
  - name: a
    match: {any: [{resources: {kinds: [Widget]}}]}
    validate: {pattern: {metadata: {name: a}}}
"""


def unknown(kinds: str, project: ProjectKinds | None = None, body: str = "") -> list[Problem]:
    rule = f"{{name: a, match: {{any: [{{resources: {{kinds: {kinds}}}}}]}}{body}}}"
    (stored,) = Stored.of(policy(f"rules: [{rule}]"))
    return list(existence.problems(stored, project or ProjectKinds()))


def scoped(spec: str, kind: str = "ClusterPolicy", namespace: str = "") -> list[Problem]:
    (stored,) = Stored.of(policy(spec, kind, namespace=namespace))
    return list(scope.problems(stored, ProjectKinds()))


@pytest.mark.parametrize(
    ("kind", "message", "advice"),
    [
        ("Foo", "no kind `Foo` is known", "when a CustomResourceDefinition adds it"),
        ("Deploymnet", "no kind `Deploymnet` is known", "did you mean 'Deployment'? Otherwise, when"),
        ("v2/Pod", "no cluster serves `v2/Pod`", "Pod is served as v1"),
        ("apps/v1/CronJob", "no cluster serves `apps/v1/CronJob`", "CronJob is served as batch/v1"),
        ("Pod/exce", "`Pod/exce` names a subresource that Pod does not have", "did you mean 'exec'?"),
        ("ConfigMap/foo", "`ConfigMap/foo` names a subresource that ConfigMap does not have", "it has none"),
        ("Scale", "there are no resources of kind `Scale`", "name the resource and its subresource"),
        ("a/b/c/d/e", "`a/b/c/d/e` is not read as a kind", "write `Kind` or `group/version/Kind`"),
    ],
)
def test_unknown_kinds(kind: str, message: str, advice: str) -> None:
    (problem,) = unknown(f"[{kind}]")
    assert problem.message.startswith(message)
    assert problem.message.endswith(": Kyverno refuses this policy")
    assert problem.help.startswith(advice)
    assert problem.severity is None


def test_an_unknown_kind_beside_others_is_warned_of() -> None:
    (problem,) = unknown("[Pod, Foo]")
    assert problem.severity == "warning"
    assert problem.message.endswith(": Kyverno warns of it, and the rule never sees one")


def test_what_nobody_can_know_is_an_info() -> None:
    (problem,) = unknown("[acme.example/v1/Thing]")
    assert problem.severity == "info"
    assert problem.message.startswith("whether the cluster has `acme.example/v1/Thing` is not known")


def test_a_release_that_does_not_serve_a_version() -> None:
    (problem,) = unknown("[batch/v1beta1/CronJob]", ProjectKinds(minor=30))
    assert problem.message == "Kubernetes 1.30 does not serve `batch/v1beta1/CronJob`: Kyverno refuses this policy"


def test_targets_are_refused_wherever_the_rule_matches() -> None:
    (problem,) = unknown("[Pod]", body=", mutate: {targets: [{apiVersion: v1, kind: Foo}]}")
    assert (str(problem.path), problem.severity) == ("spec.rules[0].mutate.targets[0].kind", None)


def test_a_kind_that_a_definition_adds_is_known(write: Write) -> None:
    write({"crd.yaml": CRD})
    assert unknown("[Widget, example.org/v1/Widget]", ProjectKinds(["crd.yaml"])) == []
    (problem,) = unknown("[example.org/v2/Widget]", ProjectKinds(["crd.yaml"]))
    assert problem.message.startswith("whether the cluster has")


def test_the_background_scan_is_shown_as_what_decides() -> None:
    (problem,) = scoped("rules: [{name: a, match: {resources: {kinds: [Pod/exec]}}, validate: {pattern: {}}}]")
    assert [(str(related.path), related.message) for related in problem.related] == [
        ("spec.background", "background scans are on unless this is false")
    ]


@pytest.mark.parametrize(
    ("generate", "messages"),
    [
        ("{apiVersion: v1, kind: ConfigMap, name: a, namespace: app}", []),
        (
            "{apiVersion: v1, kind: ConfigMap, name: a}",
            ["ConfigMap lives in a namespace, but the rule gives it none"],
        ),
        (
            "{apiVersion: v1, kind: ConfigMap, name: a, namespace: other}",
            ["a Policy may only make objects in its own namespace `app`, not in `other`"],
        ),
        (
            "{apiVersion: acme.example/v1, kind: Thing, name: a}",
            ["a Policy may only make objects in its own namespace `app`, not without a namespace"],
        ),
        (
            "{apiVersion: v1, kind: Namespace, name: a}",
            ["Namespace is cluster-wide, and a Policy may only make objects of its own namespace"],
        ),
        (
            "{namespace: app, cloneList: {namespace: app, kinds: [v1/Secret, v1/Namespace]}}",
            [
                "Namespace is cluster-wide, and a Policy may only make objects of its own namespace",
                "Secret and Namespace differ in scope, and a cloneList takes one of the two",
            ],
        ),
        ("{namespace: app, cloneList: {kinds: [acme.example/v1/Thing]}}", []),
    ],
)
def test_what_a_policy_in_a_namespace_may_make(generate: str, messages: list[str]) -> None:
    spec = f"rules: [{{name: a, match: {{resources: {{kinds: [Secret]}}}}, generate: {generate}}}]"
    found = [problem.message.removesuffix(": Kyverno refuses this policy") for problem in scoped(spec, "Policy", "app")]
    assert found == messages


@pytest.mark.parametrize("spec", ["rules: 1", "rules: [1]", "rules: [{match: 1}]", "rules: [{match: {any: {a: 1}}}]"])
def test_garbage_says_nothing(spec: str) -> None:
    (stored,) = Stored.of(policy(spec))
    assert [*existence.problems(stored, ProjectKinds()), *scope.problems(stored, ProjectKinds())] == []


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(["check", "--select", "KYV113", *arguments])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_the_option_names_definitions(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"policies/policy.yaml": POLICY, "vendor/crd.yaml": CRD})
    code, out = check(capsys, "policies")
    assert code == 1
    assert "policies/policy.yaml:7:40: error[KYV113] no kind `Widget` is known" in out
    assert check(capsys, "policies", "--crd", "vendor/crd.yaml")[0] == 0
    assert check(capsys, "policies", "--crd", "vendor")[0] == 0
    assert check(capsys, ".")[0] == 0
    code, out = check(capsys, "policies", "--crd", "gone")
    assert code == 2
    assert "there is no such file or folder" in out


def test_a_definition_in_the_same_file(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"all.yaml": f"{POLICY}---\n{CRD}"})
    assert check(capsys, "all.yaml")[0] == 0


def test_the_configuration_names_definitions(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"a/policies/policy.yaml": POLICY, "a/vendor/crd.yaml": CRD, "a/policylint.yaml": "crds: [vendor]\n"})
    assert check(capsys, "a/policies")[0] == 0


def test_worker_processes_know_the_same_kinds(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    padding = "# " + "x" * 200_000 + "\n"
    write({"crd.yaml": CRD, **{f"{n}.yaml": padding + POLICY.replace("name: a", f"name: a{n}") for n in range(4)}})
    assert check(capsys, ".")[0] == 0
