"""Source lines for snippets: files are read once each, and only those that a report shows."""

from functools import lru_cache
from pathlib import Path
from stat import S_ISREG

from policylint.document.source import Source
from policylint.sources.files import MAX_FILE_BYTES


class LineReader:
    """Hands out lines of files as they are now; None when the file or the line is not there."""

    def __init__(self) -> None:
        self._source = lru_cache(maxsize=8)(_read)

    def read(self, path: str, line: int) -> str | None:
        source = self._source(path)
        return source.line_text(line) if source is not None and 1 <= line <= source.line_count else None


def _read(path: str) -> Source | None:
    file = Path(path)
    try:
        status = file.stat()
        if not S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
            return None  # a pipe could keep us waiting for ever
        data = file.read_bytes()
    except OSError:
        return None
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return Source(path, data.decode(encoding, "replace"))
