"""What policy-controller refuses: forms of values, objects as a whole, and inputs of any shape."""

import base64
import gzip
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policylint.admission.sigstore import (
    authorities,
    config_maps,
    empty,
    images,
    kms,
    match,
    oci,
    policies,
    regexps,
    trust_root,
    urls,
)
from policylint.admission.sigstore.blobs import archive_fault, decoded, root_fault
from policylint.admission.sigstore.fields import filled_in, stands_in
from policylint.admission.stored import Stored
from policylint.document.compose import ComposedDocument, compose
from policylint.document.document import Document
from policylint.document.scalars import KUBERNETES
from policylint.document.source import Source
from policylint.model import Problem

CHECKS: dict[str, Callable[[Stored], Iterator[Problem]]] = {
    module.__name__.rpartition(".")[2]: module.problems for module in (authorities, images, match, policies, trust_root)
}


def document(data: object) -> Document:
    source = Source("policy.yaml", yaml.safe_dump(data, allow_unicode=True))
    (composed,) = compose(source.text)
    assert isinstance(composed, ComposedDocument)
    return Document(source, composed.node, composed.base, 0, KUBERNETES, "kubernetes")


def refusals(module: str, spec: object) -> list[tuple[str, str, str | None]]:
    """What a check says of an object with `spec`: path, message, severity."""
    data = {"spec": spec}
    return [(str(each.path), each.message, each.severity) for each in CHECKS[module](Stored(document(data), data))]


def paths(module: str, spec: object) -> list[str]:
    return [path for path, _, _ in refusals(module, spec)]


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("awskms:///arn:aws:kms:us-east-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", ""),
        ("awskms://localhost:4566/arn:aws:kms:us-east-2:111122223333:alias/name", ""),
        ("awskms://[::1]:4566/arn:aws-us-gov:kms:us-gov-1:111122223333:alias/name", ""),
        (
            "awskms://localhost/arn:aws:kms:us-east-2:111122223333:alias/name",
            "its endpoint localhost is no host and port",
        ),
        ("awskms:///alias/name", "a key id or an alias is not enough, it takes an ARN of one of them"),
        (
            "awskms:///mrk-1234abcd12ab34cd56ef1234567890ab",
            "a key id or an alias is not enough, it takes an ARN of one of them",
        ),
        ("awskms://arn:aws:kms:us-east-2:1:key/1", "it has not the form awskms://[ENDPOINT]/ARN"),
        ("awskms://x", "it has not the form awskms://[ENDPOINT]/ARN"),
        ("gcpkms://anything", ""),
        ("kms://k", "it begins with none of awskms://, azurekms://, hashivault://, gcpkms://"),
    ],
)
def test_uris_that_admission_takes(uri: str, reason: str) -> None:
    assert kms.refusal(uri) == reason


@pytest.mark.parametrize(
    ("uri", "readable"),
    [
        ("gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k", True),
        ("gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/versions/1", True),
        ("gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/", False),
        ("azurekms://vault.vault.azure.net/key", True),
        ("azurekms://vault.vault.azure.net/key/version/more", False),
        ("hashivault://key/path", True),
        ("hashivault://-key", False),
        ("awskms:///whatever", True),
    ],
)
def test_uris_that_the_controller_can_read(uri: str, readable: bool) -> None:
    assert (kms.unreadable(uri) == "") is readable


def test_a_google_key_without_a_version_is_not_pinned() -> None:
    assert kms.pins_no_version("gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k")
    assert not kms.pins_no_version("gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1")


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("registry.example.com", True),
        ("registry.example.com:5000/team/signatures", True),
        ("gcr.io/google.com/project/hello-world", True),
        ("registry1", True),
        ("registry.example.com/repo/*", False),
        ("registry.example.com/Team", False),
        ("registry.example.com/a", False),
        ("registry.example.com/app:tag", False),
        ("re@gistry/reponame", False),
        ("registry.example.com:port", False),
    ],
)
def test_sources_are_registries_or_repositories(text: str, fits: bool) -> None:
    assert (oci.fault(text) == "") is fits


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://rekor.example.com:443/path?x=%41#f", ""),
        ("rekor.example.com/path", ""),
        ("https://[::1]:443/", ""),
        (":no-scheme", "it has a colon in its first part, and no scheme before it"),
        ("https://host:port/", "its port is no number"),
        ("https://ho st/", "its host holds a character that no host has"),
        ("https://[::1/", "its host has a [ without a ]"),
        ("https://host/%zz", "it has a % that is no escape"),
        ("https://host/\n", "it holds a control character"),
    ],
)
def test_urls_as_go_reads_them(url: str, reason: str) -> None:
    assert urls.fault(url) == reason


@pytest.mark.parametrize(
    ("text", "expected"), [("https://cyclonedx.org/bom", True), ("/path", True), ("openvex", False), ("", False)]
)
def test_request_uris(text: str, expected: bool) -> None:
    assert urls.is_request_uri(text) is expected


def test_regular_expressions_are_those_of_re2() -> None:
    assert regexps.fault(r"^a{1,3}\pL$") == ""
    assert regexps.fault("(?=a)") != ""


@pytest.mark.parametrize(
    ("text", "in_part", "as_a_whole"),
    [
        ("${KEY}", True, True),
        ("registry/${NAME}/app", True, True),
        ("$(KEY)", True, True),
        ("{{ .Values.key }}", True, True),
        ("COSIGN_PUBLIC_KEY\n", False, True),
        ("$KEY", False, False),
        ("key", False, False),
        ("", False, False),
    ],
)
def test_values_that_are_filled_in_later(text: str, in_part: bool, as_a_whole: bool) -> None:
    assert filled_in(text) is in_part
    assert stands_in(text) is as_a_whole


def test_an_authority_is_exactly_one_thing() -> None:
    assert refusals("authorities", {"authorities": [{}]}) == [
        (
            "spec.authorities[0].key",
            "none of key, keyless, static is given, and exactly one must be: policy-controller refuses this policy",
            None,
        )
    ]
    both = {"key": {}, "keyless": {"identities": [{"issuer": "a", "subject": "b"}]}}
    assert paths("authorities", {"authorities": [both]}) == ["spec.authorities[0].key"]


def test_null_is_no_key_and_an_empty_mapping_is_one() -> None:
    assert paths("authorities", {"authorities": [{"key": {}, "keyless": None}]}) == ["spec.authorities[0].key.data"]


def test_missing_identities_come_before_everything_else() -> None:
    assert paths("authorities", {"authorities": [{"key": {}, "keyless": {}}]}) == [
        "spec.authorities[0].keyless.identities",
        "spec.authorities[0].key",
    ]


def test_a_secret_without_a_name_is_still_a_reference() -> None:
    assert paths("authorities", {"authorities": [{"key": {"secretRef": {}}}]}) == []
    assert paths("authorities", {"authorities": [{"key": {"secretRef": {}, "kms": "hashivault://k"}}]}) == [
        "spec.authorities[0].key.kms"
    ]


def test_a_policy_of_an_attestation_has_fewer_fields() -> None:
    policy = {"type": "cue", "data": "x", "includeTypeMeta": False}
    spec = {"authorities": [{"attestations": [{"policy": policy}]}], "policy": policy}

    assert paths("policies", spec) == ["spec.authorities[0].attestations[0].policy.includeTypeMeta"]


LOG = {"baseURL": "https://log.example.com", "hashAlgorithm": "sha-256", "publicKey": "a2V5"}
CA = {"subject": {"organization": "o", "commonName": "c"}, "uri": "https://ca.example.com", "certChain": "a2V5"}


@pytest.mark.parametrize(
    ("keys", "severities"),
    [
        ({}, [None]),
        ({"certificateAuthorities": [CA]}, []),
        ({"certificateAuthorities": [{**CA, "uri": ""}]}, [None]),
        ({"certificateAuthorities": [{**CA, "uri": ""}, CA]}, ["warning"]),
        ({"certificateAuthorities": [{**CA, "uri": ""}], "tLogs": [LOG]}, ["warning"]),
        ({"certificateAuthorities": [CA], "ctLogs": [{}], "tLogs": [LOG]}, ["warning"] * 3),
        ({"certificateAuthorities": [CA], "tLogs": [LOG, {**LOG, "publicKey": "not base64"}]}, [None]),
        ({"tLogs": [LOG]}, ["warning"]),
    ],
)
def test_the_last_part_of_the_keys_decides(keys: object, severities: list[str | None]) -> None:
    assert [severity for _, _, severity in refusals("trust_root", {"sigstoreKeys": keys})] == severities


def archive(**files: bytes) -> str:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as packed:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    return base64.b64encode(gzip.compress(buffer.getvalue())).decode()


def b64(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    ("root", "reason"),
    [
        (b64({"signatures": []}), ""),
        (b64({"signatures": None}), "it has no signatures"),
        (b64([1]), "it decodes to JSON that is not an object"),
        (base64.b64encode(b"{").decode(), "it decodes to something that is not JSON"),
        ("{}", "it is not base64"),
    ],
)
def test_a_root_is_signed_json(root: str, reason: str) -> None:
    assert root_fault(root) == reason


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (archive(root=b"{}"), ""),
        (archive(), "the archive is empty"),
        (base64.b64encode(gzip.compress(b"x" * 2000)).decode(), "it unpacks to something that is not a tar archive"),
        (base64.b64encode(b"plain").decode(), "it decodes to something that is not gzip"),
        ("*", "it is not base64"),
    ],
)
def test_a_repository_is_a_packed_archive(packed: str, reason: str) -> None:
    assert archive_fault(packed) == reason


def test_an_archive_that_claims_to_be_huge_is_not_unpacked() -> None:
    bomb = base64.b64encode(gzip.compress(bytes(80 * 1024 * 1024), 1)).decode()

    assert archive_fault(bomb) == ""


def test_line_breaks_do_not_count_in_base64() -> None:
    assert decoded("a2\r\nV5\n") == b"key"
    assert decoded("a2 V5") is None


def config_map(name: str, /, **data: object) -> Document:
    return document({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), ("T", True), ("0", False), ("False", False), ("yes", None), ("", None)]
)
def test_switches_are_read_as_go_does(value: str, expected: bool | None) -> None:
    assert config_maps.go_bool(value) is expected


def test_what_is_misspelt_in_the_configuration_has_its_nearest_name() -> None:
    (problem,) = config_maps.problems(config_map(config_maps.CONTROLLER, **{"no-match-polcy": "allow"}))

    assert (problem.severity, problem.help) == ("warning", "Did you mean no-match-policy?")


@pytest.mark.parametrize(("value", "allowed"), [("false", True), ("0", True), ("true", False), (False, False)])
def test_the_configuration_may_let_policies_be_empty(value: object, allowed: bool) -> None:
    assert empty.allowed([config_map(config_maps.CONTROLLER, **{empty.KEY: value})]) is allowed
    assert not empty.allowed([config_map("other", **{empty.KEY: value})])


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["awskms://", "${A}", "[", "AA=="])
)
KEYS = st.sampled_from(
    """spec images glob authorities key data kms secretRef namespace keyless identities issuer issuerRegExp
    subjectRegExp ca-cert url static action attestations name predicateType policy type remote configMapRef source oci
    ctlog match signaturePullSecrets resource version selector mode sigstoreKeys certificateAuthorities
    timestampAuthorities certChain subject uri tLogs baseURL repository root mirrorFS""".split()  # noqa: SIM905
)
GARBAGE = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)


@given(GARBAGE)
def test_no_object_breaks_the_checks(spec: Any) -> None:
    for check in CHECKS:
        for path, message, severity in refusals(check, spec):
            assert path.startswith("spec")
            assert message
            assert severity in (None, "warning")


@given(st.dictionaries(st.text(max_size=6) | st.just("no-match-policy"), LEAVES, max_size=4), st.booleans())
def test_no_config_map_breaks_the_checks(data: dict[str, object], controller: bool) -> None:
    name = config_maps.CONTROLLER if controller else config_maps.IMAGE_POLICIES
    for problem in config_maps.problems(config_map(name, **data)):
        assert problem.path[0] == "data"


def test_upstreams_own_manifests_get_upstreams_verdicts(corpora: Path) -> None:
    records = json.loads((corpora / "admission" / "sigstore.json").read_text(encoding="utf-8"))
    command = [sys.executable, "-m", "policylint", "check", "sigstore", "--output-format", "json"]
    run = subprocess.run(command, cwd=corpora / "admission", capture_output=True, text=True, check=False)
    errors: dict[str, set[str]] = {}
    for finding in json.loads(run.stdout)["findings"]:
        if finding["severity"] == "error":
            errors.setdefault(finding["path"], set()).add(finding["yaml_path"])
    wrong = []
    for record in records:
        found = errors.get(record["file"], set())
        if record["condition"] is None and record["expect"] == "accept" and found:
            wrong.append((record["file"], "accepted", found))
        for expected in record["expected_errors"]:
            words = {word.strip(",:") for word in expected.split()}
            if not any(word == path or path.endswith(f".{word}") for word in words for path in found):
                wrong.append((record["file"], expected, found))

    assert wrong == []
