"""Keyless identities in Kyverno: `issuer` and `subject` know the wildcards * and ?, the `RegExp` fields are RE2.

Source: kyverno/kyverno pkg/imageverification/cosign `matchSignatures`, `checkCertExtensions`: a field that is empty is
not compared.
"""

from collections.abc import Iterator

from policylint.model import Problem
from policylint.views.identities import never, weaknesses
from policylint.views.kyverno.verify_images import Keyless

_SAID = {
    "everything": "matches every signer there is",
    "unanchored": "is not anchored with ^ and $, so it also matches in the middle of another name",
    "bare-dot": "has a dot that stands for any character",
}


def anybody(keyless: Keyless) -> Iterator[Problem]:
    """A keyless attestor that names no signer."""
    named = (keyless.issuer, keyless.subject, keyless.issuer_reg_exp, keyless.subject_reg_exp)
    if not any(named) and not keyless.roots:
        yield Problem(
            keyless.path,
            "no issuer and no subject: whoever can log in to Fulcio, which is anybody, can sign for this policy",
            "say who signs: issuer and subject",
            at="key",
        )
    elif not keyless.subject and not keyless.subject_reg_exp and (keyless.issuer or keyless.issuer_reg_exp):
        yield Problem(
            keyless.path,
            "no subject: everybody whom that issuer vouches for can sign for this policy",
            "say who signs: subject",
            at="key",
        )


def broad(keyless: Keyless) -> Iterator[Problem]:
    """Identities that match more than they say."""
    for field, pattern in (("issuerRegExp", keyless.issuer_reg_exp), ("subjectRegExp", keyless.subject_reg_exp)):
        found = weaknesses(pattern) if pattern and "{{" not in pattern else ()
        if found:
            yield Problem(
                keyless.path / field,
                f"{pattern!r} {' and '.join(_SAID[each] for each in found)}",
                "Say who signs exactly, or anchor the expression with ^ and $ and write \\. for a dot.",
                severity=None if found == ("everything",) else "info",
            )
    for field, text in (("issuer", keyless.issuer), ("subject", keyless.subject)):
        if text and not text.strip("*?"):
            yield Problem(keyless.path / field, f"{field} {text!r} matches every signer there is", "say who signs")


def impossible(keyless: Keyless) -> Iterator[Problem]:
    """Identities that no signature has."""
    issuer, subject = (text if not any(sign in text for sign in "*?{") else "" for text in keyless[1:3])
    found = never(issuer, subject)
    if found is not None:
        advice = f"write {found.instead}" if found.instead else ""
        yield Problem(keyless.path / found.field, f"no signature has this {found.field}: {found.reason}", advice)
