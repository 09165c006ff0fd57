"""Measurements that `jinbang bench` runs."""
