"""Ways in which evaluating a policy ends without a verdict."""

from policylint.model import YamlPath


class EvaluationError(Exception):
    """A rule cannot be evaluated on this request: upstream's rule status `error`.

    `path` is the place in the policy's own document that the message is about, when it is known.
    """

    def __init__(self, message: str, path: YamlPath | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class Unsupported(EvaluationError):  # noqa: N818 -- a finding about the policy, as the report words it
    """The policy uses something that policylint does not evaluate; `feature` names it. Never a pass."""

    def __init__(self, feature: str, path: YamlPath | None = None) -> None:
        super().__init__(f"unsupported: {feature}", path)
        self.feature = feature


class MissingVariable(EvaluationError):  # noqa: N818
    """A variable or JMESPath query names a key that is not there (go-jmespath's NotFoundError)."""


class InvalidPolicy(EvaluationError):  # noqa: N818
    """The policy itself is wrong: upstream's CLI would leave it out."""
