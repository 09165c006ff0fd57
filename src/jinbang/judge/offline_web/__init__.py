"""Web sites that answer inside the sandbox under their real host names, over HTTP and HTTPS.

    with web([Site(hosts=("books.example.cn",), files=folder)]) as site:
        with Box(companions=site.companions, mounts=site.mounts, hosts=site.hosts, …) as box:
            box.run(RunSpec(…, env=site.env))
            pages = site.log()

A site is a folder (see docs/architecture/judge-services.md) or a WARC recording, so a crawl is marked the same next
year. The log is written where the program cannot reach it.
"""

from jinbang.judge.offline_web.model import Hit, Site, SiteError
from jinbang.judge.offline_web.web import Web, web

__all__ = ["Hit", "Site", "SiteError", "Web", "web"]
