"""A value that cannot be read is one defect: what other checks make of its absence is not said."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from policylint.config import Config
from policylint.lint.check import CheckRequest, check
from policylint.lint.session import RunSpec

Write = Callable[[Mapping[str, str]], Path]

POLICY = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: tested}
spec:
  rules:
  - name: one
    match: {any: [{resources: {kinds: [Pod]}}]}
    %s
"""
VERIFY = "verifyImages: [{failureAction: Enforce, imageReferences: ['r.example.com/*'], attestors: %s}]"
KEYLESS = (
    "[{entries: [{keyless: {issuer: 'https://i.example.com', rekor: {url: 'https://r.example.com'}, subject: %s}}]}]"
)
TRUSTED = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: tested}
spec:
  images: %s
  authorities: %s
"""
WEBHOOK = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: tested}
webhooks:
- name: a.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  timeoutSeconds: 5
  clientConfig: %s
  rules: [%s]
"""
RULE = "{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods]}"
ADMISSION = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: tested}
spec: %s
"""
TEMPLATE = """\
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata: {name: tested}
spec: {crd: {spec: {names: {kind: Tested}}}, targets: [%s]}
"""


def found(write: Write, text: str, *select: str) -> list[tuple[str, str]]:
    write({"a.yaml": text})
    result = check(CheckRequest(("a.yaml",), RunSpec(Config(), date(2030, 1, 1), select=select)))
    assert result.report.errors == ()
    return [(finding.rule, finding.yaml_path) for finding in result.report.findings if finding.severity == "error"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("validate: much", "validate"),
        ("generate: {cloneList: v1/Secret, namespace: a}", "generate.cloneList"),
        ("verifyImages: [7]", "verifyImages[0]"),
        (VERIFY % "{}", "verifyImages[0].attestors"),
        (VERIFY % "[x]", "verifyImages[0].attestors[0]"),
        (VERIFY % (KEYLESS % "[a]"), "verifyImages[0].attestors[0].entries[0].keyless.subject"),
        ("validate: {message: m, deny: {conditions: {any: [x]}}}", ""),
    ],
)
def test_what_the_schema_refuses_is_said_once(write: Write, body: str, path: str) -> None:
    places = found(write, POLICY % body)

    if path:
        assert places == [("KYV101", f"spec.rules[0].{path}")]
    else:  # conditions are of any type to the schema
        assert {rule for rule, _ in places} == {"KYV121"}


def test_a_match_that_cannot_be_read_is_said_once(write: Write) -> None:
    text = POLICY % "exclude: {any: [{resources: {kinds: [Pod]}}]}\n    validate: {pattern: {a: b}}"

    places = found(write, text.replace("[{resources: {kinds: [Pod]}}]", "everything", 1))

    assert places == [("KYV101", "spec.rules[0].match.any")]


def test_other_defects_beside_it_are_still_said(write: Write) -> None:
    text = (
        POLICY % (VERIFY % "{}") + "  - name: two\n    match: {any: [{resources: {}}]}\n    validate: {pattern: {}}\n"
    )

    places = found(write, text)

    assert places == [
        ("KYV101", "spec.rules[0].verifyImages[0].attestors"),
        ("KYV112", "spec.rules[1].match.any[0].resources"),
    ]


def test_without_the_rule_about_the_schema_others_speak(write: Write) -> None:
    assert found(write, POLICY % (VERIFY % "[x]"), "KYV119") == [
        ("KYV119", "spec.rules[0].verifyImages[0].attestors[0].entries")
    ]


@pytest.mark.parametrize(
    ("images", "authorities", "path"),
    [
        ("ghcr.io/**", "[{static: {action: pass}}]", "spec.images"),
        ("[{glob: 'ghcr.io/a/**'}]", "[7]", "spec.authorities[0]"),
        ("[{glob: 'ghcr.io/a/**'}]", "[{key: {kms: []}}]", "spec.authorities[0].key.kms"),
        ("[{glob: 'ghcr.io/a/**'}]", "[{keyless: {identities: [x]}}]", "spec.authorities[0].keyless.identities[0]"),
    ],
)
def test_what_the_schema_of_sigstore_refuses_is_said_once(
    write: Write, images: str, authorities: str, path: str
) -> None:
    assert found(write, TRUSTED % (images, authorities)) == [("SIG101", path)]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (WEBHOOK % ("{url: 'https://a.example.com'}", "x"), "webhooks[0].rules[0]"),
        (
            WEBHOOK % ("{url: 'https://a.example.com'}", RULE.replace("[pods]", "pods")),
            "webhooks[0].rules[0].resources",
        ),
        (WEBHOOK % ("{url: 'https://a.example.com'}", RULE.replace("pods", "7")), "webhooks[0].rules[0].resources[0]"),
        (WEBHOOK % ("here", RULE), "webhooks[0].clientConfig"),
        (ADMISSION % "everything", "spec"),
        (
            ADMISSION % "{matchConstraints: {resourceRules: [x]}, validations: [{expression: 'true'}]}",
            "spec.matchConstraints.resourceRules[0]",
        ),
        (
            ADMISSION % f"{{matchConstraints: {{resourceRules: [{RULE}]}}, validations: [{{expression: [a]}}]}}",
            "spec.validations[0].expression",
        ),
        (TEMPLATE % "x", "spec.targets[0]"),
        (TEMPLATE % "{target: admission.k8s.gatekeeper.sh, rego: [package]}", "spec.targets[0].rego"),
    ],
)
def test_a_wrong_type_where_no_schema_is_held_against_is_said_once(write: Write, text: str, path: str) -> None:
    assert found(write, text) == [("PRJ006", path)]
