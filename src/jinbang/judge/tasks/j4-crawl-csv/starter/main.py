"""楚天书城图书信息采集"""

import csv

import requests
from lxml import etree

BASE = "http://shucheng.example.cn"
HEADERS = {"User-Agent": "JinbangExam/1.0"}


def fetch(url, encoding):
    """请求页面，按 encoding 解码后返回文本"""


def parse_list(text):
    """解析列表页，返回（图书列表, 下一页地址；没有下一页时为 None）"""


def parse_detail(text):
    """解析详情页，返回出版社"""


def main():
    pass


if __name__ == "__main__":
    main()
