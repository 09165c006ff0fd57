"""Leaves a message for the next run wherever one could be kept."""
import builtins, ctypes, os, signal, socket, sys, targets
if targets.ROLE == "leave":
    for folder in ("/work", "/tmp", "/dev/shm", "/run", "/var", "/usr", "/toolchain"):
        targets.quietly(lambda: open(folder + "/message", "w").write("for the next"))
    builtins.jinbang_message = sys.jinbang_message = "for the next"
    targets.quietly(lambda: os.sethostname("message"))
    libc = ctypes.CDLL(None)
    libc.shmget(4711, 4096, 0o1666)
    targets.quietly(lambda: libc.syscall(targets.CALLS["mq_open"], b"message", 0o102, 0o600, None))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\0jinbang-message")
    listener.listen()
    local = socket.socket()
    local.bind(("127.0.0.1", 4711))
    local.listen()
    if os.fork() == 0:
        os.setsid()
        signal.pause()
else:
    for folder in ("/work", "/tmp", "/dev/shm", "/run", "/var", "/usr", "/toolchain"):
        targets.got(folder, lambda: open(folder + "/message").read())
    targets.got("module", lambda: builtins.jinbang_message)
    targets.got("sys", lambda: sys.jinbang_message)
    targets.got("abstract", lambda: socket.socket(socket.AF_UNIX).connect("\0jinbang-message"))
    targets.got("port", lambda: socket.create_connection(("127.0.0.1", 4711), 0.5))
    if ctypes.CDLL(None).shmget(4711, 4096, 0) >= 0:
        print("GOT a segment")
