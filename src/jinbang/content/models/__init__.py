"""Items with their versions and reviews, blueprints, forms, practical tasks."""

from jinbang.content.models.form import Blueprint, Form, FormEntry
from jinbang.content.models.item import Item, ItemReview, ItemVersion, SkillPoint
from jinbang.content.models.task import PracticalTask

__all__ = [
    "Blueprint",
    "Form",
    "FormEntry",
    "Item",
    "ItemReview",
    "ItemVersion",
    "PracticalTask",
    "SkillPoint",
]
