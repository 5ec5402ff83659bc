"""Rules as report formats know them."""

from policylint.lint.describe import rule_page
from policylint.lint.session import Run
from policylint.report import RuleInfo


def rule_infos(run: Run) -> tuple[RuleInfo, ...]:
    """What report formats say about the rules that ran."""
    return tuple(
        RuleInfo(
            loaded.rule.id,
            loaded.rule.name,
            run.rulebook.selection.severity[loaded.rule.id],
            loaded.documentation.summary,
            rule_page(loaded),
            loaded.rule.url,
            loaded.rule.since,
        )
        for loaded in run.rulebook.by_id.values()
    )
