from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conftest import Write
from policylint.engine.response import PolicyResponse, RuleResponse, Step, Unmatched
from policylint.model import Location, YamlPath
from policylint.outcome import Decision, Row, SuiteOutcome
from policylint.suites.expected import ExpectedObjects
from policylint.suites.load import load_suites
from policylint.suites.policies import SuitePolicy, load_policies
from policylint.suites.resources import Loaded, load_objects
from policylint.suites.results import World, rows_of
from policylint.suites.selection import Answers

POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: labels
spec:
  rules:
  - name: check
    match: {any: [{resources: {kinds: [Pod]}}]}
    validate: {pattern: {metadata: {labels: {team: "?*"}}}}
  - name: set
    match: {any: [{resources: {kinds: [Pod]}}]}
    mutate: {patchStrategicMerge: {metadata: {labels: {a: b}}}}
---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: network
  annotations: {policies.kyverno.io/scored: "false"}
spec:
  rules:
  - name: deny-all
    match: {any: [{resources: {kinds: [Namespace]}}]}
    generate: {kind: NetworkPolicy}
---
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {name: cel}
spec: {}
"""
RESOURCES = """\
apiVersion: v1
kind: Pod
metadata: {name: one, namespace: staging}
---
apiVersion: v1
kind: Pod
metadata: {name: two}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: two}
"""
PATCHED = "apiVersion: v1\nkind: Pod\nmetadata: {name: two, labels: {a: b}}\n"

Responses = Mapping[str, Sequence[PolicyResponse]]


def validated(status: Any, **more: Any) -> RuleResponse:
    return RuleResponse("check", "validate", status, more.pop("message", "said so"), **more)


def answered(*rules: RuleResponse, policy: str = "labels", **more: Any) -> PolicyResponse:
    return PolicyResponse(policy, rules, **more)


def run(
    write: Write,
    results: str,
    responses: Responses,
    *,
    compat: bool = False,
    targets: str = "",
    invalid: str = "",
    resources: str = RESOURCES,
) -> list[Row]:
    """The rows of a suite with these `results`, when the engine says `responses` of the resource with that name."""
    suite_text = "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nresults:\n" + results
    folder = write(
        {
            "kyverno-test.yaml": suite_text,
            "policy.yaml": POLICY,
            "resources.yaml": resources,
            "targets.yaml": targets,
            "patched.yaml": PATCHED,
        }
    )
    [suite] = load_suites(folder / "kyverno-test.yaml", "kyverno-test.yaml")
    loaded = _objects(folder, "resources.yaml")
    answers = [Answers(each, tuple(responses.get(str(each.key), ()))) for each in loaded]
    policies = list(load_policies([(folder / "policy.yaml", "policy.yaml")]))
    world = World(
        [each._replace(invalid=invalid) for each in policies if isinstance(each, SuitePolicy)],
        lambda operation: answers if operation != "DELETE" else [],
        _objects(folder, "targets.yaml"),
        ExpectedObjects(folder, "", frozenset()),
    )
    return [row for entry in suite.entries for row in rows_of(entry, world, compat=compat)]


def _objects(folder: Path, name: str) -> list[Loaded]:
    return list(load_objects([(folder / name, name)], floats=True))


def brief(rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    return [(row.resource, row.actual, row.status) for row in rows]


ENTRY = "- policy: labels\n  rule: check\n  kind: Pod\n  result: {result}\n  resources: [{resources}]\n"


def entry(result: str, *resources: str, **fields: str) -> str:
    text = ENTRY.format(result=result, resources=", ".join(resources))
    return text + "".join(f"  {key}: {value}\n" for key, value in fields.items())


def test_a_row_says_where_and_why(write: Write) -> None:
    path, resource_path = YamlPath.of("spec", "rules", 0, "validate"), YamlPath.of("metadata", "name")
    steps = (Step("pattern", "fail"),)
    response = answered(validated("fail", policy_path=path, resource_path=resource_path, steps=steps))
    assert run(write, entry("fail", "staging/one"), {"Pod/staging/one": [response]}) == [
        Row(
            8,
            "labels",
            "check",
            "Pod/staging/one",
            "fail",
            "fail",
            "pass",
            "said so",
            Location("policy.yaml", 9, 5, 9, 13),
            Location("resources.yaml", 3, 18, 3, 21),
            (Decision("pattern", "fail"),),
        )
    ]


def test_what_was_not_expected_fails(write: Write) -> None:
    [row] = run(write, entry("pass", "one"), {"Pod/staging/one": [answered(validated("fail"))]})
    assert (row.actual, row.status, row.reason) == ("fail", "fail", "expected pass, got fail: said so")


def test_every_rule_that_is_meant_gives_a_row(write: Write) -> None:
    rules = [
        validated("pass")._replace(rule=name) for name in ("check", "autogen-check", "autogen-cronjob-check", "set")
    ]
    response = answered(*rules)
    rows = run(write, entry("pass", "one"), {"Pod/staging/one": [response]})
    assert [row.rule for row in rows] == ["check", "autogen-check", "autogen-cronjob-check"]
    rows = run(write, "- {policy: labels, result: pass, resources: [one]}\n", {"Pod/staging/one": [response]})
    assert [row.rule for row in rows] == ["check", "autogen-check", "autogen-cronjob-check", "set"]


def test_without_resources_all_of_them_are_meant(write: Write) -> None:
    said = [answered(validated("pass"))]
    rows = run(
        write,
        "- {policy: labels, rule: check, result: pass}\n",
        dict.fromkeys(("Pod/staging/one", "Pod/default/two", "Deployment/default/two"), said),
    )
    assert brief(rows) == [
        ("Pod/staging/one", "pass", "pass"),
        ("Pod/default/two", "pass", "pass"),
        ("Deployment/default/two", "pass", "pass"),
    ]


def test_policies_that_are_not_scored_warn(write: Write) -> None:
    response = answered(validated("fail")._replace(rule="deny-all"), policy="network")
    [row] = run(
        write,
        "- {policy: network, rule: deny-all, kind: Pod, result: warn, resources: [one]}\n",
        {"Pod/staging/one": [response]},
    )
    assert (row.actual, row.status) == ("warn", "pass")


def test_a_rule_that_does_not_apply_is_lenient_unless_skip_is_expected(write: Write) -> None:
    unmatched = Unmatched("check", "Pod is not Deployment", YamlPath.of("spec", "rules", 0, "match"))
    responses = {"Pod/staging/one": [answered(unmatched=(unmatched,))]}
    [row] = run(write, entry("fail", "one"), responses)
    assert (row.actual, row.status, row.policy_line) == ("excluded", "lenient", 8)
    assert row.reason == (
        "no rule applied: Pod is not Deployment; upstream passes such rows whatever they expect:"
        " correct the match, or expect `skip`"
    )
    [row] = run(write, entry("skip", "one"), responses)
    assert (row.actual, row.status, row.reason) == ("excluded", "pass", "Pod is not Deployment")


def test_a_mistyped_rule_is_lenient_and_named(write: Write) -> None:
    [row] = run(write, entry("skip", "one").replace("check", "chekc"), {"Pod/staging/one": [answered()]})
    assert (row.actual, row.status) == ("excluded", "lenient")
    assert row.reason == (
        "policy 'labels' has no rule 'chekc'; did you mean 'check'? Upstream passes rows of rules that do not exist."
    )


def test_a_mistyped_policy_is_unmatched_in_both_modes(write: Write) -> None:
    for compat in (False, True):
        rows = run(write, entry("pass", "one", "two").replace("labels", "lables"), {}, compat=compat)
        assert brief(rows) == [("one", "not-found", "unmatched"), ("two", "not-found", "unmatched")]
        assert rows[0].reason == "no policy of this suite is called 'lables'; did you mean 'labels'?"


def test_a_mistyped_resource_beside_others_is_lenient(write: Write) -> None:
    said = {"Pod/staging/one": [answered(validated("pass"))]}
    for compat in (False, True):
        rows = run(write, entry("pass", "one", "tow"), said, compat=compat)
        assert brief(rows) == [("Pod/staging/one", "pass", "pass"), ("tow", "not-found", "lenient")]
        assert rows[1].reason == (
            "no resource of this suite is called 'tow'; did you mean 'two'? Upstream leaves the name out."
        )


def test_when_no_resource_exists_upstream_checks_all(write: Write) -> None:
    said = {
        "Pod/staging/one": [answered(validated("pass"))],
        "Pod/default/two": [answered(validated("fail"))],
        "Deployment/default/two": [answered()],
    }
    [row] = run(write, entry("pass", "default/one"), said)
    assert (row.resource, row.status) == ("default/one", "unmatched")
    assert row.reason == (
        "no resource of this suite is called 'default/one', but there is 'staging/one';"
        " upstream checks every resource of the suite instead"
    )
    rows = run(write, entry("pass", "default/one"), said, compat=True)
    assert brief(rows) == [
        ("Pod/staging/one", "pass", "lenient"),
        ("Pod/default/two", "fail", "fail"),
        ("Deployment/default/two", "excluded", "lenient"),
    ]


def test_the_kind_chooses_among_resources_of_one_name(write: Write) -> None:
    said = {
        "Pod/default/two": [answered(validated("pass"))],
        "Deployment/default/two": [answered(validated("fail")._replace(rule="autogen-check"))],
    }
    assert brief(run(write, entry("pass", "two"), said)) == [("Pod/default/two", "pass", "pass")]
    rows = run(write, entry("pass", "two"), said, compat=True)
    assert brief(rows) == [("Pod/default/two", "pass", "pass"), ("Deployment/default/two", "fail", "fail")]


def test_a_wrong_kind_is_lenient(write: Write) -> None:
    [row] = run(write, entry("pass", "one").replace("Pod", "Job"), {"Pod/staging/one": [answered(validated("pass"))]})
    assert (row.status, row.reason) == (
        "lenient",
        "the entry says `kind: Job`, which upstream does not look at: write the kind of the resource",
    )


def test_resource_specs_go_by_the_whole_identity(write: Write) -> None:
    said = {key: [answered(validated("pass"))] for key in ("Pod/default/two", "Deployment/default/two")}
    spec = "{group: apps, version: v1, kind: Deployment, namespace: default, name: two}"
    text = f"- {{policy: labels, rule: check, result: pass, resources: [], resourceSpecs: [{spec}]}}\n"
    assert brief(run(write, text, said)) == [("Deployment/default/two", "pass", "pass")]
    assert brief(run(write, text.replace("apps", "batch"), said)) == [
        ("Deployment/default/two", "not-found", "unmatched")
    ]
    # upstream looks at specs only where there is a list of resources
    assert len(run(write, text.replace("resources: [], ", ""), said, compat=True)) == 3
    assert len(run(write, text.replace("resources: [], ", ""), said)) == 1


def test_cel_policies_are_unsupported_and_never_pass(write: Write) -> None:
    text = "- {policy: cel, isValidatingPolicy: true, kind: Pod, result: pass, resources: [one]}\n"
    for compat in (False, True):
        [row] = run(write, text, {}, compat=compat)
        assert (row.status, row.reason) == ("error", "unsupported: ValidatingPolicy (CEL)")


def test_a_rule_that_is_not_supported_is_an_error_even_where_one_is_expected(write: Write) -> None:
    response = answered(validated("error", unsupported="validate.cel"))
    [row] = run(write, entry("error", "one"), {"Pod/staging/one": [response]})
    assert (row.actual, row.status, row.reason) == ("error", "error", "unsupported: validate.cel")


def test_rows_of_an_invalid_policy_are_lenient(write: Write) -> None:
    [row] = run(write, entry("fail", "one"), {}, invalid="the rule has no match")
    assert (row.status, row.reason) == (
        "lenient",
        "the policy is invalid, and upstream passes every row of an invalid policy: the rule has no match",
    )


def test_a_result_that_is_none(write: Write) -> None:
    [row] = run(write, entry("passed", "one"), {})
    assert (row.status, row.reason) == (
        "unmatched",
        "'passed' is no result; write one of pass, fail, skip, warn, error",
    )


POD_TWO = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "two", "namespace": "default"}}
MUTATED = {**POD_TWO, "metadata": {**POD_TWO["metadata"], "labels": {"a": "b"}}}  # type: ignore[dict-item]


def mutation(status: Any = "pass", **more: Any) -> RuleResponse:
    return RuleResponse("set", "mutate", status, "mutated", **more)


def set_entry(*resources: str, **fields: str) -> str:
    return entry("pass", *resources, patchedResources="patched.yaml", **fields).replace("check", "set")


def test_a_patched_resource_is_compared(write: Write) -> None:
    [row] = run(write, set_entry("two"), {"Pod/default/two": [answered(mutation(), patched=MUTATED)]})
    assert row.status == "pass"
    [row] = run(write, set_entry("two"), {"Pod/default/two": [answered(mutation(), patched=POD_TWO)]})
    assert (row.actual, row.status) == ("pass", "fail")
    assert row.reason == "the patched Pod/default/two is not as patched.yaml:1 expects"
    assert "-    a: b\n" in row.diff


def test_an_expected_object_that_is_absent_is_lenient(write: Write) -> None:
    one = {**POD_TWO, "metadata": {"name": "one", "namespace": "staging"}}
    responses = {"Pod/staging/one": [answered(mutation(), patched=one)]}
    [row] = run(write, set_entry("one"), responses)
    assert (row.status, row.reason) == (
        "lenient",
        (
            "patched.yaml has no Pod/staging/one (v1) to compare with; it holds Pod/default/two (v1);"
            " upstream then checks nothing: add the object, or set `failOnMissingResources: true`"
        ),
    )
    [row] = run(write, set_entry("one", failOnMissingResources="true"), responses)
    assert (row.status, row.reason) == (
        "fail",
        "patched.yaml has no Pod/staging/one (v1) to compare with; it holds Pod/default/two (v1)",
    )


def test_a_file_with_expected_objects_that_is_missing_fails(write: Write) -> None:
    text = set_entry("two").replace("patched.yaml", "patchd.yaml")
    [row] = run(write, text, {"Pod/default/two": [answered(mutation(), patched=MUTATED)]})
    assert (row.status, row.reason) == ("fail", "there is no file 'patchd.yaml'; did you mean 'patched.yaml'?")


def test_targets_are_compared_with_what_they_become(write: Write) -> None:
    text = set_entry("two")
    trigger = {"Pod/staging/one": [answered(mutation(target=POD_TWO, patched=MUTATED))]}
    resources = RESOURCES.partition("---")[0]
    rows = run(write, text, trigger, targets=PATCHED, resources=resources)
    assert brief(rows) == [("Pod/default/two", "pass", "pass")]
    rows = run(write, text, {}, targets=PATCHED, resources=resources)
    assert (rows[0].status, rows[0].reason) == ("unmatched", "no rule of the policy changes this target")


def test_a_target_of_a_rule_that_is_not_supported_is_an_error(write: Write) -> None:
    trigger = {"Pod/staging/one": [answered(mutation("error", unsupported="mutate.targets"))]}
    resources = RESOURCES.partition("---")[0]
    [row] = run(write, set_entry("two"), trigger, targets=PATCHED, resources=resources)
    assert (row.resource, row.status, row.reason) == ("Pod/default/two", "error", "unsupported: mutate.targets")


def test_generated_objects_give_a_row_each(write: Write) -> None:
    generated = tuple({**MUTATED, "metadata": {**MUTATED["metadata"], "name": name}} for name in ("two", "three"))  # type: ignore[dict-item]
    rule = RuleResponse("deny-all", "generate", "pass", "generated", generated=generated)
    text = "- {policy: network, rule: deny-all, result: pass, resources: [one], generatedResource: patched.yaml}\n"
    rows = run(write, text, {"Pod/staging/one": [answered(rule, policy="network")]})
    assert [(row.status, row.reason[:31]) for row in rows] == [
        ("pass", "generated"),
        ("fail", "patched.yaml has no Pod/default"),
    ]


def test_a_policy_that_only_generates_is_not_found_where_it_does_not_apply(write: Write) -> None:
    text = "- {policy: network, rule: deny-all, result: skip, resources: [one]}\n"
    [row] = run(write, text, {})
    assert (row.actual, row.status) == ("not-found", "unmatched")
    assert row.reason == "nothing was generated: no rule of the policy applies to the resource"


def test_an_operation_has_answers_of_its_own(write: Write) -> None:
    said = {"Pod/staging/one": [answered(validated("pass"))]}
    assert brief(run(write, entry("pass", "one", operation="UPDATE"), said)) == [("Pod/staging/one", "pass", "pass")]
    [row] = run(write, entry("pass", "one", operation="DELETE"), said)
    assert row.reason == "the suite has no resources: list files under `resources:`"


def test_the_status_of_a_suite() -> None:
    def outcome(*statuses: Any, compat: bool = False, error: str | None = None) -> SuiteOutcome:
        rows = tuple(Row(1, "p", "r", "x", "pass", "pass", status) for status in statuses)
        return SuiteOutcome("kyverno-test.yaml", rows, error, compat=compat)

    assert outcome("pass").status == "pass"
    assert outcome("pass", "lenient").status == "fail"
    assert outcome("pass", "lenient", compat=True).status == "pass"
    assert outcome("pass", "unmatched", compat=True).status == "fail"
    assert outcome("fail", "error").status == "error"
    assert outcome("pass", error="no file").status == "error"
    assert outcome("pass", "lenient", "lenient").counts() == {
        "pass": 1,
        "fail": 0,
        "error": 0,
        "unmatched": 0,
        "lenient": 2,
    }
