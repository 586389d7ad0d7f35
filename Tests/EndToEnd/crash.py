"""Kills the server again and again while clients post to it, and counts what it had acknowledged.

    crash.py [--kills N] [--power-cuts N] [--seed S]

Several processes post single events and batches with ids of their own and write down each id that was acknowledged, in
files of their own. The server is killed (`kill -9`) at random moments, or kills itself at a named place
(THROUGHLINE_CRASH_AT, debug builds only), and is started again on the same directory and port. After every kill: each
acknowledged id is in the log exactly once, nothing else is there twice, verify and replay find nothing wrong. What was
not acknowledged the clients send again, and it is accepted or a duplicate, never a conflict.

A power cut is a kill after which the server finds only what it had made durable (powercut.c).
"""

import argparse
import collections
import contextlib
import http.client
import json
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import typing

import powercut
from server import Server, basic, track

CLIENTS = 4
PLACES = [
    "writer.beforeCommit", "writer.afterCommit", "writer.afterSync", "intake.beforeFold", "checkpoint.before", "checkpoint.after"]


class Load(typing.NamedTuple):
    """What a request holds: how many events, and how many bytes each of them has beside its names."""

    counts: list
    sizes: list
    # Whether the server may fail; the client then writes so down and sends the same again.
    may_fail: bool = False


MIXED = Load([1, 1, 1, 5, 40], [10, 300, 20_000])
# The journal grows by most of it, so that within seconds it is copied and begun anew.
HEAVY = Load([4], [2000])


def post(port, key, dice, client, load, acknowledged, sent):
    """One client: posts until it is ended, and writes down what it was told."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    connection, unanswered, number = None, [], 0
    with open(acknowledged, "a", buffering=1) as book, open(sent, "a", buffering=1) as intents:
        while True:
            items = unanswered
            if not items:
                for _ in range(dice.choice(load.counts)):
                    number += 1
                    message = f"c{client}-{os.getpid()}-{number}"
                    items.append({"type": "track", "userId": f"u-{dice.randrange(20)}", "anonymousId": f"an-{dice.randrange(200)}",
                                  "messageId": message, "event": "Counted", "properties": {"x": "x" * dice.choice(load.sizes)}})
                intents.write("".join(item["messageId"] + "\n" for item in items))
            single = len(items) == 1
            body = json.dumps(items[0] if single else {"batch": items})
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("POST", "/v1/track" if single else "/v1/batch", body, basic(key))
                answer = connection.getresponse()
                status, text = answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                if connection:
                    connection.close()
                connection, unanswered = None, items
                time.sleep(0.02)
                continue
            if status == 500 and load.may_fail:
                pathlib.Path(acknowledged).with_suffix(".failed").touch()
            if status in (429, 503) or (status == 500 and load.may_fail):
                unanswered = items
                time.sleep(0.05)
                continue
            results = json.loads(text)["results"] if status == 200 else []
            if len(results) != len(items) or any(r["status"] not in ("accepted", "duplicate") for r in results):
                book.write(f"!{status} {text[:300]!r}\n")
                sys.exit(1)
            book.write("".join(result["messageId"] + "\n" for result in results))
            unanswered = []


class Crashes:
    # How many lives a directory has: after each the whole log is folded anew, which takes longer and longer.
    lives = 20

    def __init__(self, kills, seed):
        self.kills, self.dice = kills, random.Random(seed)
        self.tally = collections.Counter()
        self.begin()

    def begin(self):
        """A new directory, with nothing acknowledged in it yet."""
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="throughline-crash-"))
        self.server = Server(self.directory / "data")

    def read(self, kind):
        lines = [line for path in self.directory.glob(f"*.{kind}") for line in path.read_text().splitlines()]
        wrong = [line for line in lines if line.startswith("!")]
        assert not wrong, f"a client was refused: {wrong}"
        return lines

    def check(self):
        """Counts the log, beside the server, which is dead."""
        with contextlib.closing(sqlite3.connect(f"file:{self.server.data}/throughline.db", uri=True)) as database:
            ids = [row[0] for row in database.execute("SELECT message_id FROM event WHERE kind = 'track'")]
            sequences = [row[0] for row in database.execute("SELECT sequence FROM event ORDER BY sequence")]
        assert sequences == list(range(1, len(sequences) + 1)), "the log has holes"
        counted = collections.Counter(ids)
        twice = [name for name, count in counted.items() if count > 1]
        assert not twice, f"{len(twice)} events count twice, such as {twice[0]}"
        acknowledged = self.read("acknowledged")
        lost = [name for name in acknowledged if name not in counted]
        assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged events are lost, such as {lost[0]}"
        strange = set(counted) - set(self.read("sent"))
        assert not strange, f"nobody sent {strange}"
        self.server.check()
        return len(acknowledged), len(counted)

    @contextlib.contextmanager
    def clients(self, key, load=MIXED):
        """Clients that post until the end of the block."""
        clients = [
            multiprocessing.Process(target=post, daemon=True, args=(
                self.server.port, key, random.Random(self.dice.random()), client, load,
                self.directory / f"{client}.acknowledged", self.directory / f"{client}.sent"))
            for client in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            yield clients
        finally:
            for client in clients:
                client.terminate()
            for client in clients:
                client.join(10)

    def wait(self, seconds, clients, ended=lambda: False):
        """Waits while the server and the clients work; tells whether the server has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.server.is_running and not ended() and all(c.is_alive() for c in clients):
            time.sleep(0.002)
        return not self.server.is_running

    def kill(self):
        if self.server.is_running:
            os.kill(self.server.pid, signal.SIGKILL)
        code = self.server.ended()
        assert code == -signal.SIGKILL, f"the server ended with {code}: {self.server.log()[-2000:]}"

    def go_on(self, **environment):
        """Starts the server again: whoever was cut off sends it again and goes on."""
        before = len(self.read("acknowledged"))
        self.server.start(**environment)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and len(self.read("acknowledged")) < before + CLIENTS:
            time.sleep(0.02)
        assert len(self.read("acknowledged")) > before, "nothing goes on after the start"

    def once(self, number, key):
        """One life of the server: started, loaded, ended, counted."""
        places = [None, *PLACES]
        place = places[number] if number < len(places) else self.dice.choice(places)
        copies = place is not None and place.startswith("checkpoint")
        # A start commits up to three times before it listens.
        count = self.dice.randrange(1, 4) if copies else self.dice.randrange(8, 60)
        self.server.start(**({"THROUGHLINE_CRASH_AT": f"{place}:{count}"} if place else {}))
        with self.clients(key, HEAVY if copies else MIXED) as clients:
            reached = self.wait(self.dice.uniform(0.05, 1.5) if place is None else 15, clients)
            self.kill()
            acknowledged, counted = self.check()
            self.go_on()
        self.server.stop()
        self.check()
        name = place or "a random moment"
        self.tally[name if reached or place is None else f"{name} (not reached)"] += 1
        print(f"kill {number + 1} at {name}: {acknowledged} acknowledged, {counted} in the log", flush=True)

    def run(self):
        try:
            key = self.server.source("shop")
            self.first_start()
            for number in range(self.kills):
                if number > 0 and number % self.lives == 0:
                    shutil.rmtree(self.directory)
                    self.begin()
                    key = self.server.source("shop")
                self.once(number, key)
            print(f"{self.kills} lives, nothing lost: {dict(self.tally)}")
            missed = [name for name in self.tally if " (" in name and self.tally[name.split(" (")[0]] == 0]
            if missed:
                raise SystemExit(f"what dies nowhere shows nothing: {missed}")
        finally:
            if self.server.is_running:
                self.server.kill()
            shutil.rmtree(self.directory, ignore_errors=True)

    def first_start(self):
        """A new directory whose first start dies between its migrations is none the worse for it."""
        fresh = Server(self.directory / "fresh")
        with contextlib.suppress(AssertionError):
            fresh.start(THROUGHLINE_CRASH_AT="migration.between:1")
            raise SystemExit("migration.between is not reached")
        assert fresh.ended() == -signal.SIGKILL
        fresh.start()
        fresh.stop()
        fresh.check()


class PowerCuts(Crashes):
    """Power cuts instead of kills: under a mixed load, under one for which the journal is copied and begun anew, and
    after a sync that failed, of the journal or of the database."""

    lives = 4

    def first_start(self):
        """What the first server in a new directory has acknowledged is there after a power cut."""
        fresh = Server(self.directory / "fresh")
        fresh.data.mkdir(mode=0o700)
        disk = powercut.Disk(self.library, fresh.data)
        fresh.start(**disk.environment())
        key = fresh.source("shop")
        results = []
        for _ in range(2):
            answer = fresh.post("/v1/batch", {"batch": [track("u-1", "first")]}, key)
            results.append(answer.json["results"][0]["status"])
            if len(results) == 1:
                fresh.kill()
                disk.cut()
                fresh.start()
        fresh.stop()
        fresh.check()
        assert results == ["accepted", "duplicate"], f"a new directory's first event: {results}"

    def journal(self):
        """How often the journal was begun anew, as its header says (https://sqlite.org/fileformat2.html, 4.1)."""
        with contextlib.suppress(OSError), open(self.server.data / "throughline.db-wal", "rb") as file:
            return int.from_bytes(file.read(16)[12:], "big")
        return 0

    def failed(self):
        """Whether a client was told that the server failed."""
        return any(self.directory.glob("*.failed"))

    def once(self, number, key):
        kind = [self.mixed, self.heavy, self.failed_journal, self.failed_database][number % 4]
        # None, a little, or most of what was not made durable is on the disk nevertheless.
        luck = [None, 5, 50, 95][number // 4 % 4]
        self.disk = powercut.Disk(self.library, self.server.data)
        with kind(key, luck and (luck, self.dice.randrange(1 << 30))):
            anew = self.journal()
            self.kill()
            acknowledged = len(self.read("acknowledged"))
            self.disk.cut()
            self.go_on()
        self.server.stop()
        self.check()
        self.tally[kind.__name__] += 1
        print(f"power cut {number + 1}, {kind.__name__}, luck {luck or 0} %: {acknowledged} acknowledged, "
              f"journal begun anew {anew} times", flush=True)

    @contextlib.contextmanager
    def mixed(self, key, luck):
        self.server.start(**self.disk.environment(luck))
        with self.clients(key) as clients:
            self.wait(self.dice.uniform(0.05, 1.5), clients)
            yield

    @contextlib.contextmanager
    def heavy(self, key, luck):
        self.server.start(**self.disk.environment(luck))
        with self.clients(key, HEAVY) as clients:
            self.wait(40, clients, lambda: self.journal() > 0)
            assert self.journal() > 0, "the journal is never begun anew"
            self.wait(self.dice.uniform(0.05, 1.5), clients)
            yield

    def failed_journal(self, key, luck):
        return self.failing(key, luck, MIXED, "throughline.db-wal", self.dice.randrange(3, 100))

    def failed_database(self, key, luck):
        return self.failing(key, luck, HEAVY, "throughline.db", 1)

    @contextlib.contextmanager
    def failing(self, key, luck, load, name, count):
        """A sync fails and the server says so; killed and started again, it goes on until the power cut."""
        self.server.start(**self.disk.environment(luck, (name, count)))
        with self.clients(key, load._replace(may_fail=True)) as clients:
            self.wait(40, clients, lambda: self.failed() or self.journal() > 0)
            assert self.failed(), "a failed sync is told to nobody"
            self.kill()
            self.go_on(**self.disk.environment(luck))
            self.wait(self.dice.uniform(0.05, 1.5), clients)
            yield
        for note in self.directory.glob("*.failed"):
            note.unlink()

    def run(self):
        with tempfile.TemporaryDirectory(prefix="throughline-powercut-") as directory:
            self.library = powercut.build(directory)
            super().run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="Scripts/crash")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--power-cuts", type=int, default=0)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    try:
        if given.kills is None:
            given.kills = 0 if given.power_cuts else 5
        for kind, number in (Crashes, given.kills), (PowerCuts, given.power_cuts):
            if number:
                kind(number, given.seed).run()
    except AssertionError as error:
        raise SystemExit(f"FAILED: {error}")
