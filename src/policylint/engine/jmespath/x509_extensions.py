"""The extensions of certificates, as Go's crypto/x509 (parser.go) takes them apart."""

import binascii
from collections.abc import Callable
from typing import Any

from policylint.engine.errors import Unsupported
from policylint.engine.jmespath import der
from policylint.engine.jmespath.der import Cursor, Element

Fields = dict[str, Any]

_USAGES = {(2, 5, 29, 37, 0): 0} | {(1, 3, 6, 1, 5, 5, 7, 3, number): number for number in range(1, 10)} | {
    (1, 3, 6, 1, 4, 1, 311, 10, 3, 3): 10,
    (2, 16, 840, 1, 113730, 4, 1): 11,
    (1, 3, 6, 1, 4, 1, 311, 2, 1, 22): 12,
    (1, 3, 6, 1, 4, 1, 311, 61, 1, 1): 13,
}  # fmt: skip
_NOTHING: Fields = {
    "KeyUsage": 0,
    "UnhandledCriticalExtensions": None,
    "ExtKeyUsage": None,
    "UnknownExtKeyUsage": None,
    "BasicConstraintsValid": False,
    "IsCA": False,
    "MaxPathLen": 0,
    "MaxPathLenZero": False,
    "SubjectKeyId": None,
    "AuthorityKeyId": None,
    "OCSPServer": None,
    "IssuingCertificateURL": None,
    "PermittedDNSDomainsCritical": False,
    "PermittedDNSDomains": None,
    "ExcludedDNSDomains": None,
    "PermittedIPRanges": None,
    "ExcludedIPRanges": None,
    "PermittedEmailAddresses": None,
    "ExcludedEmailAddresses": None,
    "PermittedURIDomains": None,
    "ExcludedURIDomains": None,
    "CRLDistributionPoints": None,
    "PolicyIdentifiers": None,
    "Policies": None,
    "InhibitAnyPolicy": 0,
    "InhibitAnyPolicyZero": False,
    "InhibitPolicyMapping": 0,
    "InhibitPolicyMappingZero": False,
    "RequireExplicitPolicy": 0,
    "RequireExplicitPolicyZero": False,
    "PolicyMappings": None,
}
_NO_NAMES: Fields = {"DNSNames": None, "EmailAddresses": None, "IPAddresses": None, "URIs": None}
_EXTENSION_REQUEST = [1, 2, 840, 113549, 1, 9, 14]
_ALTERNATIVE_NAMES = (2, 5, 29, 17)


def base64(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).decode()


def described(extensions: list[Element]) -> Fields:
    """The fields that a certificate's extensions decide. Raises ValueError for malformed ones."""
    fields: Fields = {**_NOTHING, **_NO_NAMES, "Extensions": None}
    shown, unhandled = [], []
    for extension in extensions:
        oid, critical, value = _parts(extension)
        shown.append({"Id": list(oid), "Critical": critical, "Value": base64(value)})
        reader = _READERS.get(oid)
        if reader is not None:
            fields.update(reader(value))
        elif critical:
            unhandled.append(list(oid))
        if oid == _NAME_CONSTRAINTS:
            fields["PermittedDNSDomainsCritical"] = critical
    return {**fields, "Extensions": shown or None, "UnhandledCriticalExtensions": unhandled or None}


def request_extensions(attributes: list[Element]) -> Fields:
    """The fields that a request's attributes decide."""
    fields: Fields = {**_NO_NAMES, "Attributes": None, "Extensions": None}
    shown: list[Fields] = []
    for attribute in attributes:
        kind, values = attribute.children()
        oid = kind.oid()
        sets = [[_pair(item) for item in value.children()] for value in values.children() if value.tag == der.SEQUENCE]
        shown.append({"Type": oid, "Value": sets})
        if oid == _EXTENSION_REQUEST:
            parts = [_parts(item) for value in values.children() for item in value.children()]
            fields["Extensions"] = [{"Id": list(o), "Critical": c, "Value": base64(v)} for o, c, v in parts]
            for found, _, value in parts:
                if found == _ALTERNATIVE_NAMES:
                    fields.update(_alternative_names(value))
    return {**fields, "Attributes": shown or None}


def _pair(element: Element) -> Fields:
    kind, value = list(element.children())[:2]
    content = base64(value.content) if value.tag == der.OCTET_STRING else value.content != b"\0"
    return {"Type": kind.oid(), "Value": content}


def _parts(extension: Element) -> tuple[tuple[int, ...], bool, bytes]:
    parts = extension.expect(der.SEQUENCE).children()
    oid = tuple(parts.take().oid())
    critical = parts.optional(der.BOOLEAN)
    return oid, critical is not None and critical.content != b"\0", parts.take(der.OCTET_STRING).content


def _sequence(value: bytes) -> Cursor:
    return Cursor(value).take(der.SEQUENCE).children()


def _key_usage(value: bytes) -> Fields:
    bits = Cursor(value).take().bits()
    places = [at for at in range(min(len(bits) * 8, 9)) if bits[at // 8] >> (7 - at % 8) & 1]
    return {"KeyUsage": sum(1 << at for at in places)}


def _extended_key_usage(value: bytes) -> Fields:
    oids = [each.oid() for each in _sequence(value)]
    known = [_USAGES[tuple(oid)] for oid in oids if tuple(oid) in _USAGES]
    unknown = [oid for oid in oids if tuple(oid) not in _USAGES]
    return {"ExtKeyUsage": known or None, "UnknownExtKeyUsage": unknown or None}


def _basic_constraints(value: bytes) -> Fields:
    parts = _sequence(value)
    authority = parts.optional(der.BOOLEAN)
    length = parts.optional(der.INTEGER)
    most = length.integer() if length else -1
    return {
        "BasicConstraintsValid": True,
        "IsCA": authority is not None and authority.content != b"\0",
        "MaxPathLen": most,
        "MaxPathLenZero": most == 0,
    }


def _alternative_names(value: bytes) -> Fields:
    import ipaddress

    found: dict[int, list[Any]] = {1: [], 2: [], 6: [], 7: []}
    for name in _sequence(value):
        kind = name.tag & 0x1F
        if kind == 7:
            found[7].append(str(ipaddress.ip_address(name.content)))
        elif kind in found:
            text = name.content.decode("ascii")
            found[kind].append(_url(text) if kind == 6 else text)
    return {
        "EmailAddresses": found[1] or None,
        "DNSNames": found[2] or None,
        "URIs": found[6] or None,
        "IPAddresses": found[7] or None,
    }


def _url(text: str) -> Fields:
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(text)
    user, _, host = parts.netloc.rpartition("@")
    opaque = bool(parts.scheme) and not parts.netloc and not parts.path.startswith("/")
    return {
        "Scheme": parts.scheme,
        "Opaque": parts.path if opaque else "",
        "User": {} if user else None,
        "Host": host,
        "Path": "" if opaque else unquote(parts.path),
        "Fragment": unquote(parts.fragment),
        "RawQuery": parts.query,
        "RawPath": "",
        "RawFragment": "",
        "ForceQuery": text.endswith("?"),
        "OmitHost": False,
    }


def _subject_key(value: bytes) -> Fields:
    return {"SubjectKeyId": base64(Cursor(value).take(der.OCTET_STRING).content)}


def _authority_key(value: bytes) -> Fields:
    key = _sequence(value).optional(0x80)
    return {"AuthorityKeyId": base64(key.content) if key else None}


def _authority_access(value: bytes) -> Fields:
    found: dict[int, list[str]] = {1: [], 2: []}
    for description in _sequence(value):
        method, location = description.children()
        oid = method.oid()
        if oid[:-1] == [1, 3, 6, 1, 5, 5, 7, 48] and location.tag == 0x86:
            found.setdefault(oid[-1], []).append(location.content.decode("ascii"))
    return {"OCSPServer": found[1] or None, "IssuingCertificateURL": found[2] or None}


def _distribution_points(value: bytes) -> Fields:
    urls = []
    for point in _sequence(value):
        named = point.children().optional(0xA0)
        full = named.children().optional(0xA0) if named else None
        urls += [name.content.decode("ascii") for name in (full.children() if full else ()) if name.tag == 0x86]
    return {"CRLDistributionPoints": urls or None}


def _policies(value: bytes) -> Fields:
    oids = [policy.children().take().oid() for policy in _sequence(value)]
    return {"PolicyIdentifiers": oids or None, "Policies": [".".join(map(str, oid)) for oid in oids] or None}


def _policy_constraints(value: bytes) -> Fields:
    fields: Fields = {}
    for part in _sequence(value):
        name = "RequireExplicitPolicy" if part.tag == 0x80 else "InhibitPolicyMapping"
        number = int.from_bytes(part.content, "big")
        fields |= {name: number, f"{name}Zero": number == 0}
    return fields


def _inhibit_any(value: bytes) -> Fields:
    number = Cursor(value).take().integer()
    return {"InhibitAnyPolicy": number, "InhibitAnyPolicyZero": number == 0}


def _policy_mappings(_: bytes) -> Fields:
    raise Unsupported("x509_decode of a certificate with policy mappings")


def _name_constraints(value: bytes) -> Fields:
    fields: Fields = {}
    for part in _sequence(value):
        prefix = "Permitted" if part.tag == 0xA0 else "Excluded"
        for subtree in part.children():
            name = subtree.children().take()
            key = {1: "EmailAddresses", 2: "DNSDomains", 6: "URIDomains", 7: "IPRanges"}.get(name.tag & 0x1F)
            if key is None:
                raise Unsupported("x509_decode of a certificate that constrains unusual names")
            shown = _network(name.content) if key == "IPRanges" else name.content.decode("ascii")
            fields.setdefault(f"{prefix}{key}", []).append(shown)
    return fields


def _network(content: bytes) -> Fields:
    import ipaddress

    half = len(content) // 2
    return {"IP": str(ipaddress.ip_address(content[:half])), "Mask": base64(content[half:])}


_NAME_CONSTRAINTS = (2, 5, 29, 30)
_READERS: dict[tuple[int, ...], Callable[[bytes], Fields]] = {
    (2, 5, 29, 14): _subject_key,
    (2, 5, 29, 15): _key_usage,
    _ALTERNATIVE_NAMES: _alternative_names,
    (2, 5, 29, 19): _basic_constraints,
    _NAME_CONSTRAINTS: _name_constraints,
    (2, 5, 29, 31): _distribution_points,
    (2, 5, 29, 32): _policies,
    (2, 5, 29, 33): _policy_mappings,
    (2, 5, 29, 35): _authority_key,
    (2, 5, 29, 36): _policy_constraints,
    (2, 5, 29, 37): _extended_key_usage,
    (2, 5, 29, 54): _inhibit_any,
    (1, 3, 6, 1, 5, 5, 7, 1, 1): _authority_access,
}
