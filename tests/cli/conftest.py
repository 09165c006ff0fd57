"""The small world of ``tests.accounts.world`` as a fixture."""

from __future__ import annotations

import pytest
from tests.accounts.world import World, build_world


@pytest.fixture
def world(db: None) -> World:
    """Organisations without people."""
    return build_world()
