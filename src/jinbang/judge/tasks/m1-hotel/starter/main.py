"""酒店预订入库与房态缓存：python main.py 预订文件 营业日期"""

import csv
import sys

import pymysql
import redis


def main(path, date):
    database = pymysql.connect(host="127.0.0.1", port=3306, user="root", password="123456",
                               database="hotel", charset="utf8mb4")
    cache = redis.Redis(host="127.0.0.1", port=6379, decode_responses=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
