"""A rule's options: its defaults, and what the user set instead, checked against the rule's own schemas."""

from collections.abc import Callable, Mapping
from typing import Any

from policylint.errors import ConfigError, RuleFileError, did_you_mean
from policylint.lint.loaded import LoadedRule
from policylint.lint.rule import Option
from policylint.model import Location, YamlPath

Refuse = Callable[[str, YamlPath], ConfigError]


def merge_options(loaded: LoadedRule, given: Mapping[str, Any], refuse: Refuse) -> Mapping[str, Any]:
    """Every option of the rule with its value.

    `refuse` makes the error for a message and a path below the rule's settings; it is raised for options that the rule
    does not have and for values that their schemas do not allow. A schema that is none itself is a RuleFileError.
    """
    options = loaded.rule.options
    for name, value in given.items():
        label = f"rules.{loaded.rule.id}"
        if not options:
            raise refuse(f"{label}: the rule takes no options", YamlPath.of(name))
        if name not in options:
            hint = did_you_mean(name, options) or f"; known are {', '.join(options)}"
            raise refuse(f"{label}: unknown option {name!r}{hint}", YamlPath.of(name))
        _check(loaded, name, options[name], value, refuse)
    return {name: given.get(name, option.default) for name, option in options.items()}


def _check(loaded: LoadedRule, name: str, option: Option, value: Any, refuse: Refuse) -> None:
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.exceptions import best_match

    try:
        Draft202012Validator.check_schema(option.schema)
    except SchemaError as error:
        message = f"the schema of the option {name!r} is not a JSON Schema: {error.message}"
        raise RuleFileError(message, Location(loaded.path.as_posix())) from error
    mismatch = best_match(Draft202012Validator(option.schema).iter_errors(value))
    if mismatch is not None:
        place = YamlPath.of(name, *mismatch.absolute_path)
        raise refuse(f"rules.{loaded.rule.id}.{place}: {mismatch.message}", place)
