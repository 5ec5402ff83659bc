"""What a run is asked for, and what it needs to answer."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from policylint.admission.kinds.project import ProjectKinds
from policylint.config import Config
from policylint.lint.judge import Rulebook
from policylint.lint.load_rules import load_rules, refuse_duplicates
from policylint.lint.loaded import LoadedRule
from policylint.lint.selection import select_rules
from policylint.lint.suppressions import RuleNames


class RunSpec(NamedTuple):
    """What decides a run's verdicts besides its inputs; plain values, so that a worker process can be told.

    `record` asks for a record of every judged document, which tests are made from; `fixing` for the texts that fixes
    apply to; `overlay` holds texts, or bytes to be decoded, by path as shown, that stand in for files and stdin.
    `parallel` permits worker processes where they pay. `paths` are where CustomResourceDefinitions are looked for.
    """

    config: Config
    today: date
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: tuple[str, ...] = ()
    allow_python_rules: bool = False
    record: bool = False
    fixing: bool = False
    overlay: Mapping[str, str | bytes] = {}
    parallel: bool = True
    paths: tuple[str, ...] = ()


class Run(NamedTuple):
    """A run made ready: its rules loaded and selected."""

    spec: RunSpec
    rulebook: Rulebook
    names: RuleNames


def prepare(spec: RunSpec) -> Run:
    """Loads and selects the rules. Raises UsageError, ConfigError or RuleFileError for what cannot be run."""
    if spec.config.cluster is not None:
        from policylint.capacity.pools import resolve_pools

        resolve_pools(spec.config.cluster)
    rules = all_rules(spec.config, spec.allow_python_rules)
    selection = select_rules(
        rules, spec.config, cli_select=spec.select, cli_ignore=spec.ignore, cli_profile=spec.profile
    )
    kinds = project_kinds(spec)
    return Run(spec, Rulebook.of(selection, spec.config, kinds), RuleNames.of([loaded.rule for loaded in rules]))


def project_kinds(spec: RunSpec) -> ProjectKinds:
    """The kinds of the project's own definitions. Raises UsageError when the configuration names a path without any."""
    version = spec.config.kubernetes_version
    crds = [str(Path(spec.config.root, path)) for path in spec.config.crds]
    kinds = ProjectKinds(crds, spec.paths, spec.overlay, int(version.split(".")[1]) if version else None)
    if crds:
        _ = kinds.named
    return kinds


def all_rules(config: Config, allow_python: bool) -> list[LoadedRule]:
    """Our own rules, the user's, and the policies that the configuration names, which come last.

    Raises what `load_rules` and `load_policy_rules` raise.
    """
    rules = load_rules(rule_folders(config), allow_python)
    if config.policies:
        from policylint.lint.policy_rules import load_policy_rules

        rules += load_policy_rules(config)
        refuse_duplicates(rules)
    return rules


def rule_folders(config: Config) -> list[Path]:
    """Where the configuration says that the user's own rules are."""
    return [Path(config.root, path) for path in config.rule_paths]
