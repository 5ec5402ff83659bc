"""Source lines for snippets: files are read once each, and only those that a report shows."""

from functools import lru_cache
from pathlib import Path


class LineReader:
    """Hands out lines of files as they are now; None when the file or the line is not there."""

    def __init__(self) -> None:
        self._lines = lru_cache(maxsize=8)(_read_lines)

    def read(self, path: str, line: int) -> str | None:
        lines = self._lines(path)
        return lines[line - 1].rstrip("\r") if 1 <= line <= len(lines) else None


def _read_lines(path: str) -> tuple[str, ...]:
    try:
        data = Path(path).read_bytes()
    except OSError:
        return ()
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return tuple(data.decode(encoding, "replace").split("\n"))
