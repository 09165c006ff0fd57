"""酒店预订入库与房态缓存：python main.py 预订文件 营业日期"""

import csv
import sys
from datetime import date, timedelta
from decimal import Decimal

import pymysql
import redis

CREATE = """
CREATE TABLE IF NOT EXISTS booking (
    code VARCHAR(16),
    room_no VARCHAR(8) NOT NULL,
    guest VARCHAR(32) NOT NULL,
    check_in DATE NOT NULL,
    nights INT NOT NULL,
    total FLOAT
) DEFAULT CHARSET = utf8mb4
"""
OVERLAP = """
SELECT COUNT(*) FROM booking
WHERE room_no = %s AND check_in < %s AND DATE_ADD(check_in, INTERVAL nights DAY) > %s
"""
STATUS = """
UPDATE room SET status = IF(EXISTS(
    SELECT 1 FROM booking WHERE booking.room_no = room.room_no
    AND check_in <= %s AND DATE_ADD(check_in, INTERVAL nights DAY) > %s), '占用', '空闲')
"""


class RefusedError(Exception):
    """预订被拒绝"""


def book(cursor, row):
    """受理一笔预订，返回金额"""
    cursor.execute("SELECT price FROM room WHERE room_no = %s", (row["房号"],))
    found = cursor.fetchone()
    if found is None:
        raise RefusedError("房间不存在")
    begin, nights = date.fromisoformat(row["入住日期"]), int(row["天数"])
    cursor.execute(OVERLAP, (row["房号"], begin + timedelta(days=nights), begin))
    if cursor.fetchone()[0]:
        raise RefusedError("日期冲突")
    total = found[0] * nights * (Decimal("0.9") if nights >= 7 else 1)
    cursor.execute(
        "INSERT INTO booking VALUES (%s, %s, %s, %s, %s, %s)",
        (row["预订号"], row["房号"], row["客人"], begin, nights, total),
    )
    cursor.execute("UPDATE room SET times = times + 1 WHERE room_no = %s", (row["房号"],))
    return total


def book_all(database, path):
    """逐笔处理预订文件"""
    done, refused, income = 0, 0, Decimal("0")
    with open(path, encoding="utf-8", newline="") as file, database.cursor() as cursor:
        for row in csv.DictReader(file):
            try:
                income += book(cursor, row)
                database.commit()
                done += 1
            except (RefusedError, pymysql.MySQLError) as error:
                database.rollback()
                refused += 1
                print(row["预订号"], f"拒绝：{error}")
    print(f"成功 {done} 笔，拒绝 {refused} 笔，收入 {income:.2f} 元")


def refresh_cache(database, cache, day):
    """由数据库刷新缓存"""
    with database.cursor() as cursor:
        cursor.execute("SELECT room_no, status FROM room")
        cache.hset("status", mapping=dict(cursor.fetchall()))
        cursor.execute("SELECT kind, SUM(total) FROM booking JOIN room USING (room_no) GROUP BY kind")
        for kind, total in cursor.fetchall():
            cache.zadd("income", {kind: float(total)})
        cursor.execute("SELECT guest FROM booking GROUP BY guest HAVING SUM(total) >= 3000")
        for (guest,) in cursor.fetchall():
            cache.sadd("guest:vip", guest)
    cache.set("hotel:date", day)


def main(path, day):
    database = pymysql.connect(host="127.0.0.1", port=3306, user="root", password="123456",
                               database="hotel", charset="utf8mb4")
    cache = redis.Redis(host="127.0.0.1", port=6379, decode_responses=True)
    with database.cursor() as cursor:
        cursor.execute(CREATE)
    book_all(database, path)
    with database.cursor() as cursor:
        cursor.execute(STATUS, (day, day))
    database.commit()
    refresh_cache(database, cache, day)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
