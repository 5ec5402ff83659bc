"""Which requests a rule is for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.kinds import KindSelector, contains_kind, parse_kind_selector
from policylint.engine.match import MatchResult, matches
from policylint.engine.policy import Policy
from policylint.engine.request import GroupVersionKind, Request, UserInfo

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}, "annotations": {"team": "blue"}},
}
POD_KIND = GroupVersionKind("", "v1", "Pod")


def decide(match: Any, exclude: Any = None, request: Request | None = None, namespace: str = "") -> MatchResult:
    rule = {"name": "r", "match": match, "validate": {"pattern": {"kind": "?*"}}}
    if exclude is not None:
        rule["exclude"] = exclude
    data = {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}}
    policy = Policy.of({**data, "spec": {"rules": [rule]}})
    return matches(policy.rules[0], request or Request(POD), namespace)


def why(match: Any, exclude: Any = None, request: Request | None = None) -> tuple[str, str]:
    result = decide(match, exclude, request)
    assert not result.matched
    return result.reason, str(result.policy_path)


def resources(**clauses: Any) -> dict[str, Any]:
    return {"any": [{"resources": {"kinds": ["Pod"], **clauses}}]}


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("Pod", ("*", "*", "Pod", "")),
        ("*", ("*", "*", "*", "")),
        ("*/*", ("*", "*", "*", "*")),
        ("*/scale", ("*", "*", "*", "scale")),
        ("*/Pod", ("*", "*", "Pod", "")),
        ("v1/Pod", ("*", "v1", "Pod", "")),
        ("v1beta12/CronJob", ("*", "v1beta12", "CronJob", "")),
        ("Pod/exec", ("*", "*", "Pod", "exec")),
        ("Pod.exec", ("*", "*", "Pod", "exec")),
        ("v1/Pod/exec", ("*", "v1", "Pod", "exec")),
        ("v1/Pod.exec", ("*", "v1", "Pod", "exec")),
        ("apps/v1/Deployment", ("apps", "v1", "Deployment", "")),
        ("networking.k8s.io/v1/NetworkPolicy", ("networking.k8s.io", "v1", "NetworkPolicy", "")),
        ("apps/*/Deployment", ("apps", "*", "Deployment", "")),
        ("apps/v1/Deployment/scale", ("apps", "v1", "Deployment", "scale")),
        ("a/b/c/d/e", ("", "", "", "")),
    ],
)
def test_kinds_are_read_as_upstream_reads_them(text: str, selector: tuple[str, str, str, str]) -> None:
    assert parse_kind_selector(text) == KindSelector(*selector)


@given(st.text(max_size=30))
def test_any_text_is_a_kind_selector(text: str) -> None:
    assert len(parse_kind_selector(text)) == 4
    assert contains_kind([text], "Pod") in (True, False)


@pytest.mark.parametrize("text", ["Pod", "v1/Pod", "*/Pod", "/v1/Pod", "Pod/exec", "Pod.exec", "v1/Pod/status"])
def test_a_kind_is_found_whatever_stands_around_it(text: str) -> None:
    assert contains_kind(["Deployment", text], "Pod")


@pytest.mark.parametrize("text", ["*", "Po*", "PodTemplate", "*/*", "exec/Pod", "a/b/c/Pod/e"])
def test_wildcards_and_other_kinds_do_not_name_a_kind(text: str) -> None:
    assert not contains_kind([text], "Pod")


@pytest.mark.parametrize(
    ("text", "gvk", "subresource", "selected"),
    [
        ("Pod", POD_KIND, "", True),
        ("P*", POD_KIND, "", True),
        ("pod", POD_KIND, "", False),
        ("apps/*/Deployment", GroupVersionKind("apps", "v1beta1", "Deployment"), "", True),
        ("apps/v1/Deployment", GroupVersionKind("apps", "v1beta1", "Deployment"), "", False),
        ("Pod", POD_KIND, "exec", False),
        ("Pod/*", POD_KIND, "exec", True),
        ("*/*", POD_KIND, "exec", True),
        ("*", POD_KIND, "exec", False),
        ("Pod", POD_KIND, "ephemeralcontainers", True),
        ("Deployment", GroupVersionKind("apps", "v1", "Deployment"), "ephemeralcontainers", False),
    ],
)
def test_kinds_select_by_group_version_and_subresource(
    text: str, gvk: GroupVersionKind, subresource: str, selected: bool
) -> None:
    assert parse_kind_selector(text).selects(gvk, subresource, ephemeral_containers=True) is selected


def test_exceptions_do_not_take_ephemeral_containers_for_pods() -> None:
    assert not parse_kind_selector("Pod").selects(POD_KIND, "ephemeralcontainers", ephemeral_containers=False)


@pytest.mark.parametrize(
    "clauses",
    [
        {},
        {"name": "w*"},
        {"names": ["api", "we?"]},
        {"namespaces": ["sh*"]},
        {"annotations": {"te*": "bl*"}},
        {"selector": {"matchLabels": {"a*": "w?b"}}},
        {"selector": {}},
        {"selector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "api"]}]}},
        {"selector": {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["db"]}]}},
        {"selector": {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}},
        {"namespaceSelector": {"matchLabels": {"env": "prod"}}},
        {"operations": ["CREATE", "UPDATE"]},
    ],
)
def test_a_pod_meets_these_clauses(clauses: dict[str, Any]) -> None:
    result = decide(resources(**clauses), request=Request(POD, namespace_labels={"env": "prod"}))
    assert (result.matched, str(result.policy_path)) == (True, "spec.rules[0].match.any[0]")


@pytest.mark.parametrize(
    ("clauses", "reason", "clause"),
    [
        ({"kinds": ["Service"]}, "kind Pod is not Service", "kinds"),
        ({"kinds": ["Service", "Deployment"]}, "kind Pod is not Service or Deployment", "kinds"),
        ({"name": "api*"}, "name web does not match api*", "name"),
        ({"names": ["api", "db"]}, "name web is not api or db", "names"),
        ({"namespaces": ["kube-*"]}, "namespace shop is not kube-*", "namespaces"),
        ({"annotations": {"team": "red"}}, "no annotation matches team: red", "annotations.team"),
        (
            {"selector": {"matchLabels": {"app": "api"}}},
            "labels do not match: needs the label app: api",
            "selector",
        ),
        (
            {"selector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}},
            "labels do not match: needs app NotIn (web)",
            "selector",
        ),
        (
            {"selector": {"matchExpressions": [{"key": "app", "operator": "Exists", "values": ["web"]}]}},
            "labels do not match: the selector is invalid: Exists takes no values",
            "selector",
        ),
        (
            {"selector": {"matchLabels": {"app": "a b"}}},
            'labels do not match: the selector is invalid: "a b" cannot be the value of a label',
            "selector",
        ),
        (
            {"namespaceSelector": {"matchLabels": {"env": "prod"}}},
            "labels of the namespace do not match: needs the label env: prod",
            "namespaceSelector",
        ),
        ({"operations": ["DELETE"]}, "operation CREATE is not DELETE", "operations"),
    ],
)
def test_the_clause_that_kept_a_rule_away_is_named(clauses: dict[str, Any], reason: str, clause: str) -> None:
    path = f"spec.rules[0].match.any[0].resources.{clause}"
    assert why(resources(**clauses)) == (reason, path)


def test_of_several_blocks_the_one_whose_kind_fits_is_explained() -> None:
    block = {"any": [{"resources": {"kinds": ["Service"]}}, {"resources": {"kinds": ["Pod"], "names": ["api"]}}]}
    assert why(block) == ("name web is not api", "spec.rules[0].match.any[1].resources.names")


def test_when_no_block_is_for_the_kind_all_kinds_are_named() -> None:
    block = {"any": [{"resources": {"kinds": ["Service"]}}, {"resources": {"kinds": ["Deployment"]}}]}
    assert why(block) == ("kind Pod is not Service or Deployment", "spec.rules[0].match.any")


def test_all_blocks_must_match() -> None:
    fits = {"resources": {"kinds": ["Pod"]}}
    assert decide({"all": [fits, {"resources": {"namespaces": ["shop"]}}]}).matched
    assert why({"all": [fits, {"resources": {"namespaces": ["other"]}}]})[0] == "namespace shop is not other"


def test_the_older_form_has_no_any_or_all() -> None:
    assert decide({"resources": {"kinds": ["Pod"]}}).matched
    assert why({"resources": {"kinds": ["Service"]}})[1] == "spec.rules[0].match.resources.kinds"


def test_an_empty_match_block_matches_nothing() -> None:
    assert why({"any": [{}]}) == ("the match block is empty, which matches nothing", "spec.rules[0].match.any[0]")
    assert not decide({}).matched


def test_users_count_only_when_the_request_has_one() -> None:
    subjects = [{"kind": "User", "name": "eve"}]
    assert decide({"any": [{"resources": {"kinds": ["Pod"]}, "subjects": subjects}]}).matched
    assert why({"any": [{"subjects": subjects}]})[0] == "the match block only names users, and the request has none"


@pytest.mark.parametrize(
    "clause",
    [
        {"subjects": [{"kind": "User", "name": "e*"}]},
        {"subjects": [{"kind": "Group", "name": "dev"}]},
        {"roles": ["shop:editor"]},
        {"clusterRoles": ["admin", "view"]},
    ],
)
def test_users_match_by_name_group_and_role(clause: dict[str, Any]) -> None:
    user = UserInfo("eve", ("dev", "ops"), ("shop:editor",), ("view",))
    assert decide({"any": [{"resources": {"kinds": ["Pod"]}, **clause}]}, request=Request(POD, user=user)).matched
    other = Request(POD, user=UserInfo("bob"))
    reason, path = why({"any": [{"resources": {"kinds": ["Pod"]}, **clause}]}, request=other)
    assert reason.startswith("the user ")
    assert path == f"spec.rules[0].match.any[0].{next(iter(clause))}"


def test_service_accounts_match_by_namespace_and_name() -> None:
    subject = {"kind": "ServiceAccount", "namespace": "ci", "name": "deployer"}
    request = Request(POD, user=UserInfo("system:serviceaccount:ci:deployer"))
    assert decide({"any": [{"subjects": [subject]}]}, request=request).matched


def test_an_excluded_resource_is_kept_away_by_the_block_that_names_it() -> None:
    exclude = {"any": [{"resources": {"namespaces": ["kube-system"]}}, {"resources": {"namespaces": ["shop"]}}]}
    assert why(resources(), exclude) == (
        "excluded: its namespaces shop match",
        "spec.rules[0].exclude.any[1]",
    )


def test_all_of_exclude_has_to_hold() -> None:
    some = {"all": [{"resources": {"namespaces": ["shop"]}}, {"resources": {"names": ["api"]}}]}
    assert decide(resources(), some).matched
    both = {"all": [{"resources": {"namespaces": ["shop"]}}, {"resources": {"names": ["web"]}}]}
    assert why(resources(), both)[1] == "spec.rules[0].exclude.all"


def test_an_empty_exclude_excludes_nothing() -> None:
    assert decide(resources(), {}).matched
    assert decide(resources(), {"any": [{}]}).matched


def test_exclude_by_cluster_role_needs_that_role() -> None:
    exclude = {"any": [{"clusterRoles": ["cluster-admin"]}]}
    assert decide(resources(), exclude).matched
    admin = Request(POD, user=UserInfo("root", cluster_roles=("cluster-admin",)))
    assert not decide(resources(), exclude, admin).matched


def test_a_namespaced_policy_is_for_its_namespace() -> None:
    assert decide(resources(), namespace="shop").matched
    result = decide(resources(), namespace="other")
    assert result.reason == "the policy is for namespace other, the resource is in shop"


def test_a_namespace_is_in_itself() -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    block = {"any": [{"resources": {"kinds": ["Namespace"], "namespaces": ["shop"]}}]}
    assert decide(block, request=Request(namespace)).matched
    selected = {"any": [{"resources": {"kinds": ["Namespace"], "namespaceSelector": {}}}]}
    assert why(selected, request=Request(namespace))[0] == "a namespace has no namespace to select by"


def test_a_deletion_is_matched_by_the_old_object() -> None:
    request = Request({}, POD, "DELETE")
    assert decide(resources(operations=["DELETE"]), request=request).matched
    assert not decide(resources(), request=Request({})).matched


def test_a_subresource_is_matched_by_the_type_it_belongs_to() -> None:
    options = {"apiVersion": "v1", "kind": "PodExecOptions", "metadata": {"name": "web"}}
    request = Request(options, operation="CONNECT", subresource="exec", parent=POD_KIND)
    block = {"any": [{"resources": {"kinds": ["Pod/exec"]}}]}
    assert decide(block, request=request).matched
    assert why(resources(), request=request)[0] == "kind Pod/exec is not Pod"


def test_a_generated_name_counts_as_the_name() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "web-"}}
    assert decide(resources(names=["web-*"]), request=Request(pod)).matched


def test_labels_that_are_not_strings_count_as_none() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {"app": "web", "n": 1}}}
    assert not decide(resources(selector={"matchLabels": {"app": "web"}}), request=Request(pod)).matched
