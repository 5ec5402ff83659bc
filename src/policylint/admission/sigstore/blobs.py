"""The binary fields of a TrustRoot: base64 as Go decodes it into bytes, the TUF root, and the packed repository."""

import base64
import binascii

# more than any repository of metadata and keys; an archive may claim any size
_LARGEST = 64 * 1024 * 1024


def decoded(text: str) -> bytes | None:
    """The bytes of a base64 text, in which line breaks do not count; None when it is none."""
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        return None


def root_fault(text: str) -> str:
    """Why `text` is not the base64 of a TUF root, or nothing (trustroot_validation.go `ValidateRoot`)."""
    import json

    content = decoded(text)
    if content is None:
        return "it is not base64"
    try:
        root = json.loads(content)
    except (ValueError, RecursionError):
        return "it decodes to something that is not JSON"
    if not isinstance(root, dict):
        return "it decodes to JSON that is not an object"
    return "" if root.get("signatures") is not None else "it has no signatures"


def archive_fault(text: str) -> str:
    """Why `text` is not the base64 of a packed TUF repository, or nothing (pkg/tuf/repo.go `Uncompress`)."""
    import tarfile
    import zlib
    from io import BytesIO

    content = decoded(text)
    if content is None:
        return "it is not base64"
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        unpacked = unpacking.decompress(content, _LARGEST)
    except zlib.error:
        return "it decodes to something that is not gzip"
    if unpacking.unconsumed_tail:
        return ""  # too large to be looked at
    try:
        with tarfile.open(fileobj=BytesIO(unpacked), mode="r:") as archive:
            return "" if archive.getnames() else "the archive is empty"
    except (tarfile.TarError, EOFError, ValueError, OverflowError):
        return "it unpacks to something that is not a tar archive"
