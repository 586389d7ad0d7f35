"""Opens idle connections after one request each, and prints what each costs the server.

    idle.py HOST PORT PID COUNT     prints bytes per connection, of the server's own (anonymous) memory

The kernel's socket buffers are not counted: they are the same for every server.
"""

import resource
import socket
import sys
import time


def own_memory(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    raise SystemExit("no RssAnon")


def connect(host, port):
    connection = socket.create_connection((host, port))
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n")
    answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    return connection


host, port, pid, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
connect(host, port).close()
time.sleep(0.2)
before = own_memory(pid)
connections = [connect(host, port) for _ in range(count)]
time.sleep(0.5)
print(round((own_memory(pid) - before) / count))
