"""Mutation: strategic merges with Kyverno's anchors, JSON patches, both for every element of lists, and the rules that
carry them out. Kyverno pkg/engine/mutate and pkg/engine/handlers/mutation.
"""
