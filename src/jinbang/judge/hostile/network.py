"""Calls out: to the judge's host, to the metadata service, to the world, by every kind of socket."""
import socket, targets
for host in ("127.0.0.1", "::1", *targets.ADDRESSES):
    targets.got("tcp " + host, lambda: socket.create_connection((host, targets.PORT), 0.5))
for host, port in (("169.254.169.254", 80), ("1.1.1.1", 443), ("8.8.8.8", 53), ("10.0.0.1", 22), ("192.168.0.1", 80)):
    targets.got(host, lambda: socket.create_connection((host, port), 0.5))
    targets.got("udp " + host, lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (host, port)))
targets.got("name", lambda: socket.getaddrinfo("example.com", 80))
targets.got("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
targets.got("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
targets.got("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
targets.got("alg", lambda: socket.socket(38, socket.SOCK_SEQPACKET))
