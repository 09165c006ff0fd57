"""Runs programs that are hostile until proven otherwise."""
