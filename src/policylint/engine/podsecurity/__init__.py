"""`validate.podSecurity`: the Pod Security Standards as kyverno evaluates them."""

from policylint.engine.podsecurity.evaluation import PodSecurityResult, evaluate_pod_security
from policylint.engine.podsecurity.handler import validate_pod_security

__all__ = ["PodSecurityResult", "evaluate_pod_security", "validate_pod_security"]
