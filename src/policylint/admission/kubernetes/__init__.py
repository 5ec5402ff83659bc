"""What the API server itself refuses of the objects that admission is configured with.

Source: kubernetes/kubernetes pkg/apis/admissionregistration/validation/validation.go.
"""
