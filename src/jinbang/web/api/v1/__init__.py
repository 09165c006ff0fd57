"""The read interface for other systems, described by OpenAPI at /api/docs."""
