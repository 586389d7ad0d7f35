"""Readers of `GET /v1/live` for tests: each a socket of its own, all of them looked at by one thread."""

import json
import selectors
import socket
import threading
import time

from server import PATIENCE, wait_for


class Reader:
    """One open stream, by a key or by headers: what came on it, as `(id, entry, time)`."""

    def __init__(self, server, key, query="", last=None, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", server.port))
        headers = {"Host": "x", **(key if isinstance(key, dict) else {"Authorization": f"Bearer {key}"})}
        if last is not None:
            headers["Last-Event-ID"] = last
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.socket.sendall(f"GET /v1/live{query} HTTP/1.1\r\n{lines}\r\n".encode())
        self.head, self.rest, self.chunks, self.text = None, b"", b"", b""
        self.entries, self.last, self.is_over = [], last, False

    @property
    def sequences(self):
        return [sequence for sequence, _, _ in self.entries]

    def took(self, data):
        """Reads what arrived, through the chunks (RFC 9112, 7.1) and the lines of the stream."""
        self.is_over |= not data
        self.rest += data
        if self.head is None:
            head, end, rest = self.rest.partition(b"\r\n\r\n")
            if not end:
                return
            self.head, self.rest = head.decode(), rest
        while (end := self.rest.find(b"\r\n")) >= 0:
            size = int(self.rest[:end], 16)
            self.is_over |= size == 0
            if len(self.rest) < end + 2 + size + 2:
                return
            self.text += self.rest[end + 2:end + 2 + size]
            self.rest = self.rest[end + 4 + size:]
        *blocks, self.text = self.text.split(b"\n\n")
        for block in blocks:
            fields = dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line)
            if b"id" in fields:
                self.last = int(fields[b"id"])
            if b"data" in fields:
                assert fields[b"event"] == b"entry", block
                self.entries.append((self.last, json.loads(fields[b"data"]), time.monotonic()))

    def read(self):
        """Reads once, where nobody else does."""
        self.took(self.socket.recv(1 << 16))

    def close(self):
        self.socket.close()


class Readers:
    """Many open streams."""

    def __init__(self):
        self.all, self.selector, self.is_ending = [], selectors.DefaultSelector(), False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def open(self, *words, **options):
        reader = Reader(*words, **options)
        reader.socket.setblocking(False)
        self.all.append(reader)
        self.selector.register(reader.socket, selectors.EVENT_READ, reader)
        wait_for(lambda: reader.last is not None or reader.is_over, "the stream's beginning")
        return reader

    def run(self):
        while not self.is_ending:
            for key, _ in self.selector.select(0.1):
                try:
                    data = key.fileobj.recv(1 << 16)
                except (ConnectionError, BlockingIOError):
                    data = b""
                key.data.took(data)
                if not data:
                    self.selector.unregister(key.fileobj)

    def close(self):
        self.is_ending = True
        self.thread.join()
        for reader in self.all:
            reader.close()
        self.selector.close()
