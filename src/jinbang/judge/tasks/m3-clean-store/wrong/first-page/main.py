"""招聘信息采集、清洗与入库"""

import re
from concurrent.futures import ThreadPoolExecutor

import pymongo
import requests

API = "https://zhaopin.example.cn/api/jobs"
HEADERS = {"X-Requested-With": "XMLHttpRequest"}


def fetch(page):
    """取一页"""
    answer = requests.get(API, params={"page": page}, headers=HEADERS, timeout=10)
    answer.raise_for_status()
    return answer.json()


def salary(text):
    """月薪的下限与上限，元；面议为 (None, None)"""
    numbers = [int(number) for number in re.findall(r"\d+", text.split("·")[0])]
    if len(numbers) != 2:
        return None, None
    factor = 1000 if "k" in text.lower() else 1
    return numbers[0] * factor, numbers[1] * factor


def clean(raw):
    """清洗一个职位"""
    low, high = salary(raw["salary"])
    return {
        "job_id": raw["jobId"],
        "title": raw["title"].strip(),
        "city": raw["city"].removesuffix("市"),
        "low": low,
        "high": high,
        "degree": raw["degree"] or "不限",
        "company": raw["company"],
    }


def collect():
    """采集全部职位"""
    first = fetch(1)
    return [clean(raw) for page in [first] for raw in page["items"]]


def store(database, jobs):
    """存入职位，重复的只存一次"""
    database.jobs.create_index("job_id", unique=True)
    for job in jobs:
        database.jobs.update_one({"job_id": job["job_id"]}, {"$set": job}, upsert=True)


def summarise(database):
    """按城市汇总"""
    for city in ["武汉", "宜昌"] or database.jobs.distinct("city"):
        jobs = list(database.jobs.find({"city": city}))
        paid = [(job["low"] + job["high"]) / 2 for job in jobs if job["low"] is not None]
        mean = round(sum(paid) / len(paid), 2)
        database.city_stats.insert_one({"city": city, "count": len(jobs), "mean": mean})


def main():
    database = pymongo.MongoClient("127.0.0.1", 27017).recruit
    store(database, collect())
    summarise(database)


if __name__ == "__main__":
    main()
