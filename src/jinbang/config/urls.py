"""Addresses of the whole installation; the exam-time engine is mounted beside Django in ``config.asgi``."""

from jinbang.web.urls import handler403, handler404, handler500, urlpatterns

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]
