"""农副产品行情采集：python spider.py"""

import scrapy
from scrapy.crawler import CrawlerProcess


class PricePipeline:
    """清洗并保存"""

    def process_item(self, item, spider):
        return item


class PriceSpider(scrapy.Spider):
    name = "price"
    start_urls = ["https://nongmao.example.cn/"]

    def parse(self, response):
        pass


if __name__ == "__main__":
    process = CrawlerProcess({"ITEM_PIPELINES": {PricePipeline: 300}})
    process.crawl(PriceSpider)
    process.start()
