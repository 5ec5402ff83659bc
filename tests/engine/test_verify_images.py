"""Rules that verify images, with declared signatures."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.engine.attestors import Attestors, Refused
from policylint.engine.backends import Backends
from policylint.engine.declared_images import declared_images
from policylint.engine.engine import evaluate
from policylint.engine.errors import EvaluationError
from policylint.engine.policy import Policy
from policylint.engine.request import Request
from policylint.engine.response import PolicyResponse
from policylint.engine.verify_images import ANNOTATION, NOT_CHECKED
from policylint.model import ROOT

DIGEST = f"sha256:{'a' * 64}"
KEY = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"
OTHER_KEY = KEY.replace("AAAA", "BBBB")
SIGNER = {"keys": {"publicKeys": KEY}}
KEYLESS = {"keyless": {"issuer": "https://issuer.example", "subject": "https://git.example/org/app/release"}}


def pod(image: str = "registry.example/app:1", **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "x", "namespace": "n", **metadata},
        "spec": {"containers": [{"name": "a", "image": image}]},
    }


def verified(entry: dict[str, Any], images: Any = (), resource: Any = None, **request: Any) -> PolicyResponse:
    match = {"any": [{"resources": {"kinds": ["Pod"]}}]}
    rules = [{"name": "r", "match": match, "verifyImages": [{"imageReferences": ["*"], **entry}]}]
    policy = Policy.of(
        {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"}, "spec": {"rules": rules}}
    )
    backends = Backends(declared_images=declared_images(list(images)))
    return evaluate(policy, Request(pod() if resource is None else resource, **request), backends=backends)


def statuses(response: PolicyResponse) -> list[str]:
    return [rule.status for rule in response.rules]


def declared(*signers: Any, **fields: Any) -> list[dict[str, Any]]:
    return [{"image": "registry.example/app:1", "digest": DIGEST, "signedBy": list(signers), **fields}]


def asked(*entries: Any, **fields: Any) -> dict[str, Any]:
    return {"attestors": [{"entries": list(entries), **fields}]}


def test_a_signed_image_passes_and_gets_its_digest() -> None:
    response = verified(asked(SIGNER), declared(SIGNER))
    assert [(rule.status, rule.message) for rule in response.rules] == [
        ("pass", f"verified image signatures for registry.example/app:1 ({NOT_CHECKED})"),
        ("pass", f"image verified ({NOT_CHECKED})"),
    ]
    assert response.patched["spec"]["containers"][0]["image"] == f"registry.example/app:1@{DIGEST}"
    annotation = response.patched["metadata"]["annotations"][ANNOTATION]
    assert json.loads(annotation) == {f"registry.example/app@{DIGEST}": "pass"}


def test_an_unsigned_image_fails() -> None:
    response = verified(asked(SIGNER), declared())
    assert statuses(response) == ["fail", "fail"]
    assert response.rules[0].message == (
        "failed to verify image registry.example/app:1: 0 of 1 required attestors signed:"
        " spec.rules[0].verifyImages[0].attestors[0].entries[0].keys: no declared signature is by this attestor"
        f" ({NOT_CHECKED})"
    )
    assert str(response.rules[0].policy_path) == "spec.rules[0].verifyImages[0].attestors[0]"
    assert str(response.rules[0].resource_path) == "spec.containers[0].image"
    assert response.rules[1].message == f"missing digest for registry.example/app:1 ({NOT_CHECKED})"


def test_without_a_declaration_nothing_passes_or_fails() -> None:
    response = verified(asked(SIGNER))
    assert statuses(response) == ["error", "error"]
    assert {rule.unsupported for rule in response.rules} == {
        "image verification needs a registry: nothing is declared about the signatures of registry.example/app:1"
    }


def test_a_digest_that_is_not_declared_is_not_made_up() -> None:
    response = verified(asked(SIGNER), declared(SIGNER, digest=""))
    assert statuses(response) == ["error", "error"]
    assert response.rules[0].unsupported.endswith("nothing is declared about the digest of registry.example/app:1")
    plain = {"mutateDigest": False, "verifyDigest": False}
    assert statuses(verified({**asked(SIGNER), **plain}, declared(SIGNER, digest=""))) == ["pass", "pass"]


def test_images_that_no_entry_is_for() -> None:
    response = verified({"imageReferences": ["ghcr.io/*"], **asked(SIGNER)})
    assert response.rules == ()
    assert response.unmatched[0].reason == (
        "no image of the object matches imageReferences (it has registry.example/app:1)"
    )


def test_references_are_matched_in_full() -> None:
    entry = {"imageReferences": ["docker.io/nginx:*"], **asked(SIGNER)}
    images = [{"image": "nginx", "digest": DIGEST, "signedBy": [SIGNER]}]
    # with its digest, the image has no tag any more for the second phase to match
    assert statuses(verified(entry, images, pod("nginx"))) == ["pass"]
    assert statuses(verified({**entry, "imageReferences": ["docker.io/nginx*"]}, images, pod("nginx"))) == [
        "pass",
        "pass",
    ]
    assert statuses(verified({**entry, "imageReferences": ["nginx*"]}, images, pod("nginx"))) == []


def test_skipped_references() -> None:
    entry = {**asked(SIGNER), "skipImageReferences": ["registry.example/*"], "verifyDigest": False}
    response = verified(entry)
    assert statuses(response) == ["skip", "skip"]
    assert response.rules[1].message == f"image skipped, skipped images: registry.example/app:1 ({NOT_CHECKED})"


@pytest.mark.parametrize(
    ("image", "status", "message"),
    [
        ("nginx:1", "fail", "missing digest for docker.io/nginx:1"),
        (f"nginx@{DIGEST}", "pass", "image verified"),
    ],
)
def test_digests_are_checked_offline(image: str, status: str, message: str) -> None:
    entry = {"mutateDigest": False, "required": False}
    (rule,) = verified(entry, resource=pod(image)).rules
    assert (rule.status, rule.message) == (status, f"{message} ({NOT_CHECKED})")


@pytest.mark.parametrize(
    ("annotations", "status", "message"),
    [
        ({}, "fail", "unverified image registry.example/app:1"),
        ({"other": "x"}, "fail", "image is not verified"),
        ({ANNOTATION: '{"registry.example/app:1":"pass"}'}, "pass", "image verified"),
        ({ANNOTATION: '{"registry.example/app:1":"fail"}'}, "fail", "unverified image registry.example/app:1"),
        ({ANNOTATION: "{"}, "fail", "image is not verified"),
    ],
)
def test_required_without_attestors(annotations: dict[str, str], status: str, message: str) -> None:
    entry = {"mutateDigest": False, "verifyDigest": False}
    (rule,) = verified(entry, resource=pod(annotations=annotations)).rules
    assert (rule.status, rule.message) == (status, f"{message} ({NOT_CHECKED})")


def test_digest_without_attestors() -> None:
    response = verified({"required": False}, declared())
    assert [rule.message for rule in response.rules] == [
        f"mutated image digest ({NOT_CHECKED})",
        f"image verified ({NOT_CHECKED})",
    ]
    assert "annotations" not in response.patched["metadata"]


@pytest.mark.parametrize(
    ("attestors", "signers", "passes"),
    [
        ([{"entries": [SIGNER, KEYLESS]}], [SIGNER, KEYLESS], True),
        ([{"entries": [SIGNER, KEYLESS]}], [SIGNER], False),
        ([{"count": 1, "entries": [SIGNER, KEYLESS]}], [KEYLESS], True),
        ([{"count": 1.0, "entries": [SIGNER, KEYLESS]}], [KEYLESS], True),
        ([{"entries": [SIGNER]}, {"entries": [KEYLESS]}], [SIGNER], False),
        ([{"entries": [SIGNER]}, {"entries": [KEYLESS]}], [KEYLESS, SIGNER], True),
        ([{"entries": [{"keys": {"publicKeys": f"{KEY}\n{OTHER_KEY}"}}]}], [SIGNER], False),
        ([{"count": 1, "entries": [{"keys": {"publicKeys": f"{KEY}\n{OTHER_KEY}"}}]}], [SIGNER], True),
        ([{"entries": [{"attestor": {"count": 1, "entries": [SIGNER, KEYLESS]}}]}], [KEYLESS], True),
        ([{"entries": [{"attestor": {"entries": [SIGNER, KEYLESS]}}]}], [KEYLESS], False),
        ([{"entries": [{"keyless": {"issuer": "https://issuer.example", "subject": "*/org/*"}}]}], [KEYLESS], True),
        ([{"entries": [{"keyless": {"issuer": "https://other.example", "subject": "*"}}]}], [KEYLESS], False),
        ([{"entries": [{"keyless": {"subjectRegExp": "^https://git[.]example/.*/release$"}}]}], [KEYLESS], True),
        ([{"entries": [{"keyless": {"subjectRegExp": "^git"}}]}], [KEYLESS], False),
        ([{"entries": [{**SIGNER, "annotations": {"env": "prod"}}]}], [SIGNER], False),
        (
            [{"entries": [{**SIGNER, "annotations": {"env": "prod"}}]}],
            [{**SIGNER, "annotations": {"env": "prod", "x": "y"}}],
            True,
        ),
        ([{"entries": [{"keys": {"kms": "kms://a", "rekor": {"url": "u"}}}]}], [{"keys": {"kms": "kms://a"}}], True),
        ([{"entries": [{"certificates": {"cert": "C"}}]}], [{"certificates": {"cert": "C"}}], True),
        ([{"entries": [{"certificates": {"cert": "C"}}]}], [SIGNER], False),
        ([{"entries": [{}]}], [SIGNER], True),
        ([{"entries": [{}]}], [], False),
    ],
)
def test_attestors(attestors: Any, signers: Any, passes: bool) -> None:
    try:
        Attestors(signers).verify(attestors, ROOT)
    except Refused:
        assert not passes
    else:
        assert passes


@given(st.integers(0, 5), st.sets(st.integers(0, 4)))
def test_count_is_how_many_have_to_sign(count: int, signed: set[int]) -> None:
    entries = [{"keys": {"kms": f"k{index}"}} for index in range(5)]
    try:
        Attestors(entries[index] for index in signed).verify([{"count": count, "entries": entries}], ROOT)
    except Refused:
        assert len(signed) < (count or 5)
    else:
        assert len(signed) >= (count or 5)


PREDICATE = {"type": "https://slsa.dev/provenance/v1", "predicate": {"builder": {"id": "ci"}}, "signedBy": [SIGNER]}


@pytest.mark.parametrize(
    ("wanted", "status", "message"),
    [
        ({}, "pass", "verified image attestations for registry.example/app:1"),
        ({"attestors": [{"entries": [SIGNER]}]}, "pass", "verified image attestations"),
        ({"attestors": [{"entries": [KEYLESS]}]}, "fail", "0 of 1 required attestors signed"),
        ({"type": "https://cyclonedx.org/bom"}, "fail", "no attestation of type https://cyclonedx.org/bom is declared"),
        ({"type": "", "predicateType": PREDICATE["type"]}, "pass", "verified image attestations"),
        (
            {"conditions": [{"all": [{"key": "{{builder.id}}", "operator": "Equals", "value": "ci"}]}]},
            "pass",
            "verified image attestations",
        ),
        (
            {
                "conditions": [
                    {"all": [{"key": "{{builder.id}}", "operator": "Equals", "value": "me", "message": "no"}]}
                ]
            },
            "fail",
            "the conditions on its attestation are not met: no",
        ),
        (
            {
                "conditions": [
                    {"all": [{"key": "{{image.registry}}", "operator": "Equals", "value": "registry.example"}]}
                ]
            },
            "pass",
            "verified image attestations",
        ),
        (
            {"conditions": [{"all": [{"key": "{{builder.who}}", "operator": "Equals", "value": "ci"}]}]},
            "error",
            "failed to verify image registry.example/app:1",
        ),
    ],
)
def test_attestations(wanted: dict[str, Any], status: str, message: str) -> None:
    entry = {"attestations": [{"type": PREDICATE["type"], **wanted}]}
    rule = verified(entry, declared(attestations=[PREDICATE])).rules[0]
    assert rule.status == status
    assert message in rule.message


def test_old_fields() -> None:
    entry = {"image": "registry.example/*", "key": KEY, "imageReferences": []}
    assert statuses(verified(entry, declared(SIGNER))) == ["pass", "pass"]
    assert statuses(verified({**entry, "key": OTHER_KEY}, declared(SIGNER))) == ["fail", "fail"]


def test_updates_that_leave_the_image_are_not_verified_again() -> None:
    annotations = {ANNOTATION: '{"registry.example/app:1":"pass"}'}
    old = pod(annotations=annotations)
    entry = {**asked(SIGNER), "verifyDigest": False, "mutateDigest": False}
    response = verified(entry, declared(), pod(annotations=annotations), old_resource=old, operation="UPDATE")
    assert statuses(response) == ["pass"]


def test_deletions_are_left_alone() -> None:
    response = verified(asked(SIGNER), resource={}, old_resource=pod(), operation="DELETE")
    assert response.rules == ()


def test_declared_by_digest_and_by_tag() -> None:
    found = declared_images(declared(SIGNER))
    assert sorted(found) == ["registry.example/app:1", f"registry.example/app@{DIGEST}"]
    by_digest = declared_images([{"image": f"registry.example/app@{DIGEST}"}])
    assert by_digest[f"registry.example/app@{DIGEST}"].digest == DIGEST


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ([{"image": "A:B:C"}], "[0].image"),
        ([{"image": "a", "signedBy": [{"key": "x"}]}], "[0].signedBy[0]"),
        ([{"image": "a", "signedBy": {}}], "[0].signedBy"),
        ([{"image": "a", "attestations": [{"type": 1}]}], "[0].attestations[0].type"),
    ],
)
def test_wrong_declarations(data: Any, path: str) -> None:
    with pytest.raises(EvaluationError) as error:
        declared_images(data)
    assert str(error.value.path) == path


@pytest.mark.parametrize(
    "entry",
    [
        {"attestors": {"entries": []}},
        {"attestors": [{"entries": "x"}]},
        {"attestors": [{"entries": [SIGNER], "count": "one"}]},
        {"attestations": "x"},
        {"attestations": [{"type": "t", "attestors": "x"}]},
        {"imageReferences": "x"},
    ],
)
def test_wrong_types_in_the_policy_are_errors(entry: dict[str, Any]) -> None:
    assert verified(entry, declared(SIGNER, attestations=[{"type": "t"}])).rules[0].status == "error"
