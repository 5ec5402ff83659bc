"""ClusterImagePolicy: structure, defaults of the policy-controller, and inputs of wrong types."""

from textwrap import dedent

import pytest

from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.model import YamlPath
from policylint.views.sigstore import (
    PUBLIC_FULCIO,
    Attestation,
    ClusterImagePolicy,
    Identity,
    Image,
    KeyRef,
    MatchResource,
)

HEADER = "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: signed}\n"


def view(text: str, header: str = HEADER) -> ClusterImagePolicy | None:
    source = Source("policy.yaml", header + dedent(text))
    (composed,) = compose(source.text)
    assert isinstance(composed, ComposedDocument)
    document = Document(source, composed.node, composed.base, 0, KUBERNETES, "kubernetes")
    return next(ClusterImagePolicy.of(document), None)


def policy(text: str) -> ClusterImagePolicy:
    found = view(text)
    assert found is not None
    return found


def at(text: str) -> YamlPath:
    return YamlPath.parse(text)


def test_every_field_has_its_place() -> None:
    found = policy("""\
        spec:
          mode: warn
          images:
          - glob: registry.example.com/**
          authorities:
          - name: release
            key:
              kms: gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k
            ctlog: {url: "https://rekor.example.com"}
            attestations:
            - {name: provenance, predicateType: slsaprovenance, policy: {type: cue, data: "x: 1"}}
          - static: {action: pass}
          match:
          - {version: v1, resource: pods, selector: {matchLabels: {a: b}}}
          policy: {type: rego, data: ""}
        """)

    assert found.mode == "warn"
    assert found.images == (Image(at("spec.images[0]"), "registry.example.com/**"),)
    release, static = found.authorities
    assert release.name == "release"
    assert release.key == KeyRef(
        at("spec.authorities[0].key"), "", "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k", ""
    )
    assert (release.keyless, release.static, release.ctlog_url) == (None, None, "https://rekor.example.com")
    assert release.attestations == (
        Attestation(at("spec.authorities[0].attestations[0]"), "provenance", "slsaprovenance", has_policy=True),
    )
    assert (static.name, static.static) == ("authority-1", "pass")
    assert found.match == (MatchResource(at("spec.match[0]"), "", "v1", "pods", has_selector=True),)
    assert found.has_policy


def test_what_is_omitted_is_defaulted() -> None:
    found = policy("""\
        spec:
          images: [{glob: "**"}]
          authorities:
          - keyless:
              identities:
              - {issuer: "https://accounts.example.com", subjectRegExp: ".*@example.com"}
        """)

    assert found.mode == "enforce"
    (authority,) = found.authorities
    assert authority.name == "authority-0"
    assert authority.keyless is not None
    assert authority.keyless.url == PUBLIC_FULCIO
    assert authority.keyless.identities == (
        Identity(
            at("spec.authorities[0].keyless.identities[0]"), "https://accounts.example.com", "", "", ".*@example.com"
        ),
    )


@pytest.mark.parametrize(
    ("authority", "url"),
    [
        ("{keyless: {}}", PUBLIC_FULCIO),
        ('{keyless: {url: "https://fulcio.example.com"}}', "https://fulcio.example.com"),
        ("{keyless: {ca-cert: {data: pem}}}", ""),
        ("{keyless: {}, key: {data: pem}}", ""),
        ("{keyless: {}, static: {action: fail}}", ""),
    ],
)
def test_fulcio_is_the_default_only_where_nothing_else_serves(authority: str, url: str) -> None:
    found = policy(f"spec: {{authorities: [{authority}]}}\n")

    assert found.authorities[0].keyless is not None
    assert found.authorities[0].keyless.url == url


@pytest.mark.parametrize(
    "header",
    [
        "apiVersion: config.openshift.io/v1\nkind: ClusterImagePolicy\n",
        "apiVersion: policy.sigstore.dev/v1\nkind: ClusterImagePolicy\n",
        "apiVersion: policy.sigstore.dev/v1alpha1\nkind: TrustRoot\n",
    ],
)
def test_other_kinds_have_no_view(header: str) -> None:
    assert view("spec: {}\n", header) is None


def test_values_of_wrong_types_read_as_absent() -> None:
    found = policy("""\
        spec:
          mode: 1
          images: registry.example.com/**
          authorities:
          - key: pem
          - [keyless]
          match: [{resource: [pods]}]
        """)

    assert found.mode == "enforce"
    assert found.images == ()
    assert found.authorities[0].key == KeyRef(at("spec.authorities[0].key"), "", "", "")
    assert found.authorities[1].keyless is None
    assert found.match == (MatchResource(at("spec.match[0]"), "", "", "", has_selector=False),)


def test_a_signature_format_and_an_ignored_log_are_read() -> None:
    found = policy("""\
        spec:
          authorities:
          - signatureFormat: bundle
            keyless: {insecureIgnoreSCT: true}
        """)

    (authority,) = found.authorities
    assert authority.signature_format == "bundle"
    assert authority.keyless is not None
    assert authority.keyless.ignores_sct
