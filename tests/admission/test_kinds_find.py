"""Kinds looked up as Kyverno does."""

import pytest

from policylint.admission.kinds.find import find, is_foreign
from policylint.admission.kinds.project import ProjectKinds
from policylint.admission.kinds.table import read_table
from policylint.engine.kinds import parse_kind_selector

_CLEANUP = ("v2", "v2beta1", "v2alpha1")


def names(text: str, minor: int | None = None) -> set[str]:
    found = find(parse_kind_selector(text), ProjectKinds(minor=minor))
    return {f"{kind.api_version}/{kind.name}" for kind in found.kinds}


def exists(text: str, minor: int | None = None) -> bool:
    selector = parse_kind_selector(text)
    return find(selector, ProjectKinds(minor=minor)).is_something(selector)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Pod", {"v1/Pod"}),
        ("v1/Pod", {"v1/Pod"}),
        ("apps/v1/Deployment", {"apps/v1/Deployment"}),
        ("apps/*/Deployment", {"apps/v1/Deployment"}),
        ("Daemon*", {"apps/v1/DaemonSet"}),
        ("CronJob", {"batch/v1/CronJob"}),
        ("Event", {"v1/Event", "events.k8s.io/v1/Event"}),
        ("kyverno.io/v2*/ClusterCleanupPolicy", {f"kyverno.io/{v}/ClusterCleanupPolicy" for v in _CLEANUP}),
        ("Foo", set()),
        ("v2/Pod", set()),
    ],
)
def test_what_is_selected(text: str, found: set[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("text", "subresources"),
    [
        ("Pod/exec", {"exec"}),
        ("Pod.exec", {"exec"}),
        ("Deployment/*", {"scale", "status"}),
        ("apps/v1/Deployment/scale", {"scale"}),
        ("*/ephemeralcontainers", {"ephemeralcontainers"}),
        ("Pod/foo", set()),
        ("Pod", set()),
    ],
)
def test_subresources(text: str, subresources: set[str]) -> None:
    assert set(find(parse_kind_selector(text), ProjectKinds()).subresources) == subresources


@pytest.mark.parametrize("text", ["*/*", "*/scale", "Pod/*", "Node/status", "Rollout", "Rollout/zzz", "Rollout/*"])
def test_what_exists(text: str) -> None:
    assert exists(text)


@pytest.mark.parametrize("text", ["ConfigMap/*", "ConfigMap/status", "Scale", "TokenRequest", "a/b/c/d/e", "a/v1/Foo"])
def test_what_does_not_exist(text: str) -> None:
    assert not exists(text)


@pytest.mark.parametrize(
    ("minor", "there"), [(None, True), (24, True), (25, False), (26, True), (31, True), (32, False), (99, True)]
)
def test_the_kinds_of_one_release(minor: int | None, there: bool) -> None:
    assert exists("admissionregistration.k8s.io/v1alpha1/ValidatingAdmissionPolicy", minor) is there


def test_kinds_of_other_projects_are_known_by_group_and_name() -> None:
    (kind,) = find(parse_kind_selector("cert-manager.io/v9/ClusterIssuer"), ProjectKinds()).kinds
    assert (kind.group, kind.namespaced, kind.subresources) == ("cert-manager.io", False, None)


def test_groups_whose_kinds_are_not_listed() -> None:
    (kind,) = find(parse_kind_selector("ec2.aws.upbound.io/v1beta1/Anything"), ProjectKinds()).kinds
    assert (kind.name, kind.namespaced) == ("Anything", False)
    assert names("Anything") == set()


@pytest.mark.parametrize(
    ("group", "foreign"),
    [
        ("acme.example", True),
        ("apps", False),
        ("*", False),
        ("", False),
        ("policy.sigstore.dev", False),
        ("foo", False),
    ],
)
def test_foreign_groups(group: str, foreign: bool) -> None:
    assert is_foreign(group) is foreign


def test_the_table() -> None:
    kinds = {(kind.group, kind.name): kind for kind in read_table().kinds}
    assert not kinds["", "Namespace"].namespaced
    assert kinds["", "Pod"].namespaced
    assert not kinds["rbac.authorization.k8s.io", "ClusterRole"].namespaced
    assert kinds["", "Namespace"].subresources == ("finalize", "status")
    assert kinds["authorization.k8s.io", "LocalSubjectAccessReview"].namespaced
    assert ("autoscaling", "Scale") not in kinds
    assert all(kind.version for kind in kinds.values())
