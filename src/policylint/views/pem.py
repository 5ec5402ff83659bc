"""PEM texts: whether a text holds a public key, a private key, certificates, or nothing that verifies anything.

Blocks are found as Go's encoding/pem `Decode` finds them; what counts as a public key is what crypto/x509
`ParsePKIXPublicKey` and `ParsePKCS1PublicKey` take, by way of sigstore pkg/cryptoutils `UnmarshalPEMToPublicKey`.
Nothing here raises on any text.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Literal, NamedTuple

from policylint.regex import regex

PUBLIC_KEY, PKCS1_PUBLIC_KEY, CERTIFICATE = "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE"

_BEGIN = regex(r"^-----BEGIN ([^\n]*?)-----[ \t\r]*$", 8)  # 8 is re.MULTILINE
_HEADER = regex(r"[^\n:]*:[^\n]*\n")
_PRIVATE = regex(r"\bPRIVATE KEY\Z")
_ARMOUR = regex(r"-----(BEGIN|END)[^\n]*")
# what can stand in a block besides its base64 text: nothing that a sentence is made of
_PROSE = regex(r"[^A-Za-z0-9+/=\s]")
# a bundle of certificates has some hundreds
_MOST_BLOCKS = 1000
_WORDS = regex(r"[A-Za-z]{1,15}( [A-Za-z]{1,15}){2,}")

Kind = Literal["public-key", "private-key", "certificate", "damaged", "prose", "other", "not-pem"]


class Block(NamedTuple):
    """One PEM block: what its first line says it is, and the bytes of it."""

    label: str
    content: bytes


class PublicKey(NamedTuple):
    """`algorithm` is RSA, ECDSA, Ed25519, X25519 or DSA; `curve` is empty but for ECDSA; `bits` is the key's size."""

    algorithm: str
    curve: str
    bits: int

    def __str__(self) -> str:
        return f"{self.algorithm} {self.curve}" if self.curve else f"{self.algorithm} with {self.bits} bits"


class Pem(NamedTuple):
    """What a text is, judged by its first block.

    - `public-key`: a key that Go reads; `key` describes it.
    - `private-key`: a private key of any format, an encrypted one too.
    - `certificate`: one or several; see `policylint.views.certificates`.
    - `damaged`: the lines of a block with base64 or a structure that cannot be read; `reason` says what is wrong.
    - `prose`: the lines of a block around words, as examples have them.
    - `other`: a readable block of some other sort.
    - `not-pem`: no block at all.
    """

    kind: Kind
    label: str = ""
    reason: str = ""
    key: PublicKey | None = None


def blocks(text: str) -> Iterator[Block]:
    """The blocks of `text`, in order; what only looks like one is passed over."""
    position = 0
    for _ in range(_MOST_BLOCKS):
        begin = _BEGIN.search(text, position)
        if begin is None:
            break
        position = begin.end()
        if text.find("\n-----END", position) < 0:
            break
        body = _body(text, begin[1], position)
        content = None if body is None else _decoded(body)
        if body is not None and content is not None:
            yield Block(begin[1], content)
            position += len(body)


def classify(text: str) -> Pem:
    """What `text` holds."""
    block = next(blocks(text), None)
    if block is None:
        return _unreadable(text)
    if _PRIVATE.search(block.label):
        return Pem("private-key", block.label)
    if block.label == CERTIFICATE:
        return Pem("certificate", block.label)
    if block.label not in (PUBLIC_KEY, PKCS1_PUBLIC_KEY):
        return Pem("other", block.label)
    from policylint.views.public_keys import parse_pkcs1, parse_pkix

    try:
        key = parse_pkix(block.content) if block.label == PUBLIC_KEY else parse_pkcs1(block.content)
    except ValueError as error:
        return Pem("damaged", block.label, str(error))
    return Pem("public-key", block.label, "", PublicKey(*key))


def _body(text: str, label: str, start: int) -> str | None:
    """What lies between the first line of a block, which ends at `start`, and its last line; None without one."""
    end = text.find("\n-----END", start)
    if end < 0:
        return None
    last = text[end + 1 :].partition("\n")[0].rstrip(" \t\r")
    return text[start:end] if last == f"-----END {label}-----" else None


def _decoded(body: str) -> bytes | None:
    rest = body.lstrip("\r\n") + "\n"
    position = 0
    while (header := _HEADER.match(rest, position)) is not None:
        position = header.end()
    if "-" in rest[position:]:
        return None  # such as the first line of another block
    try:
        return base64.b64decode("".join(rest[position:].split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _unreadable(text: str) -> Pem:
    begin = _BEGIN.search(text)
    if begin is None:
        return Pem("not-pem", reason="there is no line -----BEGIN PUBLIC KEY-----")
    label, inner = begin[1], _ARMOUR.sub("", text)
    if _PRIVATE.search(label):
        return Pem("private-key", label)
    if _PROSE.search(inner) or _WORDS.search(inner):
        return Pem("prose", label, "there is text where the base64 of a key belongs")
    if _body(text, label, begin.end()) is None:
        return Pem("damaged", label, f"there is no line -----END {label}-----")
    return Pem("damaged", label, "what is between its first and last line is not base64")
