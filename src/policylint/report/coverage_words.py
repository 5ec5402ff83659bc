"""The words for policy coverage that the formats for people share."""

from collections.abc import Sequence

from policylint.coverage import Coverage, Goal, percentage
from policylint.report.summary import counted


def headline(coverage: Coverage) -> str:
    """The totals in one line."""
    unmeasured = sum(1 for policy in coverage.policies if not policy.total)
    text = f"Policy coverage: {percent(coverage.reached, coverage.total)}"
    text += f", {coverage.reached} of {counted(coverage.total, 'goal')}"
    text += f" in {counted(len(coverage.policies) - unmeasured, 'policy').replace('policys', 'policies')}"
    return text + (f"; {unmeasured} not measured." if unmeasured else ".")


def percent(reached: int, total: int) -> str:
    """`97.5%`, or `none` where there are no goals."""
    share = percentage(reached, total)
    return "none" if share is None else f"{share:.1f}%"


def listed(goals: Sequence[Goal]) -> str:
    """Goals in a few words, the kinds among them together: `skip, initContainers, kinds CronJob, Job`."""
    kinds = [goal.name.removeprefix("kind ") for goal in goals if goal.sort == "kind"]
    names = [goal.name for goal in goals if goal.sort != "kind"]
    if kinds:
        names.append(f"{'kind' if len(kinds) == 1 else 'kinds'} {', '.join(kinds)}")
    return ", ".join(names)
