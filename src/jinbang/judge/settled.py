"""Message classes that threads may use at once from the first moment.

msgspec works out a class when it is first decoded, and is not safe while it does so (0.22: the fields of a class that
another thread is still working out are null, and the process dies). Imports are safe: so it is done there.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


def settled(kind: type[T]) -> type[T]:
    """Class decorator: has msgspec work out the class, and those of its fields, now."""
    msgspec.json.Decoder(kind)
    return kind
