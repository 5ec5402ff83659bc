"""The few facts of X.509 certificates (RFC 5280) that decide whether a chain can be used."""

from datetime import date
from typing import NamedTuple

from policylint.views.der import BIT_STRING, OCTET_STRING, SEQUENCE, UTC_TIME, Element, elements, oid, only
from policylint.views.pem import CERTIFICATE, blocks

_VERSION, _EXTENSIONS, _BOOLEAN, _GENERALIZED_TIME = 0xA0, 0xA3, 0x01, 0x18
_BASIC_CONSTRAINTS = "2.5.29.19"
_PIVOT = 50


class Certificate(NamedTuple):
    """One certificate: the last day of its validity, whether it may sign others, and whether it names itself issuer."""

    not_after: date
    is_ca: bool
    self_issued: bool


def certificates(text: str) -> tuple[Certificate, ...]:
    """The certificates of a PEM text, in order (sigstore pkg/cryptoutils `UnmarshalCertificatesFromPEM`).

    Raises ValueError with the reason when a block is something else or cannot be read, or there is none.
    """
    found = []
    for block in blocks(text):
        if block.label != CERTIFICATE:
            raise ValueError(f"it holds a {block.label}")
        found.append(_certificate(block.content))
    if not found:
        raise ValueError("it holds no PEM block of a certificate")
    return tuple(found)


def _certificate(data: bytes) -> Certificate:
    parts = list(elements(only(data, SEQUENCE).content))
    if len(parts) != 3 or parts[0].tag != SEQUENCE or parts[2].tag != BIT_STRING:
        raise ValueError("it has not the structure of a certificate")
    fields = [each for each in elements(parts[0].content) if each.tag != _VERSION]
    # serial number, algorithm, issuer, validity, subject, key
    if len(fields) < 6 or any(each.tag != SEQUENCE for each in fields[1:6]):
        raise ValueError("it has not the structure of a certificate")
    extensions = next((each for each in fields[6:] if each.tag == _EXTENSIONS), None)
    return Certificate(_not_after(fields[3]), _is_ca(extensions), fields[2].raw == fields[4].raw)


def _not_after(validity: Element) -> date:
    times = list(elements(validity.content))
    if len(times) != 2 or times[1].tag not in (UTC_TIME, _GENERALIZED_TIME):
        raise ValueError("it has no end of validity")
    text = times[1].content.decode("ascii")
    if times[1].tag == UTC_TIME:
        text = f"{19 if text[:2] >= str(_PIVOT) else 20}{text}"
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _is_ca(extensions: Element | None) -> bool:
    for extension in elements(only(extensions.content, SEQUENCE).content) if extensions else ():
        parts = list(elements(extension.content))
        if len(parts) > 1 and oid(parts[0]) == _BASIC_CONSTRAINTS and parts[-1].tag == OCTET_STRING:
            inside = list(elements(only(parts[-1].content, SEQUENCE).content))
            return bool(inside) and inside[0].tag == _BOOLEAN and any(inside[0].content)
    return False
