"""How easily an authority is met, since authorities of one policy are alternatives."""

from policylint.views.identities import is_person, weaknesses
from policylint.views.sigstore import Authority, Identity


def weakness(authority: Authority) -> str:
    """What an authority passes with that is much less than a key or a machine's identity, or nothing."""
    if authority.static == "pass":
        return "no signature at all"
    if authority.key is not None or authority.keyless is None:
        return ""
    return next(filter(None, map(_weakness, authority.keyless.identities)), "")


def _weakness(identity: Identity) -> str:
    if "everything" in weaknesses(identity.subject_reg_exp) and identity.subject_reg_exp:
        return "the signature of anybody"
    if is_person(identity.issuer, identity.subject):
        return f"the account of one person, {identity.subject}"
    return ""
