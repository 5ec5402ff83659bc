"""The command line: its parser, its subcommands, and what their outcomes mean as exit codes."""

import argparse
import os
import sys
from importlib import import_module

from policylint import __version__
from policylint.cli.exit_codes import FINDINGS, USAGE
from policylint.errors import PolicylintError

_COMMANDS = {
    "check": "find what a cluster or a pipeline would trip over",
    "explain": "say what a rule means, why, and how to mend it",
    "rules": "list the rules",
    "init": "write a configuration file to start from",
    "completion": "print a shell completion script",
}
_EXIT_CODES = """\
exit codes: 0 clean; 1 findings at or above --fail-on; 2 wrong usage or configuration; 3 internal error;
4 nothing to check"""


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """The whole parser, or one that knows the arguments of the subcommand `only`, which is quicker to build."""
    parser = argparse.ArgumentParser(
        prog="policylint",
        description="Policy-as-code tests and lint for Kubernetes, offline.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"policylint {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in _COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if only is None or name == only:
            import_module(f"policylint.cli.{name}").add_arguments(command)
    return parser


def run(argv: list[str]) -> int:
    """Runs one command line. Errors of ours end in one line on stderr and their exit code, never in a traceback."""
    named = next((word for word in argv if not word.startswith("-")), None)
    parser = build_parser(named if named in _COMMANDS else None)
    try:
        arguments = parser.parse_args(argv)
        return int(import_module(f"policylint.cli.{arguments.command}").run(arguments))
    except PolicylintError as error:
        sys.stderr.write(f"policylint: {error}\n")
        return USAGE
    except BrokenPipeError:
        # the reader went away (`| head`): no more can be said, and flushing at exit must not raise again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except KeyboardInterrupt:
        sys.stderr.write("policylint: interrupted\n")
        return 130
