"""policy-controller's webhook, check by check. Source: sigstore/policy-controller 0.13, pkg/apis."""
