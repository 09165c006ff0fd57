"""Leaves files that trap whoever reads them: links out, pipes, sockets, depth, names that are no text, no permission."""
import os, socket, targets
os.symlink(targets.CANARY, "link")
os.symlink("/etc/passwd", "passwd.txt")
os.symlink("/proc/self/environ", "answer.csv")
os.symlink("/", "root")
os.symlink("loop", "loop")
os.mkfifo("pipe.txt")
socket.socket(socket.AF_UNIX).bind("socket.txt")
open(b"\xff\xfe.txt", "w").close()
open("line\nbreak.txt", "w").write("fine")
os.mkdir("closed")
open("closed/inner.txt", "w").write("kept")
os.chmod("closed", 0)
with open("sparse.bin", "wb") as handle:
    handle.truncate(30 << 20)
for _ in range(400):
    os.mkdir("deep")
    os.chdir("deep")
