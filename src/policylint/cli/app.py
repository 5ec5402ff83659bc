"""The command line: its parser, its subcommands, and what their outcomes mean as exit codes."""

import argparse
import os
import sys
from importlib import import_module

from policylint import __version__
from policylint.cli.exit_codes import FINDINGS, INTERNAL, USAGE
from policylint.cli.terminal import columns
from policylint.errors import PolicylintError

_COMMANDS = {
    "check": "find what a cluster or a pipeline would trip over",
    "test": "run suites of policy tests, such as kyverno-test.yaml",
    "apply": "say what policies would do to resources, and why",
    "rollout": "say whether rollouts can finish on your cluster, and how they go",
    "explain": "say what a rule means, why, and how to mend it",
    "rules": "list the rules",
    "init": "write a configuration file to start from",
    "completion": "print a shell completion script",
}
_EXIT_CODES = """\
exit codes: 0 clean; 1 findings at or above --fail-on, failed tests, a denied request, or a rollout that cannot finish;
2 wrong usage or configuration; 3 internal error; 4 nothing to check, or no suites"""


class _Help(argparse.RawDescriptionHelpFormatter):
    # argparse makes one for every argument; left to itself it loads shutil to ask for the width
    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=columns(80) - 2)


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """The whole parser, or one that knows the subcommand `only`, which is quicker to build."""
    parser = argparse.ArgumentParser(
        prog="policylint",
        description="Policy-as-code tests and lint for Kubernetes, offline.",
        epilog=_EXIT_CODES,
        formatter_class=_Help,
    )
    parser.add_argument("--version", action="version", version=f"policylint {__version__}")
    # without `prog` argparse formats a usage line for it, and loads shutil to do so
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, prog="policylint")
    for name in _COMMANDS if only is None else (only,):
        summary = _COMMANDS[name]
        description = summary[0].upper() + summary[1:] + "."
        command = commands.add_parser(name, help=summary, description=description, formatter_class=_Help)
        import_module(f"policylint.cli.{name}").add_arguments(command)
    return parser


def run(argv: list[str]) -> int:
    """Runs one command line and returns its exit code. What the user did wrong ends in one line on stderr."""
    named = next((word for word in argv if not word.startswith("-")), None)
    parser = build_parser(named if named in _COMMANDS else None)
    try:
        arguments = parser.parse_args(argv)
        code = int(import_module(f"policylint.cli.{arguments.command}").run(arguments))
        sys.stdout.flush()
        return code
    except PolicylintError as error:
        from policylint.report.escape import visible

        sys.stderr.write(f"policylint: {visible(str(error))}\n")
        return USAGE
    except BrokenPipeError:
        # the reader went away (`| head`): no more can be said, and flushing at exit must not raise again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINDINGS
    except KeyboardInterrupt:
        sys.stderr.write("policylint: interrupted\n")
        return 130
    except Exception:  # noqa: BLE001 -- a defect of ours must not look like findings, which is Python's own exit code
        import traceback

        sys.stderr.write("policylint: internal error; please report it with what follows\n")
        traceback.print_exc()
        return INTERNAL
