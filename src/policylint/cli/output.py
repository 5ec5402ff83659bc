"""Where a report goes: stdout or a file, with colours or without; the same for every subcommand that makes one."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from policylint import __version__
from policylint.cli.terminal import columns
from policylint.errors import UsageError
from policylint.report.lines import LineReader
from policylint.report.options import RenderOptions
from policylint.sources.files import explain_os_error

if TYPE_CHECKING:
    from typing import TextIO

    from policylint.processes import Progress

_WIDTH_OF_LOGS = 120


def add_output_arguments(parser: argparse.ArgumentParser, formats: Sequence[str], verbose: str) -> None:
    """The arguments that say how to report; `verbose` is what --verbose does."""
    output = parser.add_argument_group("output")
    output.add_argument("--output-format", choices=formats, default="text")
    output.add_argument("--output-file", metavar="FILE", help="write the report to FILE instead of stdout")
    output.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    output.add_argument("--verbose", "-v", action="store_true", help=verbose)


def write_report(arguments: argparse.Namespace, render: "Callable[[TextIO, RenderOptions], None]") -> None:
    """Lets `render` write where the arguments say. Raises UsageError when that file cannot be written."""
    if arguments.output_file:
        text = StringIO()
        render(text, render_options(arguments, color=False, hyperlinks=False))
        write_text(arguments, text.getvalue())
    else:
        out = stdout()
        color = use_color(arguments.color, out)
        render(out, render_options(arguments, color=color, hyperlinks=color and out.isatty()))


def write_text(arguments: argparse.Namespace, text: str) -> None:
    """Puts `text` where the report belongs. Raises UsageError when that file cannot be written."""
    if not arguments.output_file:
        stdout().write(text)
        return
    try:
        # file names may hold bytes that are no text
        Path(arguments.output_file).write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise UsageError(f"{arguments.output_file} cannot be written: {explain_os_error(error)}") from error


def stdout() -> "TextIO":
    """Standard output, able to print whatever a file may hold."""
    out = sys.stdout
    if hasattr(out, "reconfigure"):
        out.reconfigure(encoding="utf-8", errors="backslashreplace")
    return out


def render_options(arguments: argparse.Namespace, *, color: bool, hyperlinks: bool) -> RenderOptions:
    """What every renderer is told."""
    return RenderOptions(
        color=color,
        width=columns(_WIDTH_OF_LOGS),
        hyperlinks=hyperlinks,
        verbose=arguments.verbose,
        tool_version=__version__,
        read_line=LineReader().read,
    )


def use_color(choice: str, out: "TextIO") -> bool:
    """Whether to colour: as told, else by NO_COLOR and FORCE_COLOR (no-color.org), else for a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return out.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def progress() -> "Iterator[Progress | None]":
    """A progress bar on stderr for runs that turn out to be long; nothing when stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from policylint.cli.progress import LateProgress

    with LateProgress() as bar:
        yield bar.update
