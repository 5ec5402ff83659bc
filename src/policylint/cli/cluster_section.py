"""What `policylint init --from-cluster` writes: a `cluster:` section, and where and when it was read."""

from policylint.capacity.observed import Observed
from policylint.config.cluster_text import cluster_text
from policylint.report.escape import visible
from policylint.sources.cluster import Reading

_ADVICE = """\
# `count` is how many nodes there are: raise it to what an autoscaler may add. Pods with an `owner` that the manifests
# bring are theirs and do not count as others.
"""


def cluster_section(reading: Reading, observed: Observed) -> str:
    """The section with its comments; it reads back as `observed.cluster`."""
    when = reading.when.strftime("%Y-%m-%d %H:%M UTC")
    head = f"# Read from context {visible(reading.context)} on {when} by `policylint init --from-cluster`.\n"
    notes = "".join(f"# {_first_up(visible(note))}.\n" for note in observed.notes)
    return head + _ADVICE + notes + cluster_text(observed.cluster)


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
