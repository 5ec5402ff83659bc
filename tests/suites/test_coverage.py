"""Policy coverage: what counts as a goal, and what suites reach."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Write
from policylint.coverage import Coverage, Goal, PolicyCoverage, RuleCoverage, percentage
from policylint.suites.run import run_suite

TEST = "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata: {name: a}\n"
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: %s}
spec:
  containers: [{name: c, image: "nginx:%s"}]
---
"""
LATEST = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: no-latest
  annotations: {pod-policies.kyverno.io/autogen-controllers: "Deployment,CronJob"}
spec:
  rules:
  - name: no-latest
    match:
      any:
      - resources:
          kinds: [Pod]
    exclude:
      any:
      - resources:
          namespaces: [kube-system]
    preconditions:
      all:
      - key: "{{ request.operation }}"
        operator: NotEquals
        value: DELETE
    validate:
      message: no latest
      foreach:
      - list: request.object.spec.containers
        deny:
          conditions:
            any:
            - {key: "{{ element.image }}", operator: Equals, value: "*:latest"}
            - {key: "{{ element.image }}", operator: NotEquals, value: "*:*"}
      - list: request.object.spec.initContainers
        deny:
          conditions:
            all:
            - {key: "{{ element.image }}", operator: Equals, value: "*:latest"}
"""


def suite(policy: str, *rows: str, more: str = "") -> str:
    results = "".join(
        f"- {{policy: {policy}, kind: Pod, result: {result}, resources: [{name}]}}\n"
        for name, result in (row.split() for row in rows)
    )
    return f"{TEST}policies: [policy.yaml]\nresources: [resources.yaml]\n{more}results:\n{results}"


def measured(write: Write, files: Mapping[str, str]) -> PolicyCoverage:
    write(files)
    outcome = run_suite(Path("kyverno-test.yaml"), coverage=True)
    assert outcome.error is None
    (policy,) = outcome.coverage
    return policy


def reached(rule: RuleCoverage) -> list[str]:
    return [goal.name for goal in rule.goals if goal in rule.reached]


def missing(rule: RuleCoverage) -> list[str]:
    return [goal.name for goal in rule.missing]


def test_what_one_pod_reaches_and_what_is_left(write: Write) -> None:
    policy = measured(
        write,
        {
            "kyverno-test.yaml": suite("no-latest", "good pass"),
            "policy.yaml": LATEST,
            "resources.yaml": POD % ("good", "shop", "1.2"),
        },
    )
    (rule,) = policy.rules
    assert (policy.path, policy.line, policy.name) == ("policy.yaml", 1, "ClusterPolicy/no-latest")
    assert (rule.name, rule.line) == ("no-latest", 8)
    assert reached(rule) == [
        "pass",
        "match.any[0]",
        "preconditions met",
        "validate.foreach[0] with an element",
        "containers",
        "kind Pod",
    ]
    assert missing(rule) == [
        "fail",
        "skip",
        "exclude.any[0]",
        "preconditions not met",
        "validate.foreach[0].deny.conditions.any[0]",
        "validate.foreach[0].deny.conditions.any[1]",
        "validate.foreach[1] with an element",
        "initContainers",
        "kind Deployment",
        "kind CronJob",
    ]
    assert (policy.reached, policy.total) == (6, 16)


def test_more_resources_reach_more(write: Write) -> None:
    deployment = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      initContainers: [{name: i, image: "busybox:1"}]
      containers: [{name: c, image: "nginx:1"}]
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: "nginx:latest"}]}}}}}
---
"""
    pods = POD % ("good", "shop", "1.2") + POD % ("system", "kube-system", "latest") + POD % ("gone", "shop", "latest")
    values = """\
values:
  policies:
  - name: no-latest
    resources:
    - {name: gone, values: {request.operation: DELETE}}
"""
    rows = ("good pass", "system skip", "web pass", "nightly fail", "gone skip")
    policy = measured(
        write,
        {
            "kyverno-test.yaml": suite("no-latest", *rows, more=values),
            "policy.yaml": LATEST,
            "resources.yaml": pods + deployment,
        },
    )
    assert missing(policy.rules[0]) == ["validate.foreach[0].deny.conditions.any[1]"]


def test_lines_are_those_that_an_author_would_change(write: Write) -> None:
    policy = measured(
        write,
        {
            "kyverno-test.yaml": suite("no-latest", "good pass"),
            "policy.yaml": LATEST,
            "resources.yaml": POD % ("good", "shop", "1.2"),
        },
    )
    lines = {goal.name: goal.line for goal in policy.rules[0].goals}
    source = LATEST.splitlines()
    assert {name: source[line - 1].strip().partition(":")[0] for name, line in lines.items()} == {
        "pass": "validate",
        "fail": "validate",
        "skip": "validate",
        "match.any[0]": "- resources",
        "exclude.any[0]": "- resources",
        "preconditions met": "preconditions",
        "preconditions not met": "preconditions",
        "validate.foreach[0] with an element": "- list",
        "validate.foreach[0].deny.conditions.any[0]": "- {key",
        "validate.foreach[0].deny.conditions.any[1]": "- {key",
        "validate.foreach[1] with an element": "- list",
        "containers": "validate",
        "initContainers": "validate",
        "kind Pod": "kinds",
        "kind Deployment": "kinds",
        "kind CronJob": "kinds",
    }
    assert lines["exclude.any[0]"] == 15
    assert lines["validate.foreach[1] with an element"] == 31


RULE = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: p}
spec:
  rules:
  - name: r
    match: {any: [{resources: {kinds: [ConfigMap]}}]}
"""
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: b}\n"


@pytest.mark.parametrize(
    ("body", "goals"),
    [
        ('validate: {pattern: {data: {a: "?*"}}}', ["pass", "fail", "match.any[0]"]),
        ('validate: {pattern: {data: {(a): b, c: "?*"}}}', ["pass", "fail", "skip", "match.any[0]"]),
        ('validate: {pattern: {data: {=(a): "?*"}}}', ["pass", "fail", "match.any[0]"]),
        ("validate: {deny: {}}", ["fail", "match.any[0]"]),
        (
            "validate: {anyPattern: [{data: {a: b}}, {data: {(a): c}}]}",
            ["pass", "fail", "match.any[0]", "validate.anyPattern[0]", "validate.anyPattern[1]"],
        ),
        (
            "validate: {anyPattern: [{data: {(a): b}}, {data: {(a): c}}]}",
            ["pass", "fail", "skip", "match.any[0]", "validate.anyPattern[0]", "validate.anyPattern[1]"],
        ),
        ("preconditions: {all: []}\n    validate: {deny: {}}", ["fail", "match.any[0]"]),
        (
            "preconditions: [{key: a, operator: Equals, value: a}]\n    validate: {deny: {}}",
            ["fail", "skip", "match.any[0]", "preconditions met", "preconditions not met"],
        ),
        ("mutate: {patchStrategicMerge: {data: {c: d}}}", ["pass", "match.any[0]"]),
        ("mutate: {patchStrategicMerge: {data: {(a): b, c: d}}}", ["pass", "skip", "match.any[0]"]),
    ],
)
def test_what_cannot_happen_is_no_goal(write: Write, body: str, goals: list[str]) -> None:
    files = {
        "kyverno-test.yaml": suite("p", "m pass").replace("Pod", "ConfigMap"),
        "policy.yaml": f"{RULE}    {body}\n",
        "resources.yaml": MAP,
    }
    (rule,) = measured(write, files).rules
    assert [goal.name for goal in rule.goals] == goals


def test_operations_and_several_kinds_are_goals_where_a_rule_names_them(write: Write) -> None:
    match = "{any: [{resources: {kinds: [ConfigMap, Secret], operations: [CREATE, UPDATE]}}]}"
    files = {
        "kyverno-test.yaml": suite("p", "m pass").replace("Pod", "ConfigMap"),
        "policy.yaml": RULE.replace("{any: [{resources: {kinds: [ConfigMap]}}]}", match)
        + "    validate: {pattern: {data: {a: b}}}\n",
        "resources.yaml": MAP,
    }
    (rule,) = measured(write, files).rules
    assert missing(rule) == ["fail", "operation UPDATE", "kind Secret"]
    assert reached(rule) == ["pass", "match.any[0]", "operation CREATE", "kind ConfigMap"]


def test_exceptions_make_skip_a_goal(write: Write) -> None:
    exception = """\
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: e}
spec:
  exceptions: [{policyName: p, ruleNames: [r]}]
  match: {any: [{resources: {kinds: [ConfigMap], names: [m]}}]}
"""
    files = {
        "kyverno-test.yaml": suite("p", "m skip", more="exceptions: [exception.yaml]\n").replace("Pod", "ConfigMap"),
        "policy.yaml": RULE + "    validate: {deny: {}}\n",
        "resources.yaml": MAP,
        "exception.yaml": exception,
    }
    (rule,) = measured(write, files).rules
    assert reached(rule) == ["skip", "match.any[0]"]
    assert missing(rule) == ["fail"]


def test_what_is_not_evaluated_is_said_to_be_not_measured(write: Write) -> None:
    cel = RULE + "    validate: {cel: {expressions: [{expression: 'true'}]}}\n"
    policies = [
        (cel, "unsupported: validate.cel"),
        (RULE, "invalid: a rule has one of mutate, validate, generate and verifyImages, this has none"),
        (
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: p}\n",
            "unsupported: ValidatingAdmissionPolicy (CEL)",
        ),
    ]
    for policy, reason in policies:
        files = {
            "kyverno-test.yaml": suite("p", "m pass").replace("Pod", "ConfigMap"),
            "policy.yaml": policy,
            "resources.yaml": MAP,
        }
        coverage = measured(write, files)
        assert (coverage.reached, coverage.total) == (0, 0)
        assert (coverage.unmeasured or coverage.rules[0].unmeasured).startswith(reason)


def test_errors_reach_nothing(write: Write) -> None:
    files = {
        "kyverno-test.yaml": suite("p", "m error").replace("Pod", "ConfigMap"),
        "policy.yaml": RULE + '    validate: {pattern: {data: {a: "{{ nothing.at.all }}"}}}\n',
        "resources.yaml": MAP,
    }
    assert measured(write, files).reached == 0


def test_nothing_is_collected_unless_asked_for(write: Write) -> None:
    write(
        {
            "kyverno-test.yaml": suite("no-latest", "good pass"),
            "policy.yaml": LATEST,
            "resources.yaml": POD % ("good", "shop", "1.2"),
        }
    )
    assert run_suite(Path("kyverno-test.yaml")).coverage == ()


GOALS = [Goal("result", "pass", 9), Goal("result", "fail", 9), Goal("match", "match.any[0]", 5)]


def of_rule(*names: str, goals: int = 3) -> PolicyCoverage:
    rule = RuleCoverage("r", 4, tuple(GOALS[:goals]), frozenset(goal for goal in GOALS if goal.name in names))
    return PolicyCoverage("p.yaml", 1, "ClusterPolicy/p", (rule,))


def test_suites_reach_goals_together() -> None:
    coverage = Coverage.of([of_rule("pass", goals=2), of_rule("fail"), PolicyCoverage("o.yaml", 1, "o")])
    assert [policy.path for policy in coverage.policies] == ["o.yaml", "p.yaml"]
    assert (coverage.reached, coverage.total) == (2, 3)
    assert coverage.policies[1].rules[0].missing == (GOALS[2],)


def test_a_policy_measured_anywhere_is_measured() -> None:
    invalid = PolicyCoverage("p.yaml", 1, "ClusterPolicy/p", unmeasured="invalid")
    for order in ([invalid, of_rule("pass")], [of_rule("pass"), invalid]):
        assert Coverage.of(order).policies == (of_rule("pass"),)


@given(st.integers(0, 200), st.integers(0, 200))
def test_percentages_never_flatter(reached: int, more: int) -> None:
    total = reached + more
    share = percentage(reached, total)
    goals = tuple(Goal("kind", str(index), 1) for index in range(total))
    coverage = Coverage((PolicyCoverage("p", 1, "p", (RuleCoverage("r", 1, goals, frozenset(goals[:reached])),)),))
    if share is None:
        assert total == 0
        assert coverage.is_under(0)
    else:
        assert (share == 100) == (more == 0)
        assert not coverage.is_under(share)
        assert coverage.is_under(share + 0.11)
