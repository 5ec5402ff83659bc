"""All functions that expressions may call, by name; where Kyverno replaces a standard one, it is Kyverno's."""

from functools import cache

from policylint.engine.jmespath import arithmetic, collections, encodings, regexes, semver, standard, strings, times
from policylint.engine.jmespath.signature import Function


@cache
def functions() -> dict[str, Function]:
    """The table of functions."""
    modules = (standard, arithmetic, collections, encodings, regexes, semver, strings, times)
    return {function.name: function for module in modules for function in module.FUNCTIONS}
