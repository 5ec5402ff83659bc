"""Kyverno's policy webhook, check by check. Source: kyverno/kyverno 1.19, pkg/validation and api/kyverno."""
