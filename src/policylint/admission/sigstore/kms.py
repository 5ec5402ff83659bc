"""URIs of key management systems: what admission takes, and what the controller can then read.

Sources: sigstore/policy-controller pkg/apis/policy/common/validation.go `ValidateKMS` and `validateAWSKMS`;
sigstore/sigstore pkg/signature/kms/{aws,azure,gcp,hashivault}/client.go `ValidReference`.
"""

from policylint.regex import regex

AWS, AZURE, VAULT, GCP = "awskms://", "azurekms://", "hashivault://", "gcpkms://"
PROVIDERS = (AWS, AZURE, VAULT, GCP)

_UUID = r"m?r?k?-?[A-Fa-f0-9]{8}-?[A-Fa-f0-9]{4}-?[A-Fa-f0-9]{4}-?[A-Fa-f0-9]{4}-?[A-Fa-f0-9]{12}"
_ARN = r"arn:(?:aws|aws-us-gov|aws-cn):kms:[a-z0-9-]+:\d{12}:"
_AWS = regex(rf"awskms://([^/\n]*)/(?:{_UUID}|{_ARN}key/{_UUID}|(?:{_ARN})?alias/[^\n]*)")
_ENDPOINT = regex(r"(?:\[[^\]\[]*\]|[^\[\]:]*):[^\[\]:]*")
_GCP = regex(
    r"gcpkms://projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+(/(cryptoKeyVersions|versions)/[^/]+)?"
)
_AZURE = regex(r"azurekms://[^/]+/[^/]+(/[^/]+)?")
_VAULT = regex(r"hashivault://\w(?:[\w\-./]*\w)?")

EXAMPLES = {
    AWS: "awskms:///arn:aws:kms:REGION:ACCOUNT:key/KEY-ID",
    AZURE: "azurekms://VAULT.vault.azure.net/KEY",
    VAULT: "hashivault://KEY",
    GCP: "gcpkms://projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY/cryptoKeyVersions/VERSION",
}


def provider_of(uri: str) -> str:
    """The provider's prefix that `uri` begins with; empty for another."""
    return next((each for each in PROVIDERS if uri.startswith(each)), "")


def refusal(uri: str) -> str:
    """Why admission refuses `uri`, or nothing. Of AWS's four forms it takes the two with an ARN."""
    provider = provider_of(uri)
    if not provider:
        return f"it begins with none of {', '.join(PROVIDERS)}"
    return _aws_refusal(uri) if provider == AWS else ""


def unreadable(uri: str) -> str:
    """Why the controller cannot read the key of a `uri` that admission takes, or nothing."""
    form = {GCP: _GCP, AZURE: _AZURE, VAULT: _VAULT}.get(provider_of(uri))
    return "" if form is None or form.fullmatch(uri) else f"it has not the form {EXAMPLES[provider_of(uri)]}"


def pins_no_version(uri: str) -> bool:
    """Whether `uri` names a key of Google's without saying which version of it."""
    match = _GCP.fullmatch(uri)
    return match is not None and match[1] is None


def _aws_refusal(uri: str) -> str:
    match = _AWS.fullmatch(uri)
    if match is None:
        return "it has not the form awskms://[ENDPOINT]/ARN"
    endpoint, key = match[1], uri.split("/")[3]
    if endpoint and not _ENDPOINT.fullmatch(endpoint):
        return f"its endpoint {endpoint} is no host and port"
    sections = key.split(":", 5)
    if sections[0] != "arn" or len(sections) < 6:
        return "a key id or an alias is not enough, it takes an ARN of one of them"
    if sections[5] not in ("key", "alias"):
        return f"its ARN is one of {sections[5]}, neither of a key nor of an alias"
    return ""
