"""招聘信息采集、清洗与入库"""

import re

import pymongo
import requests

API = "https://zhaopin.example.cn/api/jobs"


def main():
    database = pymongo.MongoClient("127.0.0.1", 27017).recruit


if __name__ == "__main__":
    main()
