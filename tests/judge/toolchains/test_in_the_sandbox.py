"""Every profile's interpreter runs in the sandbox, wherever it is installed, with the versions it promises."""

import pytest
from tests.judge.offline_web.sites import FILES

from jinbang.judge.offline_web import Site, web
from jinbang.judge.sandbox import Box, Limits, RunSpec
from jinbang.judge.toolchains import Toolchain, interpreters, prepare, profile

pytestmark = pytest.mark.sandbox
LIMITS = Limits(wall_s=60, cpu_s=30, memory_mb=1024, processes=64)


def built(name: str) -> Toolchain:
    if interpreters.find(profile(name).python) is None:
        pytest.skip(f"no Python {' or '.join(profile(name).python)} on this machine")
    return prepare(name)


def output(toolchain: Toolchain, program: str) -> str:
    files = {"main.py": program.encode()}
    with (
        web([Site(("books.example.cn",), FILES)]) as site,
        Box(
            files=files,
            limits=LIMITS,
            toolchain=toolchain,
            companions=site.companions,
            mounts=site.mounts,
            hosts=site.hosts,
        ) as box,
    ):
        done = box.run(RunSpec(script="main.py", limits=LIMITS, env=site.env))
    assert done.ok, done.stderr.decode()
    return done.stdout.decode()


def test_basic_runs_and_has_nothing_installed(basic: Toolchain):
    program = """
import sys, importlib.metadata
print(sys.version.split()[0], [d.name for d in importlib.metadata.distributions()])
"""
    assert output(basic, program) == f"{basic.version} []\n"


def test_the_elementary_list_of_2021_crawls():
    program = """
import requests, lxml.etree, sys
from lxml import html
tree = html.fromstring(requests.get("https://books.example.cn/list").content.decode())
print(sys.version_info >= (3, 7), requests.__version__, lxml.etree.__version__, len(tree.xpath("//li")))
"""
    assert output(built("elementary-2021"), program) == "True 2.26.0 4.6.3 3\n"


def test_the_intermediate_list_of_2021_crawls_with_scrapy():
    program = """
import scrapy, pymysql, pymongo, redis, selenium
from scrapy.crawler import CrawlerProcess
class Books(scrapy.Spider):
    name = "books"
    start_urls = ["https://books.example.cn/list"]
    def parse(self, response):
        for title in response.css("li.book a::text").getall():
            print(title)
        yield from response.follow_all(css="a.next")
crawler = CrawlerProcess({"LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False})
crawler.crawl(Books)
crawler.start()
print(scrapy.__version__, pymysql.__version__, pymongo.version, redis.__version__, selenium.__version__)
"""
    shown = output(built("intermediate-2021"), program).splitlines()
    assert shown[:-1] == [f"第{n}卷" for n in range(1, 8)]
    assert shown[-1] == "2.5.0 1.0.2 3.11.4 3.5.3 3.141.0"


@pytest.mark.soak
def test_the_advanced_list_of_2021_plots():
    program = """
import matplotlib; matplotlib.use("Agg")
import pandas, seaborn, sklearn.linear_model, numpy
frame = pandas.DataFrame({"x": range(9), "y": [2 * n + 1 for n in range(9)]})
seaborn.lineplot(data=frame, x="x", y="y").figure.savefig("/tmp/a.png")
model = sklearn.linear_model.LinearRegression().fit(frame[["x"]], frame["y"])
print(seaborn.__version__, pandas.__version__, numpy.__version__, round(model.coef_[0], 6))
"""
    assert output(built("advanced-2021"), program) == "0.11.0 1.3.4 1.20.3 2.0\n"
