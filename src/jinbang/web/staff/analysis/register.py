"""The menu's way to the analysis of results."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jinbang.web.shell.navigation import Entry, add_entry

add_entry(Entry("grading", _("统计分析"), "statistics_list", icon="chart", ability="result.view", order=15))
