"""Real servers beside a program in the sandbox: filled by PyMySQL, redis-py and pymongo, read by the judge."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jinbang.judge.sandbox import Box, Limits, RunResult, RunSpec
from jinbang.judge.services import SeedError, Stand, StateError, Want, availability, stand
from jinbang.judge.toolchains import BuildError, Toolchain, prepare

pytestmark = [pytest.mark.sandbox, pytest.mark.services]
LIMITS = Limits(wall_s=30, cpu_s=20, memory_mb=512, processes=64)
HOTEL = """
    CREATE TABLE room (id INT PRIMARY KEY, 名称 VARCHAR(20), price DECIMAL(8,2), since DATE, photo BLOB, ok BIT(1));
    INSERT INTO room VALUES (2, '大床房', 199.5, '2022-05-21', NULL, b'1'), (1, 'a<b&"', 88, NULL, x'00ff', b'0');
    CREATE VIEW cheap AS SELECT id FROM room WHERE price < 100;
""".encode()


@pytest.fixture(scope="module", autouse=True)
def needed() -> None:
    for kind in ("mariadb", "redis"):
        here = availability(kind)
        if not here.ok:
            pytest.skip(here.reason)


@contextmanager
def beside(program: str, toolchain: Toolchain, *wants: Want) -> Iterator[tuple[RunResult, Stand]]:
    """The program's run, and its services still up."""
    files = {"main.py": program.encode()}
    with (
        stand(wants) as services,
        Box(files=files, limits=LIMITS, toolchain=toolchain, companions=services.companions) as box,
    ):
        yield box.run(RunSpec(script="main.py", limits=LIMITS)), services


def test_a_pymysql_program_fills_a_real_server(modern: Toolchain):
    program = """
import pymysql
with pymysql.connect(host="localhost", port=3306, user="root", password="123456", database="hotel") as db:
    with db.cursor() as cursor:
        cursor.execute("CREATE TABLE guest (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(30) NOT NULL)")
        cursor.executemany("INSERT INTO guest (name) VALUES (%s)", [("欧阳·测试",), ("第二人",)])
        cursor.execute("DELETE FROM room WHERE id = 2")
    db.commit()
"""
    with beside(program, modern, Want("mariadb", "hotel", HOTEL)) as (result, services):
        assert result.ok, result.stderr.decode()
        state = services.dump("mariadb")
    assert state["tables"]["guest"]["rows"] == [{"id": 1, "name": "欧阳·测试"}, {"id": 2, "name": "第二人"}]
    assert state["tables"]["room"]["rows"] == [
        {"id": 1, "名称": 'a<b&"', "price": "88.00", "since": None, "photo": "00FF", "ok": 0}
    ]
    assert state["views"] == ["cheap"]
    assert [column["name"] for column in state["tables"]["guest"]["columns"]] == ["id", "name"]
    assert state["tables"]["guest"]["columns"][0]["extra"] == "auto_increment"


def test_the_seed_is_new_for_every_box(modern: Toolchain):
    program = """
import pymysql
with pymysql.connect(host="127.0.0.1", user="root", password="123456", database="hotel") as db:
    with db.cursor() as cursor:
        cursor.execute("DROP TABLE room")
"""
    for _ in range(2):
        with beside(program, modern, Want("mariadb", "hotel", HOTEL)) as (result, services):
            assert result.ok, result.stderr.decode()
            assert services.dump("mariadb")["tables"] == {}


def test_the_programs_account_owns_its_database_and_nothing_else(modern: Toolchain):
    program = """
import pymysql
db = pymysql.connect(host="127.0.0.1", user="root", password="123456", database="hotel")
for sql in ("SELECT * FROM mysql.global_priv", "SET GLOBAL general_log = 1", "SHUTDOWN", "CREATE DATABASE other",
            "CREATE USER me", "FLUSH PRIVILEGES", "SELECT 1 INTO OUTFILE '/tmp/x'", "INSTALL SONAME 'server_audit'",
            "GRANT ALL ON *.* TO root", "LOAD DATA INFILE '/etc/passwd' INTO TABLE room"):
    try:
        db.cursor().execute(sql)
        print("allowed", sql)
    except pymysql.err.MySQLError as error:
        print(error.args[0])
for user in ("judge", "mariadb.sys", "mysql", ""):
    try:
        pymysql.connect(host="127.0.0.1", user=user)
        print("allowed", user)
    except pymysql.err.MySQLError as error:
        print(error.args[0])
import os
print(os.path.exists("/run/mysqld"), os.path.exists("/srv/mariadb"))
"""
    with beside(program, modern, Want("mariadb", "hotel", HOTEL)) as (result, _):
        lines = result.stdout.decode().split("\n")
    assert result.ok, result.stderr.decode()
    assert "allowed" not in result.stdout.decode()
    assert lines[:3] == ["1142", "1227", "1227"]
    assert lines[14] == "False False"


def test_a_redis_program_fills_a_real_server(modern: Toolchain):
    program = """
import redis
db = redis.Redis(decode_responses=True)
assert db.get("greeting") == "你好 世界"
db.hset("user:1", mapping={"name": "甲", "age": 20})
db.zadd("rank", {"b": 2, "a": 1})
db.sadd("tags", "y", "x")
db.rpush("log", 1, 2)
db.set("code", "1234", ex=60)
redis.Redis(db=3).set("raw", b"\\xff\\x00")
"""
    seed = 'SET greeting "你好 世界"\n# a comment\n\nSADD tags z\n'.encode()
    with beside(program, modern, Want("redis", seed=seed)) as (result, services):
        assert result.ok, result.stderr.decode()
        state = services.dump("redis")
    assert state == {
        "0": {
            "code": {"type": "string", "value": "1234", "expires": True},
            "greeting": {"type": "string", "value": "你好 世界", "expires": False},
            "log": {"type": "list", "value": ["1", "2"], "expires": False},
            "rank": {"type": "zset", "value": [["a", 1.0], ["b", 2.0]], "expires": False},
            "tags": {"type": "set", "value": ["x", "y", "z"], "expires": False},
            "user:1": {"type": "hash", "value": {"age": "20", "name": "甲"}, "expires": False},
        },
        "3": {"raw": {"type": "string", "value": "\\xff\x00", "expires": False}},
    }


def test_a_redis_program_cannot_administer_the_server(modern: Toolchain):
    program = """
import redis
db = redis.Redis()
for words in ("SHUTDOWN", "CONFIG SET dir /", "MODULE LIST", "ACL LIST", "REPLICAOF 127.0.0.1 1", "DEBUG SLEEP 0",
              "SAVE"):
    try:
        print("allowed", words, db.execute_command(*words.split()))
    except redis.exceptions.RedisError as error:
        print(type(error).__name__)
import socket
with socket.create_connection(("127.0.0.1", 6379)) as raw:
    raw.sendall(b"AUTH judge judge\\r\\n")
    print(raw.recv(100).decode().split()[0])
"""
    with beside(program, modern, Want("redis")) as (result, _):
        assert result.ok, result.stderr.decode()
    assert "allowed" not in result.stdout.decode()
    assert result.stdout.decode().splitlines()[-1] == "-WRONGPASS"


@pytest.fixture(scope="module")
def emulator() -> None:
    """The MongoDB emulator, built where there is a Python that runs it: 15 s the first time."""
    try:
        prepare("mongo-emulator")
    except BuildError as error:
        pytest.skip(str(error))


def test_a_pymongo_program_fills_the_server_that_is_there(modern: Toolchain, emulator: None):
    here = availability("mongodb")
    if not here.ok:
        pytest.skip(here.reason)
    assert "MongoDB" in here.server
    program = """
import pymongo
db = pymongo.MongoClient("mongodb://localhost:27017/").market
assert db.goods.count_documents({}) == 1
db.goods.insert_many([{"_id": 2, "名": "梨", "price": 3.5}, {"_id": 3, "名": "桃", "price": 6}])
db.goods.update_one({"_id": 1}, {"$set": {"price": 5}})
db.goods.create_index([("price", -1)])
print(list(db.goods.aggregate([{"$group": {"_id": None, "sum": {"$sum": "$price"}}}])))
"""
    seed = '{"market": {"goods": [{"_id": 1, "名": "苹果"}]}}'.encode()
    for _ in range(2):  # the second box's server is another one, and knows nothing of the first
        with beside(program, modern, Want("mongodb", seed=seed)) as (result, services):
            assert result.ok, result.stderr.decode()
            state = services.dump("mongodb")
        assert result.stdout == b"[{'_id': None, 'sum': 14.5}]\n"
        goods = state["market"]["goods"]
        assert [document["price"] for document in goods["documents"]] == [5, 3.5, 6]
        assert [index["key"] for index in goods["indexes"].values()] == [[["_id", 1]], [["price", -1]]]
    with pytest.raises(StateError):
        services.dump("mongodb")


def test_two_boxes_have_servers_of_their_own(modern: Toolchain):
    program = "import redis\nredis.Redis().incr('n')\n"
    with (
        beside(program, modern, Want("redis")) as (_, one),
        beside(program, modern, Want("redis")) as (_, other),
    ):
        assert one.dump("redis")["0"]["n"]["value"] == other.dump("redis")["0"]["n"]["value"] == "1"


def test_a_seed_that_does_not_load_is_the_tasks_fault():
    for want in (
        Want("mariadb", "hotel", b"CREATE TABEL x (id INT);"),
        Want("mariadb", "bad name; DROP", b""),
        Want("redis", seed=b"SET only-a-key"),
        Want("redis", seed=b'SET a "never closed'),
    ):
        with pytest.raises(SeedError), stand([want]):
            pass


def test_a_mongodb_seed_of_another_shape_is_refused(emulator: None):
    for seed in (b"{", b"[]", b'{"db": []}', b'{"db": {"goods": {}}}'):
        with pytest.raises(SeedError), stand([Want("mongodb", seed=seed)]):
            pass


def test_a_dead_server_gives_no_state(modern: Toolchain):
    with beside("pass", modern, Want("redis"), Want("mariadb")) as (result, services):
        assert result.ok
    for kind in ("redis", "mariadb"):
        with pytest.raises(StateError):
            services.dump(kind)


def test_a_database_cannot_fill_the_hosts_disk(modern: Toolchain):
    program = """
import pymysql
db = pymysql.connect(host="127.0.0.1", user="root", password="123456", database="exam")
cursor = db.cursor()
try:
    for engine in ("InnoDB", "Aria"):
        cursor.execute(f"CREATE TABLE big_{engine} (data LONGBLOB) ENGINE={engine}")
        for _ in range(80):
            cursor.execute(f"INSERT INTO big_{engine} VALUES (REPEAT('x', 8000000))")
            db.commit()
    print("never full")
except pymysql.err.MySQLError as error:
    print("full")
"""
    with beside(program, modern, Want("mariadb")) as (result, _):
        assert result.stdout == b"full\n", result
