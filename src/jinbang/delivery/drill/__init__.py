"""Rehearsals: simulated candidates over real HTTP, with faults, and the books checked afterwards."""
