"""Conditions: key, operator and value, in preconditions and deny rules."""

from policylint.engine.conditions.blocks import ConditionResult, evaluate_conditions
from policylint.engine.conditions.operators import compare
from policylint.engine.conditions.outcome import Outcome

__all__ = ["ConditionResult", "Outcome", "compare", "evaluate_conditions"]
