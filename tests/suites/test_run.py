"""Whole suites, from the files to the rows."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from conftest import Write
from policylint.outcome import SuiteOutcome
from policylint.suites.run import run_suite

HEAD = "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata: {name: a}\n"
POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: require-team
spec:
  rules:
  - name: check-team
    match:
      any:
      - resources:
          kinds: [Pod]
    validate:
      message: every pod has a team
      pattern:
        metadata:
          labels:
            team: "?*"
"""
PODS = """\
apiVersion: v1
kind: Pod
metadata:
  name: with-team
  labels: {team: a}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata:
  name: without-team
spec: {containers: [{name: c, image: i}]}
"""
SUITE = (
    HEAD
    + """\
policies: [policy.yaml]
resources: [pods.yaml]
results:
- policy: require-team
  rule: check-team
  kind: Pod
  result: pass
  resources: [with-team]
- policy: require-team
  rule: check-team
  kind: Pod
  result: fail
  resources: [without-team]
"""
)
FILES = {"kyverno-test.yaml": SUITE, "policy.yaml": POLICY, "pods.yaml": PODS}


def run(write: Write, files: Mapping[str, str], *, compat: bool = False) -> SuiteOutcome:
    write({**FILES, **files})
    return run_suite(Path("kyverno-test.yaml"), compat=compat)


def statuses(outcome: SuiteOutcome) -> list[tuple[str, str, str]]:
    return [(row.resource, row.actual, row.status) for row in outcome.rows]


def test_a_suite_that_passes(write: Write) -> None:
    outcome = run(write, {})
    assert (outcome.status, outcome.error, outcome.notes) == ("pass", None, ())
    assert statuses(outcome) == [
        ("Pod/default/with-team", "pass", "pass"),
        ("Pod/default/without-team", "fail", "pass"),
    ]
    failed = outcome.rows[1]
    assert (failed.line, failed.policy_file, failed.resource_file) == (16, "policy.yaml", "pods.yaml")
    assert failed.policy_line == 16
    assert failed.resource_line == 10


def test_a_policy_that_does_less_than_its_author_means(write: Write) -> None:
    outcome = run(write, {"policy.yaml": POLICY.replace("  labels:", "  =(labels):")})
    assert outcome.status == "fail"
    assert [row.status for row in outcome.rows] == ["pass", "fail"]
    assert outcome.rows[1].reason.startswith("expected fail, got pass")


@pytest.mark.parametrize(
    ("file", "old", "new", "status", "message"),
    [
        (
            "kyverno-test.yaml",
            "rule: check-team",
            "rule: chek-team",
            "lenient",
            (
                "policy 'require-team' has no rule 'chek-team'; did you mean 'check-team'?"
                " Upstream passes rows of rules that do not exist."
            ),
        ),
        (
            "kyverno-test.yaml",
            "[without-team]",
            "[witout-team]",
            "unmatched",
            (
                "no resource of this suite is called 'witout-team'; did you mean 'without-team'?"
                " Upstream checks every resource of the suite instead."
            ),
        ),
        (
            "policy.yaml",
            "    match:",
            "    matches:",
            "lenient",
            (
                "the policy is invalid, and upstream passes every row of an invalid policy:"
                " the rule has no match (policy.yaml:7)"
            ),
        ),
    ],
)
def test_broken_suites_name_the_fix(write: Write, file: str, old: str, new: str, status: str, message: str) -> None:
    outcome = run(write, {file: FILES[file].replace(old, new)})
    assert outcome.status == "fail"
    assert (status, message) in [(row.status, row.reason) for row in outcome.rows]


@pytest.mark.parametrize(
    ("files", "line", "message"),
    [
        (
            {"kyverno-test.yaml": SUITE.replace("pods.yaml", "pod.yaml")},
            5,
            "there is no file 'pod.yaml'; did you mean 'pods.yaml'?",
        ),
        (
            {"kyverno-test.yaml": SUITE + "varables: v.yaml\n"},
            17,
            "there is no field 'varables'; did you mean 'variables'?",
        ),
        (
            {"kyverno-test.yaml": SUITE + "variables: v.yaml\n", "v.yaml": "globalValue: {a: b}\n"},
            17,
            "v.yaml:1: there is no field 'globalValue'; did you mean 'globalValues'?",
        ),
        (
            {"kyverno-test.yaml": "a: [\n"},
            None,
            "kyverno-test.yaml:2: cannot be parsed: did not find expected node content",
        ),
        ({"kyverno-test.yaml": "# nothing\n"}, 1, "the file is empty: there is no suite in it"),
        ({"kyverno-test.yaml": "- a\n"}, 1, "a suite is a mapping with policies, resources and results"),
        (
            {"policy.yaml": "a: b: c\n"},
            None,
            "policy.yaml:1: cannot be parsed: mapping values are not allowed in this context",
        ),
    ],
)
def test_suites_that_cannot_be_run(write: Write, files: Mapping[str, str], line: int | None, message: str) -> None:
    outcome = run(write, files)
    assert (outcome.status, outcome.error, outcome.error_line, outcome.rows) == ("error", message, line, ())


def test_a_later_file_that_is_missing_is_upstreams_note(write: Write) -> None:
    files = {"kyverno-test.yaml": SUITE.replace("[pods.yaml]", "[pods.yaml, more.yaml]")}
    assert run(write, files).error == "there is no file 'more.yaml'"
    outcome = run(write, files, compat=True)
    assert (outcome.status, outcome.notes) == ("pass", ("line 5: there is no file 'more.yaml'",))


def test_every_document_of_a_file_is_a_suite(write: Write) -> None:
    outcome = run(write, {"kyverno-test.yaml": SUITE + "---\n" + SUITE.replace("pods.yaml", "pod.yaml")})
    assert len(outcome.rows) == 2
    assert (outcome.status, outcome.error_line) == ("error", 22)


def test_an_old_suite_runs_and_says_so(write: Write) -> None:
    old = (
        "name: a\npolicies: [policy.yaml]\nresources: [pods.yaml]\nresults:\n"
        "- {policy: require-team, rule: check-team, kind: Pod, resource: without-team, namespace: default,"
        " status: fail}\n"
    )
    outcome = run(write, {"kyverno-test.yaml": old})
    assert statuses(outcome) == [("Pod/default/without-team", "fail", "pass")]
    assert outcome.notes == (
        "the suite is written in an old schema that Kyverno no longer reads; `policylint check --fix` rewrites it",
    )


CONTEXT_POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: by-context}
spec:
  rules:
  - name: check
    match:
      any:
      - resources: {kinds: [Pod], operations: [CREATE, UPDATE, DELETE]}
    context:
    - name: allowed
      configMap: {name: settings, namespace: default}
    validate:
      message: "no"
      deny:
        conditions:
          any:
          - {key: "{{ allowed.data.value }}", operator: NotEquals, value: "yes"}
"""
CONTEXT_SUITE = (
    "policies: [policy.yaml]\nresources: [pods.yaml]\n{more}results:\n"
    "- {{policy: by-context, rule: check, kind: Pod, result: {result}, resources: [with-team]{entry}}}\n"
)


def context_suite(write: Write, result: str, more: str, files: Mapping[str, str], entry: str = "") -> SuiteOutcome:
    suite = HEAD + CONTEXT_SUITE.format(result=result, more=more, entry=entry)
    return run(write, {"policy.yaml": CONTEXT_POLICY, "kyverno-test.yaml": suite, **files})


def test_values_of_a_rule_stand_for_its_context(write: Write) -> None:
    values = "policies: [{name: by-context, rules: [{name: check, values: {allowed.data.value: 'yes'}}]}]\n"
    assert context_suite(write, "pass", "variables: v.yaml\n", {"v.yaml": values}).status == "pass"
    # inline values win over the file
    inline = "values: {policies: [{name: by-context, rules: [{name: check, values: {allowed.data.value: 'no'}}]}]}\n"
    assert context_suite(write, "fail", "variables: v.yaml\n" + inline, {"v.yaml": values}).status == "pass"


def test_a_context_entry_without_a_mock_is_an_error(write: Write) -> None:
    assert context_suite(write, "error", "", {}).status == "pass"


def test_cluster_resources_stand_for_the_cluster(write: Write) -> None:
    cluster = (
        "apiVersion: cli.kyverno.io/v1alpha1\nkind: ClusterResource\nmetadata: {name: c}\nspec:\n  resources:\n"
        "  - {apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: default}, data: {value: 'yes'}}\n"
    )
    outcome = context_suite(write, "pass", "clusterResources: [c.yaml]\n", {"c.yaml": cluster})
    assert outcome.status == "pass"
    assert outcome.notes == (
        "clusterResources has no Namespace 'default', which upstream asks for: it counts as one without labels",
    )


def test_values_for_what_is_not_there_are_noted(write: Write) -> None:
    values = (
        "policies:\n- name: require-teams\n- name: require-team\n  rules: [{name: chek-team}]\n"
        "  resources: [{name: with-teem}]\n"
    )
    outcome = run(write, {"kyverno-test.yaml": SUITE + "variables: v.yaml\n", "v.yaml": values})
    assert outcome.notes == (
        "there are values for the policy 'require-teams', and no policy is called so; did you mean 'require-team'?",
        "there are values for the rule 'chek-team', and no rule is called so; did you mean 'check-team'?",
        "there are values for the resource 'with-teem', and no resource is called so; did you mean 'with-team'?",
    )


REQUEST_POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: by-request}
spec:
  rules:
  - name: check
    match:
      any:
      - resources: {kinds: [Pod], namespaceSelector: {matchLabels: {env: prod}}}
    validate:
      message: "no"
      deny:
        conditions:
          any:
          - {key: "{{ request.operation }}", operator: NotEquals, value: UPDATE}
          - {key: "{{ request.userInfo.username }}", operator: NotEquals, value: alice}
"""


def test_operations_users_and_namespaces(write: Write) -> None:
    values = "globalValues: {request.operation: UPDATE}\nnamespaceSelector: [{name: default, labels: {env: prod}}]\n"
    user = "apiVersion: cli.kyverno.io/v1alpha1\nkind: UserInfo\nuserInfo: {username: alice}\n"
    suite = HEAD + (
        "policies: [policy.yaml]\nresources: [pods.yaml]\nvariables: v.yaml\nuserinfo: u.yaml\nresults:\n"
        "- {policy: by-request, rule: check, kind: Pod, result: pass, resources: [with-team]}\n"
        "- {policy: by-request, rule: check, kind: Pod, result: fail, resources: [with-team], operation: CREATE}\n"
    )
    files = {"policy.yaml": REQUEST_POLICY, "kyverno-test.yaml": suite, "v.yaml": values, "u.yaml": user}
    assert [row.status for row in run(write, files).rows] == ["pass", "pass"]
    # another namespace
    outcome = run(write, {**files, "v.yaml": values.replace("prod", "test")})
    assert [(row.actual, row.status) for row in outcome.rows] == [("excluded", "lenient")] * 2


def test_exceptions_make_a_rule_skip(write: Write) -> None:
    exception = """\
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: e, namespace: default}
spec:
  match: {any: [{resources: {kinds: [Pod], names: [without-team]}}]}
  exceptions: [{policyName: require-team, ruleNames: [check-team]}]
"""
    suite = SUITE.replace("result: fail", "result: skip") + "exceptions: [e.yaml]\n"
    outcome = run(write, {"kyverno-test.yaml": suite, "e.yaml": exception})
    assert [row.status for row in outcome.rows] == ["pass", "pass"]


def test_suites_of_cel_policies_are_errors(write: Write) -> None:
    policy = "apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: require-team}\nspec: {}\n"
    outcome = run(write, {"policy.yaml": policy}, compat=True)
    assert outcome.status == "error"
    assert {row.reason for row in outcome.rows} == {"unsupported: ValidatingPolicy (CEL)"}


def test_duplicates_are_noted(write: Write) -> None:
    outcome = run(write, {"pods.yaml": PODS + "---\n" + PODS.partition("---")[0]})
    assert outcome.notes == ("pods.yaml:14: Pod/default/with-team is in the suite twice; this one is left out",)


def test_paths_are_shown_from_where_the_user_is(write: Write) -> None:
    write({f"suites/a/{name}": text for name, text in FILES.items() if name != "policy.yaml"})
    write({"policies/policy.yaml": POLICY})
    write({"suites/a/kyverno-test.yaml": SUITE.replace("policy.yaml", "../../policies/policy.yaml")})
    outcome = run_suite(Path("suites/a/kyverno-test.yaml"))
    assert outcome.path == "suites/a/kyverno-test.yaml"
    assert (outcome.rows[0].policy_file, outcome.rows[0].resource_file) == (
        "policies/policy.yaml",
        "suites/a/pods.yaml",
    )


def test_a_file_to_clone_from_has_to_be_there(write: Write) -> None:
    outcome = run(write, {"kyverno-test.yaml": SUITE + "  cloneSourceResource: clon.yaml\n", "clone.yaml": ""})
    assert outcome.error == "there is no file 'clon.yaml'; did you mean 'clone.yaml'?"
