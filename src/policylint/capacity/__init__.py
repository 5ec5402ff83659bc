"""Rollout arithmetic: node limits, pools, fenceposts, and what follows from them."""
