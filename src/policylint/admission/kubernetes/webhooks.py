"""Webhook configurations that the API server refuses.

Source: validation.go `validateValidatingWebhook`, `validateMutatingWebhook`, `validateAdmissionReviewVersions`, and
apiserver pkg/util/webhook/validation.go. Timeouts, side effects and absent review versions have rules of their own.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from policylint.admission.kubernetes import match_conditions, resource_rules, selectors
from policylint.model import Problem, YamlPath
from policylint.views import fields
from policylint.views.names import is_fully_qualified, is_letter_label, is_subdomain
from policylint.views.shape import Shape

_REFUSED = "the API server refuses this configuration"
_CHOICES = {
    "failurePolicy": ("Fail", "Ignore"),
    "matchPolicy": ("Equivalent", "Exact"),
    "reinvocationPolicy": ("Never", "IfNeeded"),
}
_REVIEWS = ("v1", "v1beta1")
_LAST_PORT = 65535


def problems(shape: Shape, configuration: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with each webhook of a ValidatingWebhookConfiguration or MutatingWebhookConfiguration."""
    seen: set[str] = set()
    for path, webhook in shape.mappings(configuration.get("webhooks"), YamlPath.of("webhooks")):
        name = fields.text(shape, webhook, path, "name")
        if not is_fully_qualified(name):
            yield Problem(
                path / "name",
                f"webhook name {name!r} is not fully qualified: {_REFUSED}" if name else f"no name: {_REFUSED}",
                "use a name of at least three parts, such as images.example.com",
            )
        elif name in seen:
            yield Problem(path / "name", f"another webhook is named {name} already: {_REFUSED}")
        seen.add(name)
        yield from _settings(shape, webhook, path)
        yield from _reviews(shape, webhook, path / "admissionReviewVersions")
        yield from _client(shape, webhook, path / "clientConfig")
        for here, rule in shape.mappings(webhook.get("rules"), path / "rules"):
            yield from resource_rules.problems(shape, rule, here)
        for selector in ("namespaceSelector", "objectSelector"):
            yield from selectors.problems(shape, webhook.get(selector), path / selector)
        conditions = webhook.get("matchConditions")
        yield from match_conditions.problems(shape, conditions, path / "matchConditions", "the API server")


def _settings(shape: Shape, webhook: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    for key, choices in _CHOICES.items():
        value = shape.string(webhook.get(key), path / key)
        if value is not None and value not in choices:
            yield Problem(path / key, f"{key} {value!r}: {_REFUSED}", f"use {' or '.join(choices)}")


def _reviews(shape: Shape, webhook: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    versions = shape.strings(webhook.get("admissionReviewVersions"), path)
    seen: set[str] = set()
    for where, version in versions:
        if version in seen or not is_letter_label(version):
            what = "is there twice" if version in seen else "is no version"
            yield Problem(where, f"{version!r} {what}: {_REFUSED}")
        seen.add(version)
    if versions and seen.isdisjoint(_REVIEWS):
        yield Problem(path, f"no version in it is one that the API server speaks: {_REFUSED}", "add v1")


def _client(shape: Shape, webhook: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    client = shape.mapping(webhook.get("clientConfig"), path)
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        both = "has both url and service" if url is not None else "has neither url nor service"
        yield Problem(path, f"clientConfig {both}: {_REFUSED}", "give exactly one of the two", at="key")
    elif url is not None:
        yield from _url(shape.string(url, path / "url"), path / "url")
    elif service is not None:
        yield from _service(shape, shape.mapping(service, path / "service"), path / "service")


def _url(url: str | None, path: YamlPath) -> Iterator[Problem]:
    if url is None:
        return
    try:
        parts = urlsplit(url)
        host, user = parts.hostname, parts.username
    except ValueError as error:
        yield Problem(path, f"this is no URL ({error}): {_REFUSED}")
        return
    wrong = [
        (parts.scheme != "https", "must begin with https://"),
        (not host, "must name a host"),
        (user is not None, "must not hold a user name or password"),
        (bool(parts.fragment), "must not end in a #fragment"),
        (bool(parts.query), "must not hold a ?query"),
    ]
    for is_wrong, what in wrong:
        if is_wrong:
            yield Problem(path, f"the webhook's url {what}: {_REFUSED}")


def _service(shape: Shape, service: Mapping[str, Any], path: YamlPath) -> Iterator[Problem]:
    for key in ("name", "namespace"):
        if not fields.text(shape, service, path, key):
            yield Problem(path / key, f"the service has no {key}: {_REFUSED}")
    port = shape.integer(service.get("port"), path / "port")
    if port is not None and not 1 <= port <= _LAST_PORT:
        yield Problem(path / "port", f"port {port} is not from 1 to {_LAST_PORT}: {_REFUSED}")
    where = fields.text(shape, service, path, "path")
    if where and not where.startswith("/"):
        yield Problem(path / "path", f"path {where!r} does not begin with a slash: {_REFUSED}", f"write /{where}")
    elif where != "/" and any(not is_subdomain(segment) for segment in where.rstrip("/").split("/")[1:]):
        yield Problem(path / "path", f"a segment of path {where!r} is no DNS name: {_REFUSED}")
