"""The exam-time server: a raw ASGI app over a narrow store, beside Django and not through it.

``docs/exam-protocol.md`` is what it speaks, ``docs/architecture/delivery.md`` how it works.
"""
