"""楚天书城图书信息采集"""

import csv

import requests
from lxml import etree

BASE = "http://shucheng.example.cn"
HEADERS = {"User-Agent": "JinbangExam/1.0"}
COLUMNS = ["编号", "书名", "作者", "出版社", "定价", "评分"]


def fetch(url, encoding):
    """请求页面，按 encoding 解码后返回文本"""
    response = requests.get(BASE + url, timeout=5)
    response.raise_for_status()
    response.encoding = encoding
    return response.text


def parse_list(text):
    """解析列表页，返回（图书列表, 下一页地址；没有下一页时为 None）"""
    tree = etree.HTML(text)
    books = []
    for item in tree.xpath('//ul[@class="book-list"]/li[@class="book"]'):
        books.append({
            "编号": item.get("data-id"),
            "书名": item.xpath('./a[@class="title"]/@title')[0],
            "作者": item.xpath('./span[@class="author"]/text()')[0].replace("作者：", "").strip(),
            "定价": item.xpath('./span[@class="price"]/text()')[0].lstrip("￥"),
            "评分": item.xpath('./span[@class="score"]/text()')[0].replace("分", "").strip(),
            "链接": item.xpath('./a[@class="title"]/@href')[0],
        })
    following = tree.xpath('//div[@class="pager"]/a[@class="next"]/@href')
    return books, following[0] if following else None


def parse_detail(text):
    """解析详情页，返回出版社"""
    tree = etree.HTML(text)
    return tree.xpath('//tr[th="出版社"]/td/text()')[0].strip()


def collect():
    """采集全部图书"""
    books, url = [], "/list?page=1"
    while url:
        text = fetch(url, "gbk")
        for link in etree.HTML(text).xpath('//div[@id="top"]/a/@href'):
            fetch(link, "utf-8")
        found, url = parse_list(text)
        books.extend(found)
    for book in books:
        book["出版社"] = parse_detail(fetch(book["链接"], "utf-8"))
    return books


def save(books):
    with open("books.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(books)


def main():
    books = collect()
    save(books)
    mean = sum(float(book["定价"]) for book in books) / len(books)
    best = max(books, key=lambda book: float(book["评分"]))
    print(f"图书总数：{len(books)}")
    print(f"平均定价：{mean:.2f}")
    print(f"评分最高：{best['书名']}")


if __name__ == "__main__":
    main()
