"""农副产品行情采集：python spider.py"""

import json
import re

import scrapy
from scrapy.crawler import CrawlerProcess

ORDER = ["蔬菜", "水果", "粮油"]


class PricePipeline:
    """清洗并保存"""

    def __init__(self):
        self.items = []

    def process_item(self, item):
        low, high = (float(text) for text in re.findall(r"\d+\.\d+", item.pop("price")))
        factor = 0.5 if item.pop("unit") == "元/公斤" else 1
        item["low"], item["high"] = round(low * factor, 4), round(high * factor, 4)
        item["mean"] = round((item["low"] + item["high"]) / 2, 4)
        item["date"] = "-".join(re.findall(r"\d+", item["date"]))
        for key in ("category", "name", "market"):
            item[key] = item[key].strip()
        self.items.append(item)
        return item

    def close_spider(self):
        self.items.sort(key=lambda item: item["id"])
        with open("prices.jsonl", "w", encoding="utf-8") as file:
            for item in self.items:
                file.write(json.dumps(item, ensure_ascii=False) + "\n")
        with open("summary.txt", "w", encoding="utf-8") as file:
            for category in ORDER:
                means = [item["mean"] for item in self.items if item["category"] == category]
                file.write(f"{category} {len(means)} {sum(means) / len(means):.3f}\n")


class PriceSpider(scrapy.Spider):
    name = "price"
    start_urls = ["https://nongmao.example.cn/"]

    def parse(self, response):
        yield from response.follow_all(css="a.cat", callback=self.parse_list)

    def parse_list(self, response):
        for row in response.css("tr.item"):
            found = {
                "id": row.xpath("./td[1]/text()").get(),
                "name": row.xpath("./td[2]/a/text()").get(),
                "price": row.css("td.price::text").get(),
                "unit": row.xpath("./td[4]/text()").get(),
            }
            yield response.follow(row.xpath("./td[2]/a/@href").get(), self.parse_item, cb_kwargs={"found": found})
        yield from response.follow_all(css='a[rel="next"]', callback=self.parse_list)

    def parse_item(self, response, found):
        category, market, date = response.css("dd::text").getall()
        yield {**found, "category": category, "market": market, "date": date}


if __name__ == "__main__":
    process = CrawlerProcess({
        "ITEM_PIPELINES": {PricePipeline: 300},
        "ROBOTSTXT_OBEY": False,
        "USER_AGENT": "JinbangExam/1.0",
        "RETRY_TIMES": 3,
        "LOG_LEVEL": "WARNING",
        "TELNETCONSOLE_ENABLED": False,
    })
    process.crawl(PriceSpider)
    process.start()
