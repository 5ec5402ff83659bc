"""What Gatekeeper refuses of its templates and constraints.

Source: open-policy-agent/frameworks constraint/pkg/client and pkg/apis/templates, open-policy-agent/gatekeeper
pkg/target and pkg/webhook/policy.go. Rego itself is not judged.
"""
