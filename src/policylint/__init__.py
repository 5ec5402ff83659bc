"""Policy-as-code tests and lint for Kubernetes.

The names below load on first use: importing the package costs next to nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policylint.api import *  # noqa: F403


__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # importlib, not `from policylint import api`: that would ask this function for `api` and never end
    from importlib import import_module

    api = import_module("policylint.api")
    if name in api.__all__:
        return getattr(api, name)
    raise AttributeError(f"module 'policylint' has no attribute {name!r}")
