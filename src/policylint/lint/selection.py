"""Which rules run, how severe each is, with which options, and which files are spared from which.

- Without `select`, the rules that are on by default run, and those of the chosen profiles.
- With `select`, exactly what it names: ids, names, families such as `KYV`, or `all`. A family brings its rules that
  are on by default or in a chosen profile; an id or a name, and `all`, also bring the others.
- The families PRJ and SUP speak of what could not be judged and of what was silenced. Whatever `select` says, they stay
  on as far as they are on by default, and only an id or a name takes one of them away, so that nothing passes silently.
  Those that compare several files of a project are rules as any others.
- `ignore` takes away. The command line's `select` and `profile` replace the configuration's; its `ignore` adds to it,
  and a rule that the command line selects by id or name runs although the configuration ignores it.
"""

import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from policylint.config import Config
from policylint.config.file import locate_setting
from policylint.config.patterns import Matches, compile_pattern
from policylint.errors import ConfigError, PolicylintError, UsageError, did_you_mean
from policylint.lint.loaded import LoadedRule
from policylint.lint.options import merge_options
from policylint.lint.rule import Rule
from policylint.model import Severity, YamlPath

ALL = "all"
OWN_FAMILIES = ("PRJ", "SUP")

_Value = TypeVar("_Value")
_Refuse = Callable[[str, int], PolicylintError]


class FileIgnore(NamedTuple):
    """The rules that files matching one pattern of `per-file-ignores` are spared from."""

    matches: Matches
    rules: frozenset[str]


class Selection(NamedTuple):
    """The outcome. `severity` and `options` are by rule id, for every rule; `configured` only where the user set it.

    `root` and `folder` are absolute: what patterns are relative to, and what the paths of findings are relative to.
    """

    active: tuple[LoadedRule, ...]
    severity: Mapping[str, Severity]
    configured: Mapping[str, Severity]
    options: Mapping[str, Mapping[str, Any]]
    file_ignores: tuple[FileIgnore, ...] = ()
    root: str = ""
    folder: str = ""

    def severity_of(self, rule_id: str, problem: Severity | None = None) -> Severity:
        """The severity of a problem: the configured one, else the problem's own, else the rule's."""
        return self.configured.get(rule_id) or problem or self.severity[rule_id]

    def ignored_for(self, path: str) -> frozenset[str]:
        """The ids that `per-file-ignores` takes away for the file that findings call `path`."""
        if not self.file_ignores:
            return frozenset()
        absolute = posixpath.normpath(Path(self.folder, path).as_posix())
        prefix = self.root.rstrip("/") + "/"
        if not absolute.startswith(prefix):
            return frozenset()
        relative = absolute.removeprefix(prefix)
        return frozenset().union(*(ignore.rules for ignore in self.file_ignores if ignore.matches(relative)))


def select_rules(
    rules: Sequence[LoadedRule],
    config: Config,
    *,
    cli_select: Sequence[str] = (),
    cli_ignore: Sequence[str] = (),
    cli_profile: Sequence[str] = (),
) -> Selection:
    """The selection from `rules`, which keep their order.

    Raises UsageError when the command line names what does not exist, and ConfigError, with its place, when the
    configuration does.
    """
    names = _Names.of([loaded.rule for loaded in rules])
    settings = _Settings(config, names)
    profiles = _profiles(names, config, cli_profile)
    chosen = _chosen(names, config, cli_select, profiles)
    ignored = _resolve_all(names.ignored, config.ignore, _in_config(config, "ignore"))
    if cli_select:
        ignored -= {names.ids[name] for name in cli_select if name in names.ids}
    ignored |= _resolve_all(names.ignored, cli_ignore, _on_command_line("--ignore"))
    configured = settings.by_rule("severity", config.severity)
    options = settings.by_rule("rules", config.rules)
    return Selection(
        active=tuple(loaded for loaded in rules if loaded.rule.id in chosen - ignored),
        severity={rule.id: configured.get(rule.id, rule.severity) for rule in names.rules},
        configured=configured,
        options={
            loaded.rule.id: merge_options(loaded, options.get(loaded.rule.id, {}), settings.option_error(loaded.rule))
            for loaded in rules
        },
        file_ignores=settings.file_ignores(),
        root=Path(config.root).resolve().as_posix(),
        folder=Path.cwd().as_posix(),
    )


def _profiles(names: "_Names", config: Config, cli_profile: Sequence[str]) -> frozenset[str]:
    chosen = cli_profile or config.profile
    refuse = _on_command_line("--profile") if cli_profile else _in_config(config, "profile")
    known = {profile for rule in names.rules for profile in rule.profiles}
    for index, profile in enumerate(chosen):
        if profile not in known:
            hint = did_you_mean(profile, known) or f"; known are {', '.join(sorted(known)) or 'none'}"
            raise refuse(f"unknown profile {profile!r}{hint}", index)
    return frozenset(chosen)


def _chosen(names: "_Names", config: Config, cli_select: Sequence[str], profiles: frozenset[str]) -> set[str]:
    on = {rule.id for rule in names.rules if rule.default or not profiles.isdisjoint(rule.profiles)}
    selectors = cli_select or config.select
    if not selectors:
        return on
    refuse = _on_command_line("--select") if cli_select else _in_config(config, "select")
    chosen = _resolve_all(lambda selector: names.selected(selector, on), selectors, refuse)
    return chosen | {
        rule.id for rule in names.rules if rule.family in OWN_FAMILIES and rule.default and rule.scope != "project"
    }


def _resolve_all(resolve: Callable[[str], frozenset[str]], selectors: Iterable[str], refuse: _Refuse) -> set[str]:
    found: set[str] = set()
    for index, selector in enumerate(selectors):
        try:
            found |= resolve(selector)
        except ValueError as error:
            raise refuse(str(error), index) from error
    return found


def _on_command_line(option: str) -> _Refuse:
    return lambda message, _index: UsageError(f"{option}: {message}")


def _in_config(config: Config, *steps: str) -> _Refuse:
    return lambda message, index: _config_error(config, message, YamlPath.of(*steps, index))


def _config_error(config: Config, message: str, path: YamlPath) -> ConfigError:
    return ConfigError(message, locate_setting(config, path))


class _Names(NamedTuple):
    """What rules are called: `ids` gives the id for an id or a name, `families` the ids of a family."""

    rules: tuple[Rule, ...]
    ids: Mapping[str, str]
    families: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> "_Names":
        ids = {name: rule.id for rule in rules for name in (rule.id, rule.name)}
        families: dict[str, frozenset[str]] = {}
        for rule in rules:
            families[rule.family] = families.get(rule.family, frozenset()) | {rule.id}
        return cls(tuple(rules), ids, families)

    def selected(self, selector: str, on: set[str]) -> frozenset[str]:
        """The ids that `select` means by `selector`. Raises ValueError for one that names nothing."""
        if selector == ALL:
            return frozenset(self.ids.values())
        if selector in self.families:
            return self.families[selector] & on
        return frozenset((self.rule_id(selector, (*self.families, ALL)),))

    def ignored(self, selector: str) -> frozenset[str]:
        """The ids that `ignore` means by `selector`. Raises ValueError for one that names nothing."""
        own = frozenset().union(*(self.families.get(family, frozenset()) for family in OWN_FAMILIES))
        if selector == ALL:
            return frozenset(self.ids.values()) - own
        if selector in OWN_FAMILIES:
            listed = ", ".join(sorted(self.families.get(selector, ())))
            message = f"the family {selector!r} cannot be ignored as a whole, so that nothing passes silently"
            raise ValueError(f"{message}; name the rules that are meant: {listed}")
        if selector in self.families:
            return self.families[selector]
        return frozenset((self.rule_id(selector, (*self.families, ALL)),))

    def rule_id(self, name: str, also: Iterable[str] = ()) -> str:
        """The id of the rule with this id or name. Raises ValueError when there is none."""
        if name not in self.ids:
            raise ValueError(f"unknown rule {name!r}{did_you_mean(name, (*self.ids, *also))}")
        return self.ids[name]


class _Settings(NamedTuple):
    """The parts of a configuration that are keyed by rules or by files."""

    config: Config
    names: _Names

    def by_rule(self, key: str, mapping: Mapping[str, _Value]) -> dict[str, _Value]:
        """`mapping`, keyed by rule ids. Raises ConfigError for an unknown rule or one under both names."""
        found: dict[str, _Value] = {}
        for name, value in mapping.items():
            try:
                rule_id = self.names.rule_id(name)
            except ValueError as error:
                raise _config_error(self.config, f"{key}: {error}", YamlPath.of(key, name)) from error
            if rule_id in found:
                message = f"{key}: {name!r} is a rule that is set above under its other name"
                raise _config_error(self.config, message, YamlPath.of(key, name))
            found[rule_id] = value
        return found

    def option_error(self, rule: Rule) -> Callable[[str, YamlPath], ConfigError]:
        """Makes the error for the option at a path below the rule's own settings."""

        def error(message: str, path: YamlPath) -> ConfigError:
            name = rule.id if rule.id in self.config.rules else rule.name
            return _config_error(self.config, message, YamlPath.of("rules", name, *path))

        return error

    def file_ignores(self) -> tuple[FileIgnore, ...]:
        found = []
        for pattern, selectors in self.config.per_file_ignores.items():
            try:
                matches = compile_pattern(pattern)
            except ValueError as error:
                place = YamlPath.of("per-file-ignores", pattern)
                raise _config_error(self.config, f"per-file-ignores: {error}", place) from error
            refuse = _in_config(self.config, "per-file-ignores", pattern)
            ids = _resolve_all(self.names.ignored, selectors, refuse)
            found.append(FileIgnore(matches, frozenset(ids)))
        return tuple(found)
