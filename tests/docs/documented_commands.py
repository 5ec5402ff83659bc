"""The commands that a Markdown page shows, and the files that it tells its reader to write.

- Blocks marked `console` hold commands after `$ ` and, below them, what they print. `…` stands for anything, and when
  it begins a line, for any number of lines.
- Blocks marked `sh` or `bash` hold commands alone, one to a line.
- A comment `<!-- not run: why -->` before a block keeps it from being run.
- A block is a file when its first line is a comment with a file's path, or when the paragraph before it begins or ends
  with the path in backticks.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_BLOCK = re.compile(r"^(?P<fence>`{3,})(?P<language>\w*)\n(?P<body>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL)
_NOT_RUN = re.compile(r"<!-- not run: ((?:(?!-->).)+) -->\s*\Z", re.DOTALL)
_PATH = r"[\w./-]*\w\.(?:ya?ml|ini|py|toml)"
_FIRST_LINE = re.compile(rf"# ({_PATH})\n")
_PARAGRAPH = re.compile(rf"\A`({_PATH})`|`({_PATH})`:\s*\Z")
_SHELLS = ("console", "sh", "bash")


class Command(NamedTuple):
    """A command, the line of the page that it stands on, and what it prints; None where that is not shown."""

    line: int
    text: str
    output: str | None
    not_run: str


class WrittenFile(NamedTuple):
    path: str
    text: str


Step = Command | WrittenFile


def steps(page: str) -> Iterator[Step]:
    """The steps of a page in the order in which a reader takes them."""
    for block in _BLOCK.finditer(page):
        before = page[: block.start()]
        first_line = before.count("\n") + 2
        excuse = _NOT_RUN.search(before)
        if block["language"] in _SHELLS:
            not_run = " ".join(excuse[1].split()) if excuse else ""
            yield from _commands(block["language"], block["body"], first_line, not_run)
        elif block["language"]:
            path = _file_path(block["body"], before)
            if path:
                yield WrittenFile(path, block["body"])


def _file_path(body: str, before: str) -> str:
    named = _FIRST_LINE.match(body)
    if named:
        return named[1]
    paragraph = _PARAGRAPH.search(before.rstrip().rpartition("\n\n")[2])
    return (paragraph[1] or paragraph[2]) if paragraph else ""


def _commands(language: str, body: str, first_line: int, not_run: str) -> Iterator[Command]:
    shown = language == "console"
    command: list[str] = []
    output: list[str] = []
    start = first_line
    for number, line in enumerate(body.splitlines(), first_line):
        continues = bool(command) and command[-1].endswith("\\") and not output
        if continues:
            command.append(line)
        elif not shown or line.startswith("$ "):
            if command:
                yield _command(start, command, output, shown, not_run)
            command, output, start = [line.removeprefix("$ ") if shown else line], [], number
        else:
            output.append(line)
    if command:
        yield _command(start, command, output, shown, not_run)


def _command(line: int, command: list[str], output: list[str], shown: bool, not_run: str) -> Command:
    text = "\n".join(output).strip("\n")
    return Command(line, "\n".join(command), text if shown and text else None, not_run)


def prints(shown: str, got: str) -> bool:
    """Whether `got` is what a page shows, `…` standing for anything."""
    pattern = ""
    for line in shown.splitlines():
        if line.startswith("…"):
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n"
    return re.fullmatch(pattern, got.strip("\n") + "\n") is not None
