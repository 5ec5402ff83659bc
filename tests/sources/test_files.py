"""Bytes to text and back: encodings, marks and modes survive, and every refusal is one sentence with a place."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policylint.errors import SourceError
from policylint.sources.files import MAX_FILE_BYTES, DecodedFile, decode, explain_os_error, read_file, write_file


def refusal(data: bytes) -> tuple[int, int, str]:
    with pytest.raises(SourceError) as caught:
        decode(data, "a.yaml")
    place = caught.value.location
    assert place is not None
    assert (place.path, place.end_line, place.end_column) == ("a.yaml", place.line, place.column)
    return place.line, place.column, caught.value.message


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", DecodedFile("", "utf-8", b"")),
        (b"a: \xc3\xa9\r\n", DecodedFile("a: é\r\n", "utf-8", b"")),
        (b"\xef\xbb\xbfa: 1\n", DecodedFile("a: 1\n", "utf-8", b"\xef\xbb\xbf")),
        ("a: é".encode("utf-16-le"), None),
        (b"\xff\xfe" + "a: é".encode("utf-16-le"), DecodedFile("a: é", "utf-16-le", b"\xff\xfe")),
        (b"\xfe\xff" + "a: é".encode("utf-16-be"), DecodedFile("a: é", "utf-16-be", b"\xfe\xff")),
        (b"\xff\xfe\0\0" + "a".encode("utf-32-le"), DecodedFile("a", "utf-32-le", b"\xff\xfe\0\0")),
        (b"\0\0\xfe\xff" + "a".encode("utf-32-be"), DecodedFile("a", "utf-32-be", b"\0\0\xfe\xff")),
    ],
)
def test_the_byte_order_mark_decides(data: bytes, expected: DecodedFile | None) -> None:
    if expected is None:
        assert refusal(data) == (1, 7, "this is a binary file, not text")
    else:
        assert decode(data, "a.yaml") == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a: 1\nb: \xc3\xa9\xff\n", (2, 5, "byte 0xff is not valid UTF-8 text")),
        (b"\xef\xbb\xbfa: \xc3(", (1, 4, "byte 0xc3 is not valid UTF-8 text")),
        (b"\xed\xa0\x80", (1, 1, "byte 0xed is not valid UTF-8 text")),
        (b"\xff\xfea\x00\n\x00\x00\xd8", (2, 1, "byte 0x00 is not valid UTF-16-LE text")),
        (b"\x89PNG\r\n\x1a\n\x00\x00", (1, 1, "this is a binary file, not text")),
    ],
)
def test_what_is_not_text_is_refused_at_its_first_wrong_byte(data: bytes, expected: tuple[int, int, str]) -> None:
    assert refusal(data) == expected


@given(st.binary(max_size=64))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        decoded = decode(data, "a.yaml")
    except SourceError:
        return
    assert decoded.bom + decoded.text.encode(decoded.encoding) == data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_is_read_is_written_back_in_its_own_encoding_and_mode(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: é\r\nb: 1".encode(encoding))
    path.chmod(0o604)
    decoded = read_file(path, "a.yaml")
    write_file(path, decoded, decoded.text.replace("1", "2"))
    assert path.read_bytes() == "a: é\r\nb: 2".encode(encoding)
    assert path.stat().st_mode & 0o777 == 0o604
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


def test_a_write_that_fails_leaves_the_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")

    def full(_path: Path, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write_file(path, DecodedFile("a: 1\n", "utf-8", b""), "a: 2\n")
    assert path.read_text() == "a: 1\n"
    assert [each.name for each in tmp_path.iterdir()] == ["a.yaml"]


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as stream:
        stream.truncate(size)


def missing(_path: Path) -> None:
    pass


def folder(path: Path) -> None:
    path.mkdir()


def cycle(path: Path) -> None:
    path.symlink_to(path)


def dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def large(path: Path) -> None:
    sparse(path, MAX_FILE_BYTES + 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (missing, "no such file (did it vanish?)"),
        (dangling, "no such file (did it vanish?)"),
        (cycle, "the symbolic links form a cycle"),
        (folder, "this is not a regular file"),
        (pipe, "this is not a regular file"),
        (large, "the file is too large: at most 64 MiB are read"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, make: object, message: str) -> None:
    path = tmp_path / "a.yaml"
    make(path)  # type: ignore[operator]
    with pytest.raises(SourceError) as caught:
        read_file(path, "shown.yaml")
    assert caught.value.message == message
    assert str(caught.value) == f"shown.yaml:1:1: {message}"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.EACCES, "permission denied"),
        (errno.ENAMETOOLONG, "the name is too long"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_the_systems_reasons_are_told_calmly(code: int, message: str) -> None:
    assert explain_os_error(OSError(code, os.strerror(code))) == message
