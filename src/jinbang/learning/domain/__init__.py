"""Verbs of learning: training, mock practice, resources, support."""
