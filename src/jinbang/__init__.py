"""jinbang 金榜: runs a vocational-certificate examination programme."""

__version__ = "0.1.0"
