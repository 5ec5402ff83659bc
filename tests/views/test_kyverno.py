"""Kyverno policies after defaulting: actions, timeouts, what is called during admission, and inputs of wrong types."""

import json
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.model import YamlPath
from policylint.views.kyverno import AdmissionPolicy, CelPolicy, Field, KyvernoPolicy, minor_of


def document(text: str) -> Document:
    source = Source("policy.yaml", text)
    (composed,) = compose(source.text)
    assert isinstance(composed, ComposedDocument)
    return Document(source, composed.node, composed.base, 0, KUBERNETES, "kubernetes")


def policy(spec: str, kind: str = "ClusterPolicy", version: str = "v1") -> KyvernoPolicy:
    (found,) = KyvernoPolicy.of(document(f"apiVersion: kyverno.io/{version}\nkind: {kind}\nspec:\n" + indented(spec)))
    return found


def cel(kind: str, spec: str, version: str = "v1") -> CelPolicy:
    header = f"apiVersion: policies.kyverno.io/{version}\nkind: {kind}\nspec:\n"
    (found,) = CelPolicy.of(document(header + indented(spec)))
    return found


def indented(spec: str) -> str:
    return "".join(f"  {line}\n" for line in dedent(spec).splitlines()) or "  {}\n"


def at(text: str) -> YamlPath:
    return YamlPath.parse(text)


def calls(found: KyvernoPolicy | CelPolicy) -> list[tuple[str, str, bool]]:
    return [(str(call.path), call.what, call.audits) for call in found.calls_out()]


# Which documents


@pytest.mark.parametrize(
    ("api_version", "kind", "seen"),
    [
        ("kyverno.io/v1", "ClusterPolicy", True),
        ("kyverno.io/v1", "Policy", True),
        ("kyverno.io/v2beta1", "ClusterPolicy", True),
        ("kyverno.io/v2", "ClusterPolicy", False),
        ("kyverno.io/v1", "ClusterPolicyReport", False),
        ("iam.example.com/v1", "Policy", False),
        ("v1", "Policy", False),
        ("policies.kyverno.io/v1alpha1", "ValidatingPolicy", True),
        ("policies.kyverno.io/v1beta1", "NamespacedMutatingPolicy", True),
        ("policies.kyverno.io/v1", "GeneratingPolicy", True),
        ("policies.kyverno.io/v1", "DeletingPolicy", False),
        ("policies.kyverno.io/v2", "ValidatingPolicy", False),
        ("kyverno.io/v1", "ValidatingPolicy", False),
    ],
)
def test_a_view_is_of_what_upstream_serves(api_version: str, kind: str, seen: bool) -> None:
    views = list(AdmissionPolicy.of(document(f"apiVersion: {api_version}\nkind: {kind}\nspec: {{}}\n")))

    assert [view.kind for view in views] == ([kind] if seen else [])


# Defaults and actions


def test_an_empty_policy_is_what_the_crd_makes_of_it() -> None:
    found = policy("")

    assert found.action == ("Audit", "default", at("spec.validationFailureAction"))
    assert found.admission == Field(True, at("spec.admission"), explicit=False)
    assert found.background == Field(True, at("spec.background"), explicit=False)
    assert found.emit_warning == Field(False, at("spec.emitWarning"), explicit=False)
    assert found.effective_failure_policy == Field(
        "Fail", at("spec.webhookConfiguration.failurePolicy"), explicit=False
    )
    assert found.timeout.effective is None
    assert found.rules == ()
    assert found.shape_problems == ()


def test_an_entry_is_what_the_crd_makes_of_it() -> None:
    (rule,) = policy("rules: [{name: a, verifyImages: [{required: false, mutateDigest: null}]}]").rules
    (entry,) = rule.verify_images
    path = at("spec.rules[0].verifyImages[0]")

    assert entry.mutate_digest == Field(True, path / "mutateDigest", explicit=False)
    assert entry.verify_digest == Field(True, path / "verifyDigest", explicit=False)
    assert entry.required == Field(False, path / "required", explicit=True)
    assert entry.type == Field("Cosign", path / "type", explicit=False)


@pytest.mark.parametrize(
    ("written", "action"),
    [
        ("Audit", "Audit"),
        ("audit", "Audit"),
        ("Enforce", "Enforce"),
        ("enforce", "Enforce"),
        ("Warn", None),
        ("1", None),
    ],
)
def test_actions_in_every_spelling(written: str, action: str | None) -> None:
    assert policy(f"validationFailureAction: {written}").action == (action, "spec", at("spec.validationFailureAction"))


def test_an_entry_takes_the_action_that_the_entry_before_it_ended_with() -> None:
    found = policy("""\
        validationFailureAction: enforce
        rules:
        - verifyImages: [{}, {failureAction: Audit}, {}, {failureAction: Enforce}, {}, {}]
        - verifyImages: [{}]
        """)
    first, second = found.rules
    entries = "spec.rules[0].verifyImages"

    assert [(entry.action.action, entry.action.origin, str(entry.action.path)) for entry in first.verify_images] == [
        ("Enforce", "spec", "spec.validationFailureAction"),
        ("Audit", "entry", f"{entries}[1].failureAction"),
        ("Audit", "earlier entry", f"{entries}[1].failureAction"),
        ("Enforce", "entry", f"{entries}[3].failureAction"),
        ("Enforce", "earlier entry", f"{entries}[3].failureAction"),
        ("Enforce", "earlier entry", f"{entries}[3].failureAction"),
    ]
    assert [entry.action.origin for entry in second.verify_images] == ["spec"]


def test_a_rule_takes_its_own_action_and_overrides_before_the_policys() -> None:
    found = policy("""\
        validationFailureAction: Enforce
        validationFailureActionOverrides: [{action: Audit, namespaces: [a]}]
        rules:
        - validate: {deny: {}, failureAction: Audit, failureActionOverrides: [{action: enforce, namespaces: [b, c]}]}
        - validate: {deny: {}}
        """)
    own, inherited = found.rules

    assert own.action == ("Audit", "rule", at("spec.rules[0].validate.failureAction"))
    assert [(override.action.value, override.namespaces) for override in own.overrides] == [("Enforce", ("b", "c"))]
    assert inherited.action == ("Enforce", "spec", at("spec.validationFailureAction"))
    assert inherited.overrides == found.overrides


def test_attestors_keep_their_structure() -> None:
    (rule,) = policy("""\
        rules:
        - verifyImages:
          - imageReferences: ["a/*", "b/*"]
            image: "old/*"
            attestors:
            - count: 1
              entries:
              - keys: {kms: "gcpkms://k"}
              - keyless: {issuer: "https://issuer.example.com", subjectRegExp: ".*"}
              - attestor: {entries: [{certificates: {cert: pem}}]}
            attestations:
            - {predicateType: "https://slsa.dev/provenance/v1", attestors: [{entries: [{keys: {secret: {name: a}}}]}]}
        """).rules
    (entry,) = rule.verify_images
    path = at("spec.rules[0].verifyImages[0]")
    (attestors,) = entry.attestors
    keys, keyless, nested = attestors.entries
    (attestation,) = entry.attestations

    assert entry.image_references == (
        (path / "image", "old/*"),
        (path / "imageReferences" / 0, "a/*"),
        (path / "imageReferences" / 1, "b/*"),
    )
    assert attestors.needed == Field(1, path / ("attestors", 0, "count"), explicit=True)
    assert keys.keys == (path / ("attestors", 0, "entries", 0, "keys"), "", "gcpkms://k", False)
    assert keyless.keyless is not None
    assert (keyless.keyless.issuer, keyless.keyless.subject_reg_exp) == ("https://issuer.example.com", ".*")
    assert nested.nested is not None
    assert nested.nested.entries[0].certificates is not None
    assert nested.nested.entries[0].certificates.certificate == "pem"
    assert attestation.type == "https://slsa.dev/provenance/v1"
    assert attestation.attestors[0].entries[0].keys is not None
    assert attestation.attestors[0].entries[0].keys.has_secret


def test_the_deprecated_image_is_no_field_of_the_newer_version() -> None:
    (rule,) = policy(
        "rules: [{verifyImages: [{image: 'a/*', mutateDigest: false, key: pem}]}]", version="v2beta1"
    ).rules

    assert rule.verify_images[0].image_references == ()
    assert not rule.verify_images[0].calls_registry


# Timeouts and failure policies


def test_the_new_timeout_counts_before_the_old_one() -> None:
    both = policy("{webhookTimeoutSeconds: 5, webhookConfiguration: {timeoutSeconds: 20}}").timeout
    old = policy("webhookTimeoutSeconds: 5").timeout
    null = policy("{webhookTimeoutSeconds: 5, webhookConfiguration: {timeoutSeconds: null}}").timeout

    assert both.effective == Field(20, at("spec.webhookConfiguration.timeoutSeconds"), explicit=True)
    assert [field.value for field in both.written] == [20, 5]
    assert old.effective == null.effective == Field(5, at("spec.webhookTimeoutSeconds"), explicit=True)
    assert not old.current.explicit


def test_a_timeout_of_a_wrong_type_is_set_and_unknown() -> None:
    found = policy("webhookTimeoutSeconds: 30s")

    assert found.timeout.effective == Field(None, at("spec.webhookTimeoutSeconds"), explicit=True)
    assert [problem.message for problem in found.shape_problems] == [
        "spec.webhookTimeoutSeconds takes an integer, but is a string"
    ]


def test_cel_policies_have_one_timeout() -> None:
    found = cel("ValidatingPolicy", "{webhookTimeoutSeconds: 5, webhookConfiguration: {timeoutSeconds: 20}}")

    assert found.timeout.deprecated is None
    assert found.timeout.effective == Field(20, at("spec.webhookConfiguration.timeoutSeconds"), explicit=True)


@pytest.mark.parametrize(
    ("spec", "value", "path"),
    [
        ("failurePolicy: Ignore", "Ignore", "spec.failurePolicy"),
        ("webhookConfiguration: {failurePolicy: Ignore}", "Ignore", "spec.webhookConfiguration.failurePolicy"),
        (
            "{failurePolicy: Ignore, webhookConfiguration: {failurePolicy: Fail}}",
            "Fail",
            "spec.webhookConfiguration.failurePolicy",
        ),
    ],
)
def test_the_new_failure_policy_counts_before_the_old_one(spec: str, value: str, path: str) -> None:
    assert policy(spec).effective_failure_policy == Field(value, at(path), explicit=True)


# What is called during admission

SERVICE = "context: [{name: a, apiCall: {service: {url: 'https://a.example.com'}}}]"
IMAGE = "context: [{name: a, imageRegistry: {reference: 'registry.example.com/a:1'}}]"
RULE = "spec.rules[0]"


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("rules: [{verifyImages: [{}]}]", [(f"{RULE}.verifyImages[0]", "registry", True)]),
        ("rules: [{verifyImages: [{failureAction: Enforce}]}]", [(f"{RULE}.verifyImages[0]", "registry", False)]),
        ("rules: [{verifyImages: [{mutateDigest: false}]}]", []),
        (
            "rules: [{verifyImages: [{mutateDigest: false, attestations: [{}]}]}]",
            [(f"{RULE}.verifyImages[0]", "registry", True)],
        ),
        ("rules: [{verifyImages: [{mutateDigest: false, key: pem}]}]", [(f"{RULE}.verifyImages[0]", "registry", True)]),
        ("{admission: false, rules: [{verifyImages: [{}]}]}", []),
        (
            f"rules: [{{validate: {{deny: {{}}, failureAction: Enforce}}, {SERVICE}}}]",
            [(f"{RULE}.context[0].apiCall", "service", False)],
        ),
        (
            f"rules: [{{validate: {{deny: {{}}, failureAction: Enforce}}, {IMAGE}}}]",
            [(f"{RULE}.context[0].imageRegistry", "registry", False)],
        ),
        (f"rules: [{{validate: {{deny: {{}}}}, {SERVICE}}}]", []),
        (
            f"{{emitWarning: true, rules: [{{validate: {{deny: {{}}}}, {SERVICE}}}]}}",
            [(f"{RULE}.context[0].apiCall", "service", True)],
        ),
        (
            f"{{webhookConfiguration: {{matchConditions: [{{}}]}}, rules: [{{validate: {{deny: {{}}}}, {SERVICE}}}]}}",
            [(f"{RULE}.context[0].apiCall", "service", True)],
        ),
        (
            (
                "validationFailureActionOverrides: [{action: Enforce}]\n"
                f"rules: [{{validate: {{deny: {{}}}}, {SERVICE}}}]"
            ),
            [(f"{RULE}.context[0].apiCall", "service", False)],
        ),
        (
            f"rules: [{{mutate: {{patchStrategicMerge: {{}}}}, {SERVICE}}}]",
            [(f"{RULE}.context[0].apiCall", "service", False)],
        ),
        (f"rules: [{{mutate: {{targets: []}}, {SERVICE}}}]", []),
        (f"rules: [{{generate: {{kind: a}}, {SERVICE}}}]", []),
        (
            f"rules: [{{mutate: {{foreach: [{{foreach: [{{{IMAGE}}}]}}]}}}}]",
            [(f"{RULE}.mutate.foreach[0].foreach[0].context[0].imageRegistry", "registry", False)],
        ),
        (
            f"rules: [{{validate: {{failureAction: Enforce, foreach: [{{{SERVICE}}}]}}}}]",
            [(f"{RULE}.validate.foreach[0].context[0].apiCall", "service", False)],
        ),
        (
            "rules: [{mutate: {a: b}, context: [{apiCall: {urlPath: /api}}, {configMap: {}}, {globalReference: {}}]}]",
            [],
        ),
        (
            (
                "validationFailureAction: Enforce\n"
                "rules: [{validate: {manifests: {repository: r, attestors: [{entries: [{repository: e}]}]}}}]"
            ),
            [
                (f"{RULE}.validate.manifests.repository", "registry", False),
                (f"{RULE}.validate.manifests.attestors[0].entries[0].repository", "registry", False),
            ],
        ),
        ("rules: [{validate: {failureAction: Enforce, manifests: {repository: r}}}]", []),
    ],
)
def test_what_a_policy_calls_while_a_request_waits(spec: str, expected: list[tuple[str, str, bool]]) -> None:
    assert calls(policy(spec)) == expected


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        ("ImageValidatingPolicy", "{}", [("spec.attestors", "registry", False)]),
        ("ImageValidatingPolicy", "validationActions: [Audit, Warn]", [("spec.attestors", "registry", True)]),
        ("ImageValidatingPolicy", "evaluation: {admission: {enabled: false}}", []),
        ("ImageValidatingPolicy", "evaluation: {mode: JSON}", []),
        (
            "ValidatingPolicy",
            "variables: [{expression: http.Get(object.url)}]",
            [("spec.variables[0].expression", "service", False)],
        ),
        (
            "ValidatingPolicy",
            "validations: [{expression: 'true', messageExpression: image . GetMetadata (a)}]",
            [("spec.validations[0].messageExpression", "registry", False)],
        ),
        (
            "ValidatingPolicy",
            "validations: [{expression: 'my_http.Get(a) || resource.Get(b) || \"http.Get(\" == c'}]",
            [],
        ),
        (
            "MutatingPolicy",
            "{validationActions: [Audit], mutations: [{jsonPatch: {expression: http.Post(a, b)}}]}",
            [("spec.mutations[0].jsonPatch.expression", "service", False)],
        ),
        ("GeneratingPolicy", "variables: [{expression: http.Get(a)}]", []),
    ],
)
def test_what_a_cel_policy_calls_while_a_request_waits(
    kind: str, spec: str, expected: list[tuple[str, str, bool]]
) -> None:
    assert calls(cel(kind, spec)) == expected


@pytest.mark.parametrize(
    ("spec", "only_audits"),
    [
        ("rules: [{verifyImages: [{}]}]", True),
        ("rules: [{validate: {deny: {}}}, {generate: {kind: a}}, {mutate: {targets: []}}]", True),
        ("validationFailureAction: Enforce\nrules: [{verifyImages: [{}]}]", False),
        ("validationFailureAction: Other\nrules: [{verifyImages: [{}]}]", False),
        ("rules: [{verifyImages: [{}, {failureAction: Enforce}]}]", False),
        ("validationFailureActionOverrides: [{action: Enforce}]\nrules: [{verifyImages: [{}]}]", False),
        ("rules: [{verifyImages: [{}]}, {validate: {failureAction: Enforce}}]", False),
        ("rules: [{verifyImages: [{}]}, {mutate: {patchStrategicMerge: {}}}]", False),
        ("rules: [{generate: {kind: a}}]", False),
    ],
)
def test_whether_nothing_in_a_policy_is_meant_to_deny_or_change(spec: str, only_audits: bool) -> None:
    assert policy(spec).only_audits is only_audits


# Where a fix belongs


@pytest.mark.parametrize(
    ("api_version", "kyverno", "timeout", "failure"),
    [
        ("kyverno.io/v1", None, "spec.webhookConfiguration.timeoutSeconds", "spec.webhookConfiguration.failurePolicy"),
        (
            "kyverno.io/v1",
            (1, 13),
            "spec.webhookConfiguration.timeoutSeconds",
            "spec.webhookConfiguration.failurePolicy",
        ),
        ("kyverno.io/v1", (1, 12), "spec.webhookTimeoutSeconds", "spec.failurePolicy"),
        ("policies.kyverno.io/v1", None, "spec.webhookConfiguration.timeoutSeconds", "spec.failurePolicy"),
    ],
)
def test_fields_are_where_that_version_has_them(
    api_version: str, kyverno: tuple[int, int] | None, timeout: str, failure: str
) -> None:
    kind = "ClusterPolicy" if api_version.startswith("kyverno.io") else "ValidatingPolicy"
    (found,) = AdmissionPolicy.of(document(f"apiVersion: {api_version}\nkind: {kind}\nspec: {{}}\n"))

    assert str(found.webhook_path("timeoutSeconds", kyverno)) == timeout
    assert str(found.webhook_path("failurePolicy", kyverno)) == failure


@pytest.mark.parametrize(
    ("version", "minor"),
    [
        ("1.13", (1, 13)),
        ("v1.9.2", (1, 9)),
        (" 1.15.0-rc.1 ", (1, 15)),
        ("1.13.0+build", (1, 13)),
        ("1", None),
        ("", None),
        ("latest", None),
        ("1.13x", None),
    ],
)
def test_versions(version: str, minor: tuple[int, int] | None) -> None:
    assert minor_of(version) == minor


# Wrong types

COMPLETE: dict[str, Any] = {
    "validationFailureAction": "Audit",
    "validationFailureActionOverrides": [{"action": "Enforce", "namespaces": ["a"]}],
    "webhookTimeoutSeconds": 5,
    "webhookConfiguration": {"timeoutSeconds": 5, "failurePolicy": "Fail", "matchConditions": [{"name": "a"}]},
    "failurePolicy": "Fail",
    "admission": True,
    "emitWarning": True,
    "evaluation": {"admission": {"enabled": True}, "mode": "Kubernetes"},
    "validationActions": ["Audit"],
    "variables": [{"expression": "http.Get(a)"}],
    "mutations": [{"jsonPatch": {"expression": "image.GetMetadata(a)"}}],
    "rules": [
        {
            "name": "a",
            "context": [{"name": "a", "apiCall": {"service": {"url": "https://a.example.com"}}}],
            "validate": {
                "failureAction": "Enforce",
                "failureActionOverrides": [{"action": "Audit", "namespaces": ["b"]}],
                "foreach": [{"context": [{"name": "b", "imageRegistry": {"reference": "a"}}], "foreach": [{}]}],
                "manifests": {"repository": "r", "attestors": [{"entries": [{"repository": "r"}]}]},
            },
            "mutate": {"targets": [], "foreach": [{"context": []}]},
            "generate": {"kind": "a"},
            "verifyImages": [
                {
                    "imageReferences": ["a/*"],
                    "image": "b/*",
                    "failureAction": "Audit",
                    "mutateDigest": True,
                    "attestors": [
                        {
                            "count": 1,
                            "entries": [
                                {"keys": {"publicKeys": "a", "secret": {"name": "a"}}},
                                {"keyless": {"issuer": "a", "roots": "b"}},
                                {"certificates": {"cert": "a"}},
                                {"attestor": {"entries": []}},
                            ],
                        }
                    ],
                    "attestations": [{"type": "a", "attestors": []}],
                }
            ],
        }
    ],
}
KINDS = [
    ("kyverno.io/v1", "ClusterPolicy"),
    ("kyverno.io/v2beta1", "Policy"),
    ("policies.kyverno.io/v1", "ImageValidatingPolicy"),
    ("policies.kyverno.io/v1beta1", "NamespacedMutatingPolicy"),
]
GARBAGE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text("aA0é:#\n")
    | st.sampled_from(["Audit", "Ignore"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "context", "entries"]), inner),
    max_leaves=5,
)


def places(data: Any) -> list[tuple[str | int, ...]]:
    found: list[tuple[str | int, ...]] = [()]
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in items:
        found += [(step, *rest) for rest in places(value)]
    return found


def replaced(data: Any, place: tuple[str | int, ...], value: Any) -> Any:
    if not place:
        return value
    step, rest = place[0], place[1:]
    if isinstance(data, dict):
        return {**data, step: replaced(data.get(str(step)), rest, value)}
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return [*data[:step], replaced(data[step], rest, value), *data[step + 1 :]]
    return data


@given(
    st.sampled_from(KINDS),
    st.lists(st.tuples(st.sampled_from(places(COMPLETE)), GARBAGE), min_size=1, max_size=4),
)
def test_no_data_makes_a_view_raise(kind: tuple[str, str], mutations: list[tuple[tuple[str | int, ...], Any]]) -> None:
    spec: Any = COMPLETE
    for place, value in mutations:
        spec = replaced(spec, place, value)
    text = json.dumps({"apiVersion": kind[0], "kind": kind[1], "spec": spec})

    (found,) = AdmissionPolicy.of(document(text))

    assert found.kind == kind[1]
    assert all(problem.path[0] == "spec" for problem in found.shape_problems)
    assert len({problem.path for problem in found.shape_problems}) == len(found.shape_problems)


def test_the_complete_policy_is_well_formed() -> None:
    for api_version, kind in KINDS:
        text = json.dumps({"apiVersion": api_version, "kind": kind, "spec": COMPLETE})
        (found,) = AdmissionPolicy.of(document(text))
        assert found.shape_problems == ()


def test_wrong_types_are_shape_problems_with_their_place() -> None:
    found = policy("""\
        admission: "yes"
        rules:
        - verifyImages: {imageReferences: []}
        - verifyImages:
          - mutateDigest: "true"
            imageReferences: registry.example.com/*
          - []
        """)

    assert [problem.message for problem in found.shape_problems] == [
        "spec.admission takes true or false, but is a string",
        "spec.rules[0].verifyImages takes a list, but is a mapping",
        "spec.rules[1].verifyImages[1] takes a mapping, but is a list",
        "spec.rules[1].verifyImages[0].mutateDigest takes true or false, but is a string",
        "spec.rules[1].verifyImages[0].imageReferences takes a list, but is a string",
    ]
    assert found.rules[1].verify_images[0].mutate_digest == Field(
        None, at("spec.rules[1].verifyImages[0].mutateDigest"), explicit=True
    )
