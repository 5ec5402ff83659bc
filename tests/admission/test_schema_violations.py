"""What schemas refuse, in the words that a user reads; which lines are marked is the fixtures' matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schema_cases import document, policy

from policylint.admission import schema
from policylint.admission.schema.table import read_table, schema_of
from policylint.admission.schema.validate import violations

_REFUSED = ": the API server refuses the object"


def said(spec: str, kind: str = "ClusterPolicy", api_version: str = "kyverno.io/v1") -> list[tuple[str, str, str]]:
    return [
        (str(problem.path), problem.message.removesuffix(_REFUSED), problem.help)
        for problem in schema.violations(policy(spec, kind, api_version))
    ]


@pytest.mark.parametrize(
    ("spec", "path", "message", "advice"),
    [
        ("rules: none", "spec.rules", "spec.rules takes a list, but is the text `none`", ""),
        ("background: 1", "spec.background", "spec.background takes true or false, but is 1, a number", ""),
        ("rules: [{name: 7}]", "spec.rules[0].name", "", "put the value into quotes"),
        (
            "failurePolicy: fail",
            "spec.failurePolicy",
            "spec.failurePolicy takes `Ignore` or `Fail`, but is the text `fail`",
            "did you mean 'Fail'?",
        ),
        (
            "webhookTimeoutSeconds: 1.5",
            "spec.webhookTimeoutSeconds",
            "spec.webhookTimeoutSeconds takes an integer, but is 1.5, a number",
            "",
        ),
        (
            "webhookTimeoutSeconds: 3000000000",
            "spec.webhookTimeoutSeconds",
            "spec.webhookTimeoutSeconds takes a number of 32 bits, but is 3000000000, a number",
            "",
        ),
        ("background: 'true'", "spec.background", "", "remove the quotes"),
        ("background: sometimes", "spec.background", "", "write true or false"),
        ("webhookTimeoutSeconds: '10'", "spec.webhookTimeoutSeconds", "", "remove the quotes"),
        ("webhookTimeoutSeconds: 10s", "spec.webhookTimeoutSeconds", "", "write an integer"),
        (
            "rules: [{match: {resources: {kinds: Pod}}}]",
            "spec.rules[0].match.resources.kinds",
            "spec.rules[0].match.resources.kinds takes a list, but is the text `Pod`",
            "write a list: [Pod]",
        ),
        (
            "rules: [{validate: {podSecurity: {exclude: [{controlName: Capability}]}}}]",
            "spec.rules[0].validate.podSecurity.exclude[0].controlName",
            "spec.rules[0].validate.podSecurity.exclude[0].controlName is the text `Capability`,"
            " which is none of the 15 that there are",
            "did you mean 'Capabilities'?",
        ),
        ("rules: [null]", "spec.rules[0]", "spec.rules[0] takes a mapping, but is null", ""),
    ],
)
def test_values(spec: str, path: str, message: str, advice: str) -> None:
    found = [each for each in said(spec) if each[0] == path]
    assert len(found) == 1
    assert found[0][2] == advice
    assert found[0][1] == (message or found[0][1])


def test_three_is_an_integer_however_it_is_written() -> None:
    assert said("webhookTimeoutSeconds: 3.0") == []


def test_required_fields_are_named_with_their_parent() -> None:
    assert said("rules: [{name: a}, {match: {}, name: null}]") == [
        ("spec.rules[0].match", "spec.rules[0] has no `match`, which is required", "give `match` a value"),
        ("spec.rules[1].name", "spec.rules[1] has an empty `name`, which is required", "give `name` a value"),
    ]


def test_alternatives() -> None:
    context = "rules: [{name: a, match: {}, context: [{name: x}, {name: v, variable: {}, configMap: {name: z}}]}]"
    names = "`configMap`, `apiCall`, `imageRegistry`, `variable` or `globalReference`"
    here = "spec.rules[0].context"
    assert said(context) == [
        (f"{here}[0]", f"{here}[0] takes exactly one of {names}, but has none of them", f"add {names}"),
        (
            f"{here}[1].configMap",
            f"{here}[1] takes exactly one of {names}, but has `variable` and `configMap`",
            "keep one of them",
        ),
    ]


def test_a_null_alternative_does_not_count() -> None:
    assert said("rules: [{name: a, match: {}, context: [{name: v, variable: {}, configMap: null}]}]") == []


def test_an_empty_list_where_one_item_is_needed() -> None:
    assert said("generate: []", "GeneratingPolicy", "policies.kyverno.io/v1") == [
        ("spec.generate", "spec.generate is an empty list, but takes one item at least", "")
    ]


def test_long_values_are_cut() -> None:
    ((_, message, _),) = said(f"applyRules: {'x' * 500}")
    assert len(message) < 150


def test_the_metadata_of_every_object_is_judged() -> None:
    found = document("""
        apiVersion: policy.sigstore.dev/v1beta1
        kind: ClusterImagePolicy
        metadata: {name: a, labels: {enabled: true}}
    """)
    assert [str(problem.path) for problem in schema.violations(found)] == ["metadata.labels.enabled"]


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("kyverno.io/v9", "ClusterPolicy"), ("nvidia.com/v1", "ClusterPolicy"), ("v1", "Pod"), ("kyverno.io/v1", "Zzz")],
)
def test_other_kinds_are_nobodys(api_version: str, kind: str) -> None:
    found = policy("rules: none", kind, api_version)
    assert [*schema.violations(found), *schema.unknown_fields(found)] == []


@pytest.mark.parametrize("name", ["kyverno", "sigstore"])
def test_the_table_holds_together(name: str) -> None:
    table = read_table(name)
    known = {"type", "properties", "items", "values", "open", "required", "enum", "default", "defaults", "oneOf"} | {
        *("minimum", "minItems", "minLength", "maxLength", "format")
    }
    for node in table.nodes:
        assert set(node) <= known
        for index in [*node.get("properties", {}).values(), node.get("items", 0), node.get("values", 0)]:
            assert 0 <= index < len(table.nodes)
        assert set(node.get("required", ())) | set(node.get("oneOf", ())) <= set(node.get("properties", {}))
    assert all(0 <= version.root < len(table.nodes) for version in table.versions.values())


def test_every_served_kind_has_a_schema() -> None:
    kyverno, sigstore = read_table("kyverno"), read_table("sigstore")
    assert (len(kyverno.versions), len(sigstore.versions)) == (41, 3)
    assert [kind for (api_version, kind) in kyverno.versions if api_version == "kyverno.io/v2beta1"] == [
        "CleanupPolicy",
        "ClusterCleanupPolicy",
        "ClusterPolicy",
        "GlobalContextEntry",
        "Policy",
        "PolicyException",
    ]


_KEYS = st.sampled_from(["spec", "rules", "match", "any", "context", "name", "background", "schedule", "count", "x"])
_DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(_DATA)
def test_garbage_is_refused_and_never_raises(data: object) -> None:
    found = schema_of("kyverno.io/v1", "ClusterPolicy")
    assert found is not None
    for problem in violations(data, found):
        assert problem.message.endswith(_REFUSED)
