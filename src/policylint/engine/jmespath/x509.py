"""`x509_decode`: certificates and requests as Go's crypto/x509 shows them in JSON.

As in pkg/engine/jmespath/functions.go `jpX509Decode`: RSA keys only, the key being its modulus as a decimal text and
its exponent. The fields are those of Go 1.24 and later.
"""

import binascii
import re
from typing import Any

from policylint.engine.jmespath import der
from policylint.engine.jmespath.der import Cursor, Element
from policylint.engine.jmespath.text import to_bytes
from policylint.engine.jmespath.values import json_numbers
from policylint.engine.jmespath.x509_extensions import base64, described, request_extensions
from policylint.regex import regex

_PEM = regex(
    r"^-----BEGIN ([^\n\r]*?)-----[ \t]*\r?\n(?:[^\n:]+:[^\n]*\n)*(.*?)^-----END \1-----", re.MULTILINE | re.DOTALL
)
_RSA = [1, 2, 840, 113549, 1, 1, 1]
_PKCS1 = [1, 2, 840, 113549, 1, 1]
_PKCS1_SIGNATURES = {4: 2, 5: 3, 11: 4, 12: 5, 13: 6}
_PSS = 10
_PSS_HASHES = {1: 13, 2: 14, 3: 15}
_SHA2 = [2, 16, 840, 1, 101, 3, 4, 2]
_SIGNATURES = {
    (1, 3, 14, 3, 2, 29): 3,
    (1, 2, 840, 10040, 4, 3): 7,
    (2, 16, 840, 1, 101, 3, 4, 3, 2): 8,
    (1, 2, 840, 10045, 4, 1): 9,
    (1, 2, 840, 10045, 4, 3, 2): 10,
    (1, 2, 840, 10045, 4, 3, 3): 11,
    (1, 2, 840, 10045, 4, 3, 4): 12,
    (1, 3, 101, 112): 16,
}
_NAME_LISTS = {
    6: "Country",
    10: "Organization",
    11: "OrganizationalUnit",
    7: "Locality",
    8: "Province",
    9: "StreetAddress",
    17: "PostalCode",
}
_NAME_TEXTS = {5: "SerialNumber", 3: "CommonName"}


def decode(pem: str) -> dict[str, Any]:
    """The first PEM block of a text. Raises ValueError for what is not a certificate or request with an RSA key."""
    match = _PEM.search(pem)
    if match is None:
        raise ValueError("failed to decode PEM block")
    kind = match[1]
    if kind not in ("CERTIFICATE", "CERTIFICATE REQUEST"):
        raise ValueError("PEM block neither contains a CERTIFICATE or CERTIFICATE REQUEST")
    try:
        outer = Cursor(binascii.a2b_base64(to_bytes(match[2]))).take(der.SEQUENCE)
        decoded: dict[str, Any] = json_numbers(_certificate(outer) if kind == "CERTIFICATE" else _request(outer))
    except (UnicodeDecodeError, binascii.Error) as error:
        raise ValueError(f"malformed certificate: {error}") from None
    return decoded


def _certificate(outer: Element) -> dict[str, Any]:
    parts = outer.children()
    signed = parts.take(der.SEQUENCE)
    fields = signed.children()
    version = fields.optional(0xA0)
    serial = fields.take().integer()
    fields.take(der.SEQUENCE)
    issuer, validity, subject, key = (fields.take(der.SEQUENCE) for _ in range(4))
    extensions: list[Element] = []
    for rest in fields:
        if rest.tag == 0xA3:
            extensions = list(rest.children().take(der.SEQUENCE).children())
    begins, ends = (_time(each) for each in validity.children())
    return {
        "Raw": base64(outer.raw),
        "RawTBSCertificate": base64(signed.raw),
        "RawIssuer": base64(issuer.raw),
        **_common(parts, subject, key),
        "Version": (version.children().take().integer() if version else 0) + 1,
        "SerialNumber": serial,
        "Issuer": _name(issuer),
        "NotBefore": begins,
        "NotAfter": ends,
        **described(extensions),
    }


def _request(outer: Element) -> dict[str, Any]:
    parts = outer.children()
    signed = parts.take(der.SEQUENCE)
    fields = signed.children()
    version = fields.take().integer()
    subject, key = fields.take(der.SEQUENCE), fields.take(der.SEQUENCE)
    attributes = fields.optional(0xA0)
    return {
        "Raw": base64(outer.raw),
        "RawTBSCertificateRequest": base64(signed.raw),
        **_common(parts, subject, key),
        "Version": version,
        **request_extensions(list(attributes.children()) if attributes else []),
    }


def _common(parts: Cursor, subject: Element, key: Element) -> dict[str, Any]:
    """What certificates and requests have alike; `parts` stands behind what is signed."""
    algorithm, signature = parts.take(der.SEQUENCE), parts.take(der.BIT_STRING)
    return {
        "RawSubjectPublicKeyInfo": base64(key.raw),
        "RawSubject": base64(subject.raw),
        "Signature": base64(signature.bits()),
        "SignatureAlgorithm": _signature_algorithm(algorithm),
        "PublicKeyAlgorithm": 1,
        "PublicKey": _public_key(key),
        "Subject": _name(subject),
        "ExtraExtensions": None,
    }


def _public_key(info: Element) -> dict[str, Any]:
    parts = info.children()
    if parts.take(der.SEQUENCE).children().take().oid() != _RSA:
        raise ValueError("certificate should use rsa algorithm")
    modulus, exponent = Cursor(parts.take().bits()).take(der.SEQUENCE).children()
    return {"N": str(modulus.integer()), "E": exponent.integer()}


def _signature_algorithm(identifier: Element) -> int:
    parts = identifier.children()
    oid = parts.take().oid()
    if oid[:-1] != _PKCS1:
        return _SIGNATURES.get(tuple(oid), 0)
    if oid[-1] != _PSS:
        return _PKCS1_SIGNATURES.get(oid[-1], 0)
    hashed = parts.take(der.SEQUENCE).children().optional(0xA0)
    hash_oid = hashed.children().take(der.SEQUENCE).children().take().oid() if hashed else []
    return _PSS_HASHES.get(hash_oid[-1], 0) if hash_oid[:-1] == _SHA2 else 0


def _name(element: Element) -> dict[str, Any]:
    """A distinguished name as crypto/x509/pkix Name."""
    name: dict[str, Any] = dict.fromkeys(_NAME_LISTS.values()) | dict.fromkeys(_NAME_TEXTS.values(), "")
    names = []
    for group in element.children():
        for attribute in group.expect(der.SET).children():
            kind, value = attribute.children()
            oid, text = kind.oid(), value.text()
            names.append({"Type": oid, "Value": text})
            known = oid[3] if oid[:3] == [2, 5, 4] and len(oid) == 4 else 0
            if known in _NAME_LISTS:
                name[_NAME_LISTS[known]] = [*(name[_NAME_LISTS[known]] or ()), text]
            elif known in _NAME_TEXTS:
                name[_NAME_TEXTS[known]] = text
    return {**name, "Names": names or None, "ExtraNames": None}


def _time(element: Element) -> str:
    digits = element.expect(der.UTC_TIME, der.GENERALIZED_TIME).content.decode("ascii")
    if element.tag == der.UTC_TIME:
        digits = f"{'19' if digits[:2] >= '50' else '20'}{digits}"
    if len(digits) != 15 or not digits[:14].isdigit() or digits[14] != "Z":
        raise ValueError("malformed certificate: unusual time")
    year, month, day, hour, minute, second = digits[:4], *(digits[at : at + 2] for at in range(4, 14, 2))
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"
