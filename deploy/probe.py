"""Asks a probe of this container and says by its exit code whether it answered 200.

usage: probe.py PORT [PATH]. It runs every few seconds, so it imports as little as it can.
"""

import socket
import sys

port, path = int(sys.argv[1]), (sys.argv[2:] or ["/readyz"])[0]
with socket.create_connection(("127.0.0.1", port), 2) as connection:
    request = f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n"
    connection.settimeout(4)
    connection.sendall(request.encode())
    answer = b""
    while piece := connection.recv(4096):  # to the end, or the server complains of a reset
        answer += piece
sys.exit(answer.split(b" ")[1:2] != [b"200"])
