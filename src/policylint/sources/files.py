"""Bytes to text: one file read once, with every way in which that can fail as a clear error."""

import errno
import os
import stat
from pathlib import Path
from typing import NamedTuple

from policylint.errors import SourceError
from policylint.model import Location

MAX_FILE_BYTES = 64 * 1024 * 1024
_TOO_LARGE = f"the file is too large: at most {MAX_FILE_BYTES >> 20} MiB are read"

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


class DecodedFile(NamedTuple):
    """A file's text without its byte order mark, line endings untouched, and what is needed to write it back."""

    text: str
    encoding: str
    bom: bytes


def read_file(path: Path, shown: str) -> DecodedFile:
    """The text of the regular file at `path`; `shown` names it in errors.

    Raises SourceError when it is missing, unreadable, not a regular file, larger than MAX_FILE_BYTES, or not text.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError("this is not a regular file", Location(shown))
        if status.st_size > MAX_FILE_BYTES:
            raise SourceError(_TOO_LARGE, Location(shown))
        # no buffer, and no room for the largest file: either would cost more than reading a small one
        with path.open("rb", buffering=0) as stream:
            data = stream.read(status.st_size + 1)
            if len(data) > status.st_size:  # it has grown, or never tells its size
                data += stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SourceError(explain_os_error(error), Location(shown)) from error
    except ValueError as error:
        raise SourceError("a file's name cannot hold a null character", Location(shown)) from error
    return decode(data, shown)


def decode(data: bytes, shown: str) -> DecodedFile:
    """Text from bytes: UTF-8, or what a byte order mark says.

    Raises SourceError where a byte does not fit, and for more than MAX_FILE_BYTES.
    """
    if len(data) > MAX_FILE_BYTES:
        raise SourceError(_TOO_LARGE, Location(shown))
    bom, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", "utf-8"))
    body = data[len(bom) :]
    try:
        return DecodedFile(body.decode(encoding), encoding, bom)
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, "replace")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        if b"\0" in data[:1024] and not bom:
            raise SourceError("this is a binary file, not text", Location(shown, line, column, line, column)) from error
        value = body[error.start]
        message = f"byte 0x{value:02x} is not valid {encoding.upper()} text"
        raise SourceError(message, Location(shown, line, column, line, column)) from error


def write_file(path: Path, decoded: DecodedFile, text: str) -> None:
    """Put `text` in the place of the file's old text, in its own encoding and mode, in one atomic step."""
    temporary = path.with_name(f".{path.name}.policylint-{os.getpid()}")
    try:
        temporary.write_bytes(decoded.bom + text.encode(decoded.encoding))
        temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def explain_os_error(error: OSError) -> str:
    """The operating system's refusal in one calm sentence."""
    reasons = {
        errno.ENOENT: "no such file (did it vanish?)",
        errno.EACCES: "permission denied",
        errno.ELOOP: "the symbolic links form a cycle",
        errno.EISDIR: "this is a folder",
        errno.ENAMETOOLONG: "the name is too long",
    }
    return reasons.get(error.errno or 0, error.strerror or "the file cannot be read")
