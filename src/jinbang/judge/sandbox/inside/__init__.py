"""What runs inside a room. Python ≥ 3.7, standard library only: the room's own interpreter runs it."""

from __future__ import annotations
