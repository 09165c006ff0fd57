"""Exam plans, sittings, rules and prices."""
