"""JMESPath as Kyverno's webhooks read it: whether it can be parsed, and nothing of what it would yield."""

from policylint.engine.errors import EvaluationError
from policylint.engine.variables.syntax import occurrences


def expression_defect(expression: str) -> str:
    """Why `expression` is no JMESPath (github.com/kyverno/go-jmespath); empty when it is."""
    from policylint.engine.jmespath import compile as compile_jmespath  # it brings in every function

    try:
        compile_jmespath(expression)
    except EvaluationError as error:
        return error.message
    return ""


def has_variable(text: str) -> bool:
    """Whether `text` holds a `{{ }}`, so that what it will be is not known."""
    return next(occurrences(text), None) is not None
