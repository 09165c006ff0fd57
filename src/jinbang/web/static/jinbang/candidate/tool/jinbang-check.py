"""金榜检查工具 / jinbang check tool: one file, Python 3.7 or later, nothing to install.

    python jinbang-check.py                                 asks for what it needs
    python jinbang-check.py http://exam-server --check      checks this machine only
    python jinbang-check.py http://exam-server CODE FOLDER  checks, then sends FOLDER's source files once a minute

Protocol: docs/exam-protocol.md, "Workspace snapshots". It reads source files in the folder and nothing else, never
changes a file, and keeps working while the network is away: the newest snapshots are kept in memory and sent later.
"""

import argparse
import base64
import gzip
import hashlib
import importlib.util
import json
import os
import shutil
import sys
import time
import urllib.error
import urllib.request

SERVER = ""  # filled in by the exam page that this file was downloaded from
CODE = ""
FORMAT = "jinbang-snapshot/1"
SUFFIXES = (
    ".py", ".ipynb", ".txt", ".csv", ".json", ".md", ".html", ".htm", ".css", ".js", ".sql", ".toml", ".cfg", ".ini",
    ".xml", ".yaml", ".yml", ".log",
)  # fmt: skip
LITTER = ("__pycache__", "node_modules", "venv", "env", "site-packages")  # and whatever begins with a dot
MAX_FILES, MAX_FILE, MAX_NEW = 300, 256 * 1024, 600 * 1024
KEEP = 30  # snapshots kept while the network is away: half an hour
DISK_MB, CLOCK_S = 500, 120
OVER = ("handed_in", "time_up", "grace_over")
ENDED = (*OVER, "voided", "absent", "room_closed", "snapshots_off", "code_wrong", "too_large")
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # the exam server is in the room


class Refused(Exception):  # noqa: N818 - it is what the server did
    """The server said no."""

    def __init__(self, status, body):
        super().__init__(f"{body.get('message_zh', status)} / {body.get('message_en', '')}")
        self.code = body.get("code", "")
        self.wait_s = body.get("retry_after_ms", 0) / 1000.0


class Unreachable(Exception):  # noqa: N818
    """No answer."""


class Server:
    """The exam server, and its clock: the PC's own is never believed."""

    def __init__(self, address, code=""):
        address = address.strip().rstrip("/")
        self.base = (address if "://" in address else "http://" + address) + "/exam/v1"
        self.code = code
        self.offset_ms = 0.0

    def ask(self, path, data=None):
        headers = {"Authorization": "Bearer " + self.code} if self.code else {}
        try:
            request = urllib.request.Request(self.base + path, data=data, headers=headers)  # noqa: S310
            with _open(request, timeout=10) as reply:
                answer = json.loads(reply.read().decode("utf-8"))
        except urllib.error.HTTPError as error:
            raise self._refusal(error) from None
        except (OSError, ValueError) as error:
            raise Unreachable(str(error)) from None
        self.offset_ms = answer["now"] - time.monotonic() * 1000
        return answer

    @staticmethod
    def _refusal(error):
        try:
            return Refused(error.code, json.loads(error.read().decode("utf-8")))
        except (OSError, ValueError):
            return Unreachable(f"HTTP {error.code}")

    def now_ms(self):
        return int(time.monotonic() * 1000 + self.offset_ms)


def sources(folder):
    """Relative path -> content of the source files in `folder`; what is too large or too many is left out."""
    found = {}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f.lower() not in LITTER and not f.startswith("."))
        for name in sorted(names):
            path = os.path.join(place, name)
            if os.path.splitext(name)[1].lower() not in SUFFIXES or len(found) >= MAX_FILES:
                continue
            try:
                if os.path.islink(path) or os.path.getsize(path) > MAX_FILE:
                    continue
                with open(path, "rb") as file:
                    found[os.path.relpath(path, folder).replace(os.sep, "/")[:200]] = file.read(MAX_FILE)
            except OSError:
                continue  # locked or gone: it comes with the next snapshot
    return found


class Snapshots:
    """What was seen and what of it the server has."""

    def __init__(self, folder):
        self.folder = folder
        self.waiting = []
        self.contents = {}
        self.known = set()
        self.last = None
        self.quiet = 0

    def take(self, now_ms):
        """Look at the folder and remember a snapshot if something changed (or every fifth time, as a sign of life)."""
        seen = sources(self.folder)
        files = {}
        for path, content in seen.items():
            digest = hashlib.sha256(content).hexdigest()
            files[path] = digest
            if digest not in self.known:
                self.contents[digest] = content
        if files == self.last and (self.waiting or (not self.contents and self.quiet < 4)):
            self.quiet += 1
            return
        self.last, self.quiet = files, 0
        self.waiting.append((now_ms, files))
        del self.waiting[:-KEEP]
        self._forget()

    def _forget(self):
        needed = set()
        for _, files in self.waiting:
            needed.update(files.values())
        self.contents = {digest: content for digest, content in self.contents.items() if digest in needed}

    def oldest(self):
        """The oldest waiting snapshot as (digests in it, bytes to send). The same until it is acknowledged."""
        taken_ms, files = self.waiting[0]
        contents, size = {}, 0
        for digest in sorted(set(files.values()) & set(self.contents), key=lambda d: (len(self.contents[d]), d)):
            size += len(self.contents[digest])
            if size > MAX_NEW:
                break  # the rest comes with the next snapshot
            contents[digest] = base64.b64encode(self.contents[digest]).decode("ascii")
        plain = {"format": FORMAT, "taken_ms": taken_ms, "files": files, "contents": contents}
        text = json.dumps(plain, sort_keys=True).encode("utf-8")
        return list(contents), _gzip(text)

    def acknowledged(self, digests):
        del self.waiting[0]
        self.known.update(digests)
        for digest in digests:
            self.contents.pop(digest, None)


def _gzip(text):
    """gzip with no time in it, so that the same snapshot is the same bytes again."""
    packed = gzip.compress(text, 9)
    return packed[:4] + b"\0\0\0\0" + packed[8:]


def send_all(server, snapshots):
    """Send what waits, oldest first; returns how many went. Raises Refused, Unreachable."""
    sent = 0
    while snapshots.waiting:
        digests, body = snapshots.oldest()
        try:
            server.ask("/workspace", body)
        except Refused as refused:
            if not 0 < refused.wait_s < 30:
                raise
            time.sleep(refused.wait_s)
            continue
        snapshots.acknowledged(digests)
        sent += 1
    return sent


def say(text):
    sys.stdout.write(time.strftime("%H:%M:%S ") + text + "\n")
    sys.stdout.flush()


def line(good, name, text):
    sys.stdout.write(f"[{'通过 OK' if good else '注意 !!'}] {name}: {text}\n")
    return good


def check(server, packages):
    """Check this machine and print it; returns whether all is well."""
    version = ".".join(map(str, sys.version_info[:3]))
    good = line(sys.version_info >= (3, 7), "Python", version + " " + sys.executable)
    for name in packages:
        there = importlib.util.find_spec(name.replace("-", "_").lower()) is not None
        words = "已安装 installed" if there else f"没有安装 missing: pip install {name}"
        good &= line(there, f"库 package {name}", words)
    free = shutil.disk_usage(os.getcwd()).free // (1 << 20)
    good &= line(free >= DISK_MB, "磁盘 disk", f"{free} MB 可用 free")
    try:
        began = time.monotonic()
        now = server.ask("/time")["now"]
        took = (time.monotonic() - began) * 1000
    except (Refused, Unreachable) as failure:
        return line(False, "考试服务器 exam server", f"{server.base} {failure}")
    good &= line(True, "考试服务器 exam server", f"{server.base}  {took:.0f} ms")
    apart = time.time() - now / 1000.0
    good &= line(abs(apart) <= CLOCK_S, "本机时钟 clock", f"与服务器相差 off by {apart:.0f} s（不影响考试 harmless）")
    return good


def watch(server, snapshots, every_s):
    """Take and send snapshots until the exam is over; returns the exit status."""
    while True:
        began = time.monotonic()
        snapshots.take(server.now_ms())
        try:
            sent = send_all(server, snapshots)
            if sent:
                say(f"已发送快照 sent: {sent}，文件 files: {len(snapshots.last)}")
        except Unreachable:
            say(f"网络中断，已暂存 kept: {len(snapshots.waiting)}，恢复后补发 sent later")
        except Refused as refused:
            say(str(refused))
            if refused.code in ENDED:
                return 0 if refused.code in OVER else 1
        time.sleep(max(0.2, every_s - (time.monotonic() - began)))


def pair(server):
    """Who this is for; asks again until the server answers. Raises Refused."""
    while True:
        try:
            return server.ask("/workspace")
        except Unreachable as failure:
            say(f"连不上考试服务器，5 秒后重试 cannot reach the exam server: {failure}")
            time.sleep(5)


def asked(words):
    return input(words).strip().strip('"')


def main(argv):
    parser = argparse.ArgumentParser(description="金榜检查工具 / jinbang check tool")
    parser.add_argument("server", nargs="?", default=SERVER, help="http://…")
    parser.add_argument("code", nargs="?", default=CODE, help="快照码 snapshot code, on the exam page")
    parser.add_argument("folder", nargs="?", default="", help="工作文件夹 work folder")
    parser.add_argument("--check", action="store_true", help="只检查 check only")
    parser.add_argument("--every", type=float, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    server = Server(given.server or asked("考试服务器地址 exam server address: "))
    if given.check:
        return 0 if check(server, []) else 1
    server.code = given.code or asked("快照码 snapshot code: ")
    try:
        who = pair(server)
    except Refused as refused:
        say(str(refused))
        return 1
    check(server, who["packages"])
    folder = given.folder or asked("工作文件夹（可把文件夹拖到这里） work folder: ")
    if not os.path.isdir(folder):
        say("没有这个文件夹 no such folder: " + folder)
        return 1
    say(f"准考证 ticket {who['ticket']}，座位 seat {who['seat']}：{os.path.abspath(folder)}")
    say("考试期间请不要关闭本窗口 Keep this window open during the exam.")
    return watch(server, Snapshots(os.path.abspath(folder)), given.every or who["every_s"])


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # a console that cannot show Chinese must not stop the tool
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say("已停止 stopped")
