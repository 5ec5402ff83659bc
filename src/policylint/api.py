"""The stable Python interface: what rules, tests and other programs import."""

from policylint.document.document import Document
from policylint.lint.rule import Option, Rule, RuleContext
from policylint.model import (
    Edit,
    Finding,
    Fix,
    Location,
    Problem,
    RelatedPath,
    RemoveKey,
    RenameKey,
    Report,
    SetValue,
    Severity,
    Wrap,
    YamlPath,
)
from policylint.views.release import Project, Release, Update

__all__ = [
    "Document",
    "Edit",
    "Finding",
    "Fix",
    "Location",
    "Option",
    "Problem",
    "Project",
    "RelatedPath",
    "Release",
    "RemoveKey",
    "RenameKey",
    "Report",
    "Rule",
    "RuleContext",
    "SetValue",
    "Severity",
    "Update",
    "Wrap",
    "YamlPath",
]
