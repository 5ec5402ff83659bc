"""Keyless subjects that name a workflow at GitHub, in policies of every kind that verifies.

A certificate for a workflow has the subject `https://github.com/<owner>/<name>/<path of the workflow>@<ref>`, where a
reusable workflow counts by its own path (sigstore/fulcio docs/oidc.md: `job_workflow_ref`). All three ways to write
one become a regular expression here: exact, with Kyverno's wildcards, or a regular expression to begin with.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from policylint.document.document import Document
from policylint.engine.wildcard import has_wildcard
from policylint.model import ROOT, YamlPath
from policylint.re2_patterns import compiled
from policylint.regex import regex
from policylint.views import fields
from policylint.views.globs import as_regex
from policylint.views.identities import GITHUB_ACTIONS
from policylint.views.kyverno.policy import KyvernoPolicy
from policylint.views.kyverno.verify_images import AttestorSet
from policylint.views.shape import Shape
from policylint.views.sigstore import ClusterImagePolicy

_REPOSITORY = regex(r"https://github\.com/([^/]+/[^/]+)/")
_SPEC = ROOT / "spec"
_QUANTIFIERS = "*?{"
_SPECIAL = r".+*?()|[]{}^$\\"


class Subject(NamedTuple):
    """A subject as it is written, and the regular expression that it means."""

    document: Document
    path: YamlPath
    text: str
    pattern: str


class Ref(NamedTuple):
    """The part of a subject after the `@`: what it begins with, whether that is all of it, and the whole of it."""

    prefix: str
    exact: bool
    pattern: str

    def matches(self, ref: str) -> bool:
        return _searches(f"^(?:{self.pattern})", ref)


class Claim(NamedTuple):
    """What a subject says of the repository `repository` (`owner/name`): that one of its workflows signs at a ref.

    `file` is the workflow's path when the subject spells it out, else empty; `exact` tells that no other is meant.
    """

    repository: str
    file: str
    head: str
    ref: Ref
    exact: bool

    def names(self, file: str) -> bool:
        """Whether it can be the workflow `file`, by its path in the repository."""
        if self.exact:
            return file == self.file
        return _searches(f"(?:{self.head})$", f"https://github.com/{self.repository}/{file}")


def subjects(document: Document) -> Iterator[Subject]:
    """Every subject that a policy accepts from GitHub, or without naming an issuer."""
    for path, field, text in _written(document):
        if text and "{{" not in text and "${" not in text:
            yield Subject(document, path / field, text, _pattern(document, field, text))


def claim(subject: Subject) -> Claim | None:
    """What the subject claims, None when it is no workflow of one repository, or cannot be taken apart."""
    pattern = subject.pattern.removeprefix("(?s)").removeprefix("^")
    known, _ = literal_prefix(pattern, dots=True)
    repository = _REPOSITORY.match(known)
    at = _first_at(pattern)
    if repository is None or at < 0 or _has_alternatives(pattern):
        return None
    head, tail = pattern[:at], pattern[at + 1 :]
    file, spelt_out = literal_prefix(f"{head}$", dots=True)
    prefix, exact = literal_prefix(tail)
    if not _compiles(head) or not _compiles(tail):
        return None
    path = file[repository.end() :] if spelt_out else ""
    return Claim(repository[1], path, head, Ref(prefix, exact, tail), literal_prefix(f"{head}$")[1])


def literal_prefix(pattern: str, *, dots: bool = False) -> tuple[str, bool]:
    """What every text begins with that the anchored regular expression matches, and whether that is all of it.

    With `dots`, a dot that is not repeated is taken for a dot.
    """
    found, at = "", 0
    while at < len(pattern):
        character, width = pattern[at], 1
        if character == "\\" and at + 1 < len(pattern) and not pattern[at + 1].isalnum():
            character, width = pattern[at + 1], 2
        elif character == "$" and at + 1 == len(pattern):
            return found, True
        elif character in _SPECIAL and not (character == "." and dots):
            return found, False
        following = pattern[at + width : at + width + 1]
        if following and (following in _QUANTIFIERS or (following == "+" and width == 1 and character == ".")):
            return found, False
        found += character
        if following == "+":
            return found, False
        at += width
    return found, False


def _written(document: Document) -> Iterator[tuple[YamlPath, str, str]]:
    for kyverno in KyvernoPolicy.of(document):
        for rule in kyverno.rules:
            for entry in rule.verify_images:
                sets = [
                    *entry.attestors,
                    *(each for attestation in entry.attestations for each in attestation.attestors),
                ]
                yield from _kyverno(sets)
    for policy in ClusterImagePolicy.of(document):
        for authority in policy.authorities:
            for each in authority.keyless.identities if authority.keyless else ():
                if _from_github(each.issuer, each.issuer_reg_exp):
                    yield each.path, "subject", each.subject
                    yield each.path, "subjectRegExp", each.subject_reg_exp
    if document.group == "policies.kyverno.io" and document.kind.endswith("ImageValidatingPolicy"):
        yield from _image_policy(document.mapping)


def _kyverno(sets: list[AttestorSet]) -> Iterator[tuple[YamlPath, str, str]]:
    for each in sets:
        for attestor in each.entries:
            if attestor.nested is not None:
                yield from _kyverno([attestor.nested])
            keyless = attestor.keyless
            if keyless is not None and not keyless.roots and _from_github(keyless.issuer, keyless.issuer_reg_exp):
                yield keyless.path, "subject", keyless.subject
                yield keyless.path, "subjectRegExp", keyless.subject_reg_exp


def _image_policy(data: Mapping[str, Any]) -> Iterator[tuple[YamlPath, str, str]]:
    shape = Shape()
    spec = shape.mapping(data.get("spec"), _SPEC)
    for path, attestor in shape.mappings(spec.get("attestors"), _SPEC / "attestors"):
        cosign = shape.mapping(attestor.get("cosign"), path / "cosign")
        here = path / "cosign" / "keyless"
        keyless = shape.mapping(cosign.get("keyless"), here)
        for at, identity in shape.mappings(keyless.get("identities"), here / "identities"):
            issuer, issuer_reg_exp, subject, subject_reg_exp = (
                fields.text(shape, identity, at, key) for key in ("issuer", "issuerRegExp", "subject", "subjectRegExp")
            )
            if _from_github(issuer, issuer_reg_exp):
                yield at, "subject", subject
                yield at, "subjectRegExp", subject_reg_exp


def _from_github(issuer: str, issuer_reg_exp: str) -> bool:
    if issuer:
        return issuer == GITHUB_ACTIONS or has_wildcard(issuer)
    return not issuer_reg_exp or _searches(issuer_reg_exp, GITHUB_ACTIONS)


def _pattern(document: Document, field: str, text: str) -> str:
    if field == "subjectRegExp":
        return text
    if document.group == "kyverno.io" and has_wildcard(text):
        return f"^{as_regex('kyverno', text).removeprefix('(?s)')}$"
    return f"^{re.escape(text)}$"


def _first_at(pattern: str) -> int:
    """Where the `@` stands that parts the workflow from the ref."""
    at = pattern.find("@")
    return at if at < 1 or pattern[at - 1] != "\\" else -1


def _has_alternatives(pattern: str) -> bool:
    depth, escaped = 0, False
    for character in pattern:
        if not escaped:
            depth += (character == "(") - (character == ")")
            if character == "|" and depth == 0:
                return True
        escaped = character == "\\" and not escaped
    return False


def _compiles(pattern: str) -> bool:
    return compiled(pattern) is not None


def _searches(pattern: str, text: str) -> bool:
    found = compiled(pattern)
    return found is not None and found.search(text) is not None
