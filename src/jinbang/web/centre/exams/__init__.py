"""Candidates, registrations, arrangements, papers and statements."""
