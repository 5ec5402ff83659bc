"""Policies that are right one by one, and not together."""
