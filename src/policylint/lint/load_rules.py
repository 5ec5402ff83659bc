"""Rules found by themselves: every rule file under the package's `rules/` and the user's rule folders."""

import os
from collections.abc import Iterable, Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import policylint
from policylint.errors import RuleFileError, UsageError
from policylint.lint.loaded import LoadedRule
from policylint.lint.rule import Rule
from policylint.model import Location
from policylint.paths import exists, is_file


def rules_root() -> Path:
    """The folder of our own rules: inside an installed package, at the top of a checkout."""
    packaged = Path(policylint.__file__).parent / "rules"
    return packaged if packaged.is_dir() else Path(policylint.__file__).parents[2] / "rules"


def load_rules(rule_paths: Iterable[Path] = (), allow_python: bool = False) -> list[LoadedRule]:
    """Our own rules and those under `rule_paths` (files or folders), ordered by id.

    Raises RuleFileError for a file that is not a rule or an id that is taken, and UsageError for a Python rule in
    `rule_paths` unless `allow_python`: running code from the linted repository must be asked for.
    """
    rules = [_load(path, own=True) for path in _rule_files(rules_root())]
    for given in rule_paths:
        if not exists(given):
            raise UsageError(f"rule path {given.as_posix()} does not exist")
        for path in _rule_files(given):
            if path.suffix == ".py" and not allow_python:
                raise UsageError(
                    f"{path.as_posix()} is a Python rule, and running code from a linted repository must be allowed:"
                    " pass --allow-python-rules (in pytest, set policylint_allow_python_rules = true)"
                )
            rules.append(_load(path, own=False))
    refuse_duplicates(rules)
    return sorted(rules, key=lambda loaded: loaded.rule.id)


def _rule_files(root: Path) -> Iterator[Path]:
    if is_file(root):
        yield root
        return
    try:
        with os.scandir(root) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"the rules in {root.as_posix()} cannot be listed: {error.strerror}") from error
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in ("__pycache__", "fixtures"):
                yield from _rule_files(Path(entry.path))
        elif entry.name.endswith((".py", ".yaml", ".yml")) and not entry.name.startswith(("_", ".")):
            yield Path(entry.path)


def _load(path: Path, own: bool) -> LoadedRule:
    if path.suffix == ".py":
        return _load_python(path)
    from policylint.lint.declarative import load_declarative

    return load_declarative(path, path.as_posix(), validate=not own)


def _load_python(path: Path) -> LoadedRule:
    # what an import does, without what makes a module findable: nobody imports a rule, and there are many
    name = "policylint_rule_" + path.stem.replace("-", "_")
    module = ModuleType(name)
    module.__file__ = str(path)
    try:
        SourceFileLoader(name, str(path)).exec_module(module)
    except (Exception, SystemExit) as error:  # a rule file is code: whatever it raises is for its author to see
        raise RuleFileError(
            f"the rule cannot be loaded: {type(error).__name__}: {error}", _place(path, error)
        ) from error
    rule = getattr(module, "RULE", None)
    if not isinstance(rule, Rule):
        raise RuleFileError("a rule file assigns `RULE = Rule(...)`", Location(path.as_posix()))
    check = getattr(module, "check", None)
    return LoadedRule(rule, check, module.__doc__ or "", path, getattr(module, "gather", None))


def _place(path: Path, error: BaseException) -> Location:
    line = getattr(error, "lineno", None) or 1
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return Location(path.as_posix(), line, 1, line, 1)


def refuse_duplicates(rules: Iterable[LoadedRule]) -> None:
    """Raises RuleFileError when two rules have the same id or name."""
    seen: dict[str, LoadedRule] = {}
    for loaded in rules:
        for name in (loaded.rule.id, loaded.rule.name):
            other = seen.setdefault(name, loaded)
            if other is not loaded:
                message = f"{name} is already the rule of {other.path.as_posix()}"
                raise RuleFileError(message, Location(loaded.path.as_posix()))
