"""Variables in rules: `{{ request.object.metadata.name }}` and what takes its place."""

from policylint.engine.variables.substitution import Template, substitute
from policylint.engine.variables.syntax import is_dynamic

__all__ = ["Template", "is_dynamic", "substitute"]
