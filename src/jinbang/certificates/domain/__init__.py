"""Verbs of certificates: approve and number, issue, verify, suspend, revoke, replace."""
