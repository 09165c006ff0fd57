"""Speaks to unix sockets of the host: by path, in the abstract name space, and the usual daemons."""
import socket, targets
for path in (targets.SOCKET, "\0" + targets.ABSTRACT, "/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket",
             "/run/systemd/private", "/run/mysqld/mysqld.sock", "/tmp/.X11-unix/X0"):
    targets.got(repr(path), lambda: socket.socket(socket.AF_UNIX).connect(path))
