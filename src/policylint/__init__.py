"""Policy-as-code tests and lint for Kubernetes.

The names below load on first use: importing the package costs next to nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policylint.api import *  # noqa: F403
    from policylint.assertions import assert_allowed as assert_allowed
    from policylint.assertions import assert_denied as assert_denied
    from policylint.assertions import assert_mutated as assert_mutated
    from policylint.errors import UsageError as UsageError
    from policylint.evaluation import Evaluation as Evaluation
    from policylint.evaluation import evaluate as evaluate


__version__ = "0.1.0"

# what rules do not need: importing the engine costs more than reading a manifest
_EVALUATION = {
    "Evaluation": "evaluation",
    "evaluate": "evaluation",
    "assert_allowed": "assertions",
    "assert_denied": "assertions",
    "assert_mutated": "assertions",
    "UsageError": "errors",
}


def __getattr__(name: str) -> Any:
    # importlib, not `from policylint import api`: that would ask this function for `api` and never end
    from importlib import import_module

    if name in _EVALUATION:
        return getattr(import_module(f"policylint.{_EVALUATION[name]}"), name)
    api = import_module("policylint.api")
    if name in api.__all__:
        return getattr(api, name)
    raise AttributeError(f"module 'policylint' has no attribute {name!r}")
