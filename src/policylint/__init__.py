"""Policy-as-code tests and lint for Kubernetes."""
