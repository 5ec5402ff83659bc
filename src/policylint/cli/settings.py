"""The arguments that choose configuration and rules, the same for every subcommand that needs them."""

import argparse
from pathlib import Path

from policylint.config import Config
from policylint.config.file import default_config, load_config, nearest_config
from policylint.errors import UsageError


def add_configuration_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("rules and configuration")
    group.add_argument(
        "--select",
        type=_names,
        action=_Extend,
        default=(),
        metavar="RULE,…",
        help="run only these rules, names or families",
    )
    group.add_argument("--ignore", type=_names, action=_Extend, default=(), metavar="RULE,…", help="leave these out")
    group.add_argument(
        "--profile",
        type=_names,
        action=_Extend,
        default=(),
        metavar="NAME,…",
        help="add the rules of a profile (such as pinned)",
    )
    _add_file_arguments(group)
    group.add_argument(
        "--allow-python-rules",
        action="store_true",
        help="run the Python rules that `rule-paths` names: this is code from the project that is linted",
    )


def add_file_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that choose a configuration, for subcommands that run no rules."""
    _add_file_arguments(parser.add_argument_group("configuration"))


def _add_file_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--config", metavar="FILE", help="the configuration file (default: the nearest one above)")
    group.add_argument("--no-config", action="store_true", help="use no configuration file")
    group.add_argument(
        "--exclude", action="append", default=[], metavar="PATTERN", help="leave out paths, as in .gitignore"
    )


def read_configuration(arguments: argparse.Namespace) -> Config:
    """The configuration that the arguments choose. Raises ConfigError or UsageError."""
    if arguments.config and arguments.no_config:
        raise UsageError("--config and --no-config exclude each other")
    file = Path(arguments.config) if arguments.config else None
    if file is None and not arguments.no_config:
        file = nearest_config(getattr(arguments, "paths", ()))
    config = load_config(file) if file is not None else default_config(Path.cwd())
    return config._replace(exclude=(*config.exclude, *arguments.exclude))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


class _Extend(argparse.Action):
    def __call__(self, _parser: object, namespace: argparse.Namespace, values: object, _option: object = None) -> None:
        before = getattr(namespace, self.dest) or ()
        setattr(namespace, self.dest, (*before, *values))  # type: ignore[misc]
