"""Match and exclude blocks that Kyverno refuses."""

import pytest
from kyverno_objects import found, paths, policy

from policylint.admission.kyverno.cleanup import problems as cleanup_problems
from policylint.admission.kyverno.exceptions import problems as exception_problems
from policylint.admission.kyverno.match import problems

RULE = """
rules:
- name: one
  match: {match}
  exclude: {exclude}
  validate: {{pattern: {{metadata: {{name: "a*"}}}}}}
"""
PODS = "{any: [{resources: {kinds: [Pod]}}]}"


def rule(match: str = PODS, exclude: str = "null") -> str:
    return policy(RULE.format(match=match, exclude=exclude))


def test_the_same_filter_leaves_nothing() -> None:
    assert found(problems, rule(exclude="{any: [{resources: {kinds: [Job]}}, {resources: {kinds: [Pod]}}]}")) == [
        (
            "spec.rules[0].exclude.any[1]",
            "the rule excludes what it matches, so it is for nothing: Kyverno refuses this policy",
        )
    ]


@pytest.mark.parametrize(
    ("match", "exclude"),
    [
        # upstream tells an absent list from an empty one nowhere
        ("{any: [{resources: {kinds: [Pod], names: []}}]}", "{any: [{resources: {kinds: [Pod]}, roles: []}]}"),
        ("{resources: {kinds: [Pod]}}", "{resources: {kinds: [Pod, Job]}}"),
        ("{resources: {kinds: [Pod]}, roles: ['a:b']}", "{resources: {kinds: [Pod]}, roles: ['a:b', 'a:c']}"),
        ("{resources: {kinds: [Pod], name: web-1}}", "{resources: {kinds: [Pod], name: 'web-*'}}"),
        (
            "{resources: {kinds: [Pod], selector: {matchLabels: {a: b}}}}",
            "{resources: {kinds: [Pod], selector: {matchLabels: {a: b, c: d}}}}",
        ),
        (
            "{resources: {kinds: [Pod]}, subjects: [{kind: User, name: a}]}",
            "{subjects: [{name: a, kind: User}]}",
        ),
        # nothing in an exclude of the other form is compared
        ("{resources: {kinds: [Pod]}}", "{any: [{resources: {namespaces: [a]}}]}"),
    ],
)
def test_nothing_is_left(match: str, exclude: str) -> None:
    assert [path for path in paths(problems, rule(match, exclude)) if "exclude" in path] != []


@pytest.mark.parametrize(
    ("match", "exclude"),
    [
        (PODS, "{}"),
        (PODS, "{any: []}"),
        (PODS, "{any: [{resources: {kinds: [Pod], namespaces: [a]}}]}"),
        (PODS, "{resources: {kinds: [Pod]}}"),
        (PODS, "{all: [{resources: {kinds: [Pod]}}]}"),
        ("{resources: {kinds: [Pod]}}", "{clusterRoles: [admin]}"),
        ("{resources: {kinds: [Pod]}}", "{resources: {kinds: [Pod], namespaces: [a]}}"),
        ("{resources: {kinds: [Pod]}}", "{resources: {annotations: {a: b}}}"),
        ("{resources: {kinds: [Pod], names: [a]}}", "{resources: {names: ['b*']}}"),
        (
            "{resources: {kinds: [Pod], namespaceSelector: {matchLabels: {a: b}}}}",
            "{resources: {kinds: [Pod], namespaceSelector: {matchLabels: {a: c}}}}",
        ),
        (
            "{resources: {kinds: [Pod], selector: {matchExpressions: [{key: a, operator: Exists}]}}}",
            "{resources: {kinds: [Pod], selector: {matchExpressions: [{key: b, operator: Exists}]}}}",
        ),
    ],
)
def test_something_is_left(match: str, exclude: str) -> None:
    assert paths(problems, rule(match, exclude)) == []


@pytest.mark.parametrize(
    ("match", "path", "message"),
    [
        ("{}", "resources", "the match names no resources"),
        ("{any: [{roles: ['a:b']}]}", "any[0].resources", "the match names no resources"),
        ("{any: [{resources: {names: [a]}}]}", "any[0].resources", "the match names no kinds"),
        ("{all: [{resources: {selector: {matchLabels: {a: b}}}}]}", "all[0].resources", "the match names no kinds"),
    ],
)
def test_a_match_without_kinds(match: str, path: str, message: str) -> None:
    assert found(problems, rule(match)) == [(f"spec.rules[0].match.{path}", f"{message}: Kyverno refuses this policy")]


def test_a_match_that_is_not_there_is_the_schemas_matter() -> None:
    assert paths(problems, rule("null")) == []


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("{}", "the selector asks for nothing"),
        ("{matchLabels: {}}", "the selector asks for nothing"),
        ("{matchLabels: {'-': x}}", 'the selector is invalid: "-" cannot be the key of a label'),
        (
            "{matchExpressions: [{key: a, operator: In}]}",
            "the selector is invalid: In takes values",
        ),
    ],
)
def test_selectors(selector: str, message: str) -> None:
    text = rule(f"{{any: [{{resources: {{kinds: [Pod], selector: {selector}}}}}]}}")

    assert found(problems, text) == [
        ("spec.rules[0].match.any[0].resources.selector", f"{message}: Kyverno refuses this policy")
    ]


def test_a_selector_with_wildcards_is_not_looked_into() -> None:
    selector = "{matchLabels: {'*/x': '?'}, matchExpressions: [{key: a, operator: Is}]}"

    assert paths(problems, rule(f"{{any: [{{resources: {{kinds: [Pod], selector: {selector}}}}}]}}")) == []


def test_only_policies_of_a_namespace_are_for_their_own() -> None:
    spec = RULE.format(match="{any: [{resources: {kinds: [Pod], namespaces: [a]}}]}", exclude="null")

    assert paths(problems, policy(spec)) == []
    assert paths(problems, policy(spec, kind="Policy")) == ["spec.rules[0].match.any[0].resources.namespaces"]


def exception(spec: str) -> str:
    return policy(spec, kind="PolicyException", version="kyverno.io/v2")


def test_exceptions_have_users_only_without_scans() -> None:
    spec = """
        background: {}
        match: {{any: [{{resources: {{kinds: [Pod], names: [a]}}, subjects: [{{kind: User, name: a}}]}}]}}
        exceptions: [{{policyName: a, ruleNames: [b]}}]
        """

    assert paths(exception_problems, exception(spec.format("false"))) == []
    assert paths(exception_problems, exception(spec.format("null"))) == ["spec.match.any[0].subjects"]


def test_cleanup_policies_never_have_users() -> None:
    spec = """
        schedule: "@daily"
        match: {any: [{resources: {kinds: [Pod]}, clusterRoles: [a]}], all: [{resources: {kinds: [Pod]}}]}
        """

    assert found(cleanup_problems, policy(spec, kind="CleanupPolicy", version="kyverno.io/v2")) == [
        (
            "spec.match.any[0].clusterRoles",
            "match asks for clusterRoles, and a cleanup has no user: Kyverno refuses this policy",
        )
    ]
