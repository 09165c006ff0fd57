"""Verbs of the item bank: items and versions, reviews, forms, practical tasks, transfer of whole banks."""
