"""Verbs of grading: the judge's queue, results, regrades, appeals, misconduct."""
