"""Kyverno's functions that decode, encode, hash and name (pkg/engine/jmespath/functions.go)."""

import binascii
import hashlib
from typing import Any

from policylint.document.compose import ParseError, compose
from policylint.document.construct import ConstructError, construct
from policylint.document.scalars import KUBERNETES
from policylint.engine.errors import Unsupported
from policylint.engine.jmespath.marshal import unmarshal
from policylint.engine.jmespath.signature import STRING, Function
from policylint.engine.jmespath.text import from_bytes, to_bytes
from policylint.engine.jmespath.values import json_numbers
from policylint.views.images import DEFAULT_REGISTRY, ImageReferenceError, parse_image


def _base64_decode(text: str) -> str:
    data = to_bytes(text).replace(b"\r", b"").replace(b"\n", b"")
    if len(data) % 4:
        raise ValueError("illegal base64 data: its length is no multiple of 4")
    try:
        decoded = binascii.a2b_base64(data, strict_mode=True)
    except binascii.Error as error:
        raise ValueError(f"illegal base64 data: {error}") from None
    return from_bytes(decoded)


def _base64_encode(text: str) -> str:
    return binascii.b2a_base64(to_bytes(text), newline=False).decode()


def _parse_json(text: str) -> Any:
    return unmarshal(text)


def _parse_yaml(text: str) -> Any:
    """The first document, as sigs.k8s.io/yaml reads it."""
    first = next(compose(text), None)
    if first is None:
        return None
    if isinstance(first, ParseError):
        raise ValueError(first.message)
    try:
        return json_numbers(construct(first.node, KUBERNETES).data)
    except ConstructError as error:
        raise ValueError(str(error)) from None


def _image_normalize(text: str) -> str:
    """With registry and tag or digest, without `library/` (pkg/utils/image/infos.go), in the default configuration."""
    first, slash, _ = text.partition("/")
    local = not slash or (not any(c in first for c in ".:") and first != "localhost" and first.lower() == first)
    name = f"{DEFAULT_REGISTRY}/{text}" if local else text
    try:
        reference = parse_image(name)
    except ImageReferenceError as error:
        raise ValueError(f"bad image {name!r}: {error}") from None
    if reference.digest:
        name = name.removesuffix(f"@{reference.digest}")
    if reference.tag:
        name = name.removesuffix(f":{reference.tag}")
    return f"{name}@{reference.digest}" if reference.digest else f"{name}:{reference.tag or 'latest'}"


def _is_external_url(text: str) -> bool:
    """Whether the host is neither private nor loopback. Names other than localhost would need the network."""
    import ipaddress
    from urllib.parse import urlsplit

    host = urlsplit(text).hostname or ""
    if host == "localhost":
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if not host:
            raise ValueError(f"{text!r} names no host") from None
        raise Unsupported(f"is_external_url of a host name ({host}): it would have to be looked up") from None
    mapped = getattr(address, "ipv4_mapped", None) or address
    return not (mapped.is_loopback or any(mapped in ipaddress.ip_network(n) for n in _PRIVATE[mapped.version]))


_PRIVATE = {4: ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"), 6: ("fc00::/7",)}


def _md5(text: str) -> str:
    return hashlib.md5(to_bytes(text), usedforsecurity=False).hexdigest()


def _sha1(text: str) -> str:
    return hashlib.sha1(to_bytes(text), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(to_bytes(text)).hexdigest()


def _x509_decode(text: str) -> dict[str, Any]:
    from policylint.engine.jmespath.x509 import decode

    return decode(text)


FUNCTIONS = (
    Function("base64_decode", (STRING,), _base64_decode),
    Function("base64_encode", (STRING,), _base64_encode),
    Function("image_normalize", (STRING,), _image_normalize),
    Function("is_external_url", (STRING,), _is_external_url),
    Function("md5", (STRING,), _md5),
    Function("parse_json", (STRING,), _parse_json),
    Function("parse_yaml", (STRING,), _parse_yaml),
    Function("sha1", (STRING,), _sha1),
    Function("sha256", (STRING,), _sha256),
    Function("x509_decode", (STRING,), _x509_decode),
)
