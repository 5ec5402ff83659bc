"""`policylint completion`: a script that completes the command in a shell."""

import argparse
import sys

_SHELLS = ("bash", "zsh", "tcsh")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=_SHELLS, help="eval its output in the shell's start-up file")


def run(arguments: argparse.Namespace) -> int:
    """Prints the completion script of the shell."""
    import shtab

    from policylint.cli.app import build_parser

    sys.stdout.write(shtab.complete(build_parser(), shell=arguments.shell) + "\n")
    return 0
