"""Registries and repositories as `source.oci` takes them.

Source: sigstore/policy-controller pkg/apis/policy/common/validation.go `ValidateOCI`; google/go-containerregistry
pkg/name `NewRegistry` and `NewRepository` with strict validation.
"""

from policylint.admission.sigstore.urls import fault as url_fault
from policylint.regex import regex

_REPOSITORY = regex(r"[a-z0-9_\-./]{2,255}")
_REGISTRY = regex(r"[^/?#@\s]+")


def fault(text: str) -> str:
    """Why `text` is neither a registry nor a repository in one, or nothing."""
    host, slash, repository = text.partition("/")
    if not slash or not ("." in host or ":" in host):
        return _registry_fault(text)
    if not repository or not _REPOSITORY.fullmatch(repository):
        return "its repository may hold a-z, 0-9 and _ - . / (2 to 255 characters), and no tag"
    return _registry_fault(host)


def _registry_fault(text: str) -> str:
    if not _REGISTRY.fullmatch(text) or url_fault(f"//{text}"):
        return "its first part is not the name of a registry"
    return ""
