"""Menu of what programs run on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jinbang.web.shell.navigation import Entry, add_entry

add_entry(Entry("learning", _("运行环境"), "toolchain_list", icon="gear", ability="resource.view", order=45))
