"""`TrustRoot` (sigstore/policy-controller pkg/apis/policy/v1alpha1/trustroot_validation.go).

Of the parts of `sigstoreKeys` the webhook goes by the last one it looks at: certificate authorities, then timestamp
authorities, CT logs and transparency logs each overwrite what was found before (`errors =` in the loops of
`SigstoreKeys.Validate`). What it so overlooks is a warning here. Whether a serialized TUF repository is up to date and
signed is not judged, since that depends on the day.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from policylint.admission.sigstore import urls
from policylint.admission.sigstore.blobs import archive_fault, decoded, root_fault
from policylint.admission.sigstore.fields import SPEC, filled_in, one_of, spec_of, stands_in, text
from policylint.admission.stored import Stored
from policylint.model import Problem, YamlPath
from policylint.views.shape import Shape

_SOURCES = ("repository", "remote", "sigstoreKeys")
_REFUSES = "policy-controller refuses this trust root"
_OVERLOOKED = "policy-controller overlooks it, since another part of sigstoreKeys comes later, and it does not work"

Object = Mapping[str, Any]


class _Blob(NamedTuple):
    """A field whose base64 is of something; `fault` says why a text is not that, or nothing."""

    name: str
    what: str
    instead: str
    fault: Callable[[str], str]


_ROOT = _Blob("root", "a signed root.json", "Give the base64 of the TUF repository's root.json.", root_fault)
_MIRROR = _Blob("mirrorFS", "a tar.gz", "Give the base64 of the repository's tar.gz.", archive_fault)


def problems(stored: Stored) -> Iterator[Problem]:
    """Why the trust root is refused, or is accepted and cannot be used."""
    shape = Shape()
    spec = spec_of(shape, stored.data)
    given = [name for name in _SOURCES if spec.get(name) is not None]
    problem = one_of(SPEC, spec, _SOURCES, given)
    if problem is not None:
        yield problem._replace(message=problem.message.replace("this policy", "this trust root"))
        return
    here, part = SPEC / given[0], shape.mapping(spec[given[0]], SPEC / given[0])
    if given[0] == "repository":
        yield from _blob(shape, part, here, _ROOT)
        yield from _blob(shape, part, here, _MIRROR)
    elif given[0] == "remote":
        yield from _blob(shape, part, here, _ROOT)
        yield from _url(shape, part, here, "mirror")
    elif given[0] == "sigstoreKeys":
        yield from _keys(shape, part, here)


def _refused(path: YamlPath, reason: str, help: str = "") -> Problem:  # noqa: A002
    return Problem(path, f"{reason}: {_REFUSES}", help)


def _blob(shape: Shape, part: Object, path: YamlPath, blob: _Blob) -> Iterator[Problem]:
    value = text(shape, part, path, blob.name)
    if not value:
        yield _refused(path / blob.name, f"there is no {blob.name}", blob.instead)
    elif not stands_in(value) and (reason := blob.fault(value)):
        yield _refused(path / blob.name, f"{blob.name} is not the base64 of {blob.what}, {reason}")


def _url(shape: Shape, part: Object, path: YamlPath, name: str) -> Iterator[Problem]:
    url = text(shape, part, path, name)
    if not url:
        yield _refused(path / name, f"there is no {name}")
    elif not filled_in(url) and (reason := urls.fault(url)):
        yield _refused(path / name, f"{url!r} is no URL, {reason}")


def _keys(shape: Shape, keys: Object, path: YamlPath) -> Iterator[Problem]:
    found: list[tuple[YamlPath, list[Problem]]] = []
    authorities = shape.mappings(keys.get("certificateAuthorities"), path / "certificateAuthorities")
    stamping = shape.mappings(keys.get("timestampAuthorities"), path / "timestampAuthorities")
    if not authorities and not stamping:
        reason = "neither certificateAuthorities nor timestampAuthorities are given"
        found.append((path, [_refused(path / "certificateAuthorities", reason, "Give at least one of them.")]))
    found += [(here, list(_authority(shape, each, here))) for here, each in authorities]
    found += [(here, list(_stamping(shape, each, here))) for here, each in stamping]
    for name in ("ctLogs", "tLogs"):
        logs = shape.mappings(keys.get(name), path / name)
        found += [(here, list(_log(shape, each, here))) for here, each in logs]
    for _, listed in found[:-1]:
        for each in listed:
            reason = each.message.removesuffix(f": {_REFUSES}")
            yield each._replace(message=f"{reason}: {_OVERLOOKED}", severity="warning")
    yield from found[-1][1]


def _authority(shape: Shape, authority: Object, path: YamlPath) -> Iterator[Problem]:
    subject = shape.mapping(authority.get("subject"), path / "subject")
    for name in ("organization", "commonName"):
        if not text(shape, subject, path / "subject", name):
            yield _refused(path / "subject" / name, f"the subject of this authority has no {name}")
    yield from _url(shape, authority, path, "uri")
    yield from _bytes(shape, authority, path, "certChain")


def _stamping(shape: Shape, authority: Object, path: YamlPath) -> Iterator[Problem]:
    yield from _authority(shape, authority, path)
    chain = text(shape, authority, path, "certChain")
    content = decoded(chain)
    if not chain or stands_in(chain) or content is None:
        return
    from policylint.views.certificates import certificates

    try:
        leaves = sum(not each.is_ca for each in certificates(content.decode("utf-8", "replace")))
    except ValueError as error:
        yield _refused(path / "certChain", f"certChain is no chain of certificates, {error}")
        return
    if leaves > 1:
        yield _refused(
            path / "certChain", f"certChain has {leaves} certificates of signers, and one at most is allowed"
        )


def _log(shape: Shape, log: Object, path: YamlPath) -> Iterator[Problem]:
    yield from _url(shape, log, path, "baseURL")
    if not text(shape, log, path, "hashAlgorithm"):
        yield _refused(path / "hashAlgorithm", "this log has no hashAlgorithm", "Most logs have sha-256.")
    yield from _bytes(shape, log, path, "publicKey")


def _bytes(shape: Shape, part: Object, path: YamlPath, name: str) -> Iterator[Problem]:
    value = text(shape, part, path, name)
    if not value:
        yield _refused(path / name, f"there is no {name}")
    elif not stands_in(value) and decoded(value) is None:
        yield _refused(path / name, f"{name} is not base64", f"Give the base64 of the PEM text: base64 -w0 {name}.pem.")
