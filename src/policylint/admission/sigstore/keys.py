"""A key reference: `key` of an authority, and `ca-cert` of a keyless one, which the webhook checks in the same way.

Source: sigstore/policy-controller pkg/apis/policy/v1beta1/clusterimagepolicy_validation.go `KeyRef.Validate`,
pkg/apis/signaturealgo/signature_digest.go.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from policylint.admission.sigstore import kms
from policylint.admission.sigstore.fields import filled_in, one_of, refused, stands_in, text
from policylint.model import Problem, YamlPath
from policylint.views.pem import Pem, classify
from policylint.views.shape import Shape

HASHES = ("sha224", "sha256", "sha384", "sha512")
DEFAULT_NAMESPACE = "cosign-system"
# what rules of their own report (SIG140, SIG141)
APART = ("private-key", "prose")


def problems(shape: Shape, key: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    """Why the key reference at `path` is refused."""
    data, uri, algorithm = (text(shape, key, path, name) for name in ("data", "kms", "hashAlgorithm"))
    given = [name for name, value in (("data", data), ("kms", uri), ("secretRef", key.get("secretRef"))) if value]
    if key.get("secretRef") is not None and "secretRef" not in given:
        given.append("secretRef")
    problem = one_of(path, key, ("data", "kms", "secretRef"), given)
    if problem is not None:
        yield problem
    if algorithm and algorithm.strip().lower() not in (*HASHES, "") and not filled_in(algorithm):
        listed = ", ".join(HASHES)
        yield refused(path / "hashAlgorithm", f"{algorithm!r} is not one of {listed}", f"Use one of {listed}.")
    if data and not stands_in(data):
        yield from _data(classify(data), path / "data")
    reason = "" if not uri or filled_in(uri) else kms.refusal(uri)
    if reason:
        example = kms.EXAMPLES.get(kms.provider_of(uri), " or ".join(kms.EXAMPLES.values()))
        yield refused(path / "kms", f"{uri} names no key, {reason}", f"Write {example}.")
    secret = shape.mapping(key.get("secretRef"), path / "secretRef")
    namespace = text(shape, secret, path / "secretRef", "namespace")
    if namespace and namespace != DEFAULT_NAMESPACE and not filled_in(namespace):
        yield Problem(
            path / "secretRef" / "namespace",
            f"the secret is looked for in the controller's own namespace, {DEFAULT_NAMESPACE} by default:"
            f" policy-controller refuses the namespace {namespace} unless it runs there",
            "Leave the namespace out, and keep the secret where the controller runs.",
            severity="warning",
        )


def _data(pem: Pem, path: YamlPath) -> Iterator[Problem]:
    if pem.kind == "public-key" or pem.kind in APART:
        return
    if pem.kind == "certificate":
        reason = "the data is a certificate, and only a public key is read"
    elif pem.kind == "other":
        reason = f"the data is a {pem.label}, and only a PUBLIC KEY is read"
    else:
        reason = f"the data is no public key, {pem.reason}"
    yield refused(path, reason, "Put the public key here, as `cosign public-key` prints it.")
