"""Backups of a shop that goes on selling, and their way back into a directory."""

import contextlib
import os
import pathlib
import shlex
import shutil
import signal
import sqlite3
import subprocess
import threading
import time

from server import BINARY, ServerTest, run, track


class BackupTest(ServerTest):
    def load(self, server, key, clients=3):
        """Posts pairs of events until the context ends; each pair is one transaction's."""
        goes_on, acknowledged = threading.Event(), []

        def work(client):
            number = 0
            while not goes_on.is_set():
                number += 1
                items = [track(f"u-{client}", f"m-{client}-{number}-{half}", x="x" * 500) for half in "ab"]
                if server.post("/v1/batch", {"batch": items}, key).status == 200:
                    acknowledged.append((client, number))

        threads = [threading.Thread(target=work, args=(client,), daemon=True) for client in range(clients)]

        @contextlib.contextmanager
        def running():
            for thread in threads:
                thread.start()
            try:
                yield acknowledged
            finally:
                goes_on.set()
                for thread in threads:
                    thread.join(20)
        return running()

    def filled(self, name="data", events=20):
        """A directory that was served, with events, and its server, stopped."""
        server = self.server(name)
        key = server.source("shop")
        batch = [track(f"u-{number}", f"m-{number}") for number in range(events)]
        self.assertEqual(server.post("/v1/batch", {"batch": batch}, key).status, 200)
        server.stop()
        return server

    def backup(self, server, name="shop.backup", *flags):
        file = self.directory / name
        done = run("backup", file, "--data", server.data, *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        return file

    def messages(self, data):
        """The events of a directory that nobody has open, or of a file, which are not touched."""
        path = data / "throughline.db" if data.is_dir() else data
        with contextlib.closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as database:
            return [row[0] for row in database.execute("SELECT message_id FROM event WHERE kind = 'track' ORDER BY sequence")]

    def files(self):
        """The files beside the directories; journals of erasures, which are not taken back, left out."""
        return sorted(path.name for path in self.directory.iterdir() if path.is_file() and path.suffix not in (".log", ".erasures"))

    def assertRefused(self, done, says, code=1):
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertRegex(done.stderr, says)

    # Backups.

    def test_a_backup_under_writes_is_of_one_moment(self):
        server = self.server()
        key = server.source("shop")
        with self.load(server, key) as acknowledged:
            for number in range(4):
                time.sleep(0.3)
                before = list(acknowledged)
                file = self.directory / f"{number}.backup"
                done = run("backup", file, "--data", server.data)
                self.assertEqual(done.returncode, 0, done.stderr)
                messages = self.messages(file)
                halves = {name[:-2] for name in messages}
                self.assertEqual(len(messages), 2 * len(halves), "half a transaction")
                self.assertLessEqual({f"m-{client}-{number}" for client, number in before}, halves)
                self.assertRegex(
                    done.stdout, rf"\A{file}: sequence {len(messages) + 1}, {file.stat().st_size} bytes, \d+\.\d\d\d s\n\Z")
                self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        restored = self.server("restored", start=False)
        self.assertEqual(run("restore", file, "--data", restored.data).returncode, 0)
        self.assertEqual(self.messages(restored.data), messages)
        restored.check()
        restored.start()
        self.assertEqual(restored.post("/v1/track", {"userId": "u", "event": "E"}, key).status, 200)

    def test_a_backup_without_a_server(self):
        server = self.filled()
        self.assertEqual(len(self.messages(self.backup(server))), 20)

    def test_a_backup_takes_no_file_s_place_unasked(self):
        server = self.filled()
        file = self.directory / "shop.backup"
        file.write_text("something else")
        self.assertRefused(run("backup", file, "--data", server.data), "already .--force")
        self.assertEqual(file.read_text(), "something else")
        self.assertEqual(len(self.messages(self.backup(server, "shop.backup", "--force"))), 20)
        own = server.data / "throughline.db"
        self.assertRefused(run("backup", own, "--data", server.data, "--force"), "is the database itself")
        self.assertRefused(run("backup", self.directory, "--data", server.data, "--force"), "is no file")
        self.assertRefused(run("backup", self.directory / "no/such/file", "--data", server.data), "cannot be made")
        self.assertRefused(run("backup", self.directory / "x", "--data", self.directory / "none"), "no database")
        self.assertRefused(run("backup", "--data", server.data), "FILE is missing", 2)
        self.assertEqual(self.files(), ["shop.backup"])

    def test_a_killed_backup_leaves_nothing_under_the_name(self):
        server = self.filled()
        file = self.directory / "shop.backup"
        for place in "backup.afterCopy", "backup.beforeName", "backup.afterJournal":
            done = run("backup", file, "--data", server.data, env={**os.environ, "THROUGHLINE_CRASH_AT": place})
            self.assertEqual(done.returncode, -signal.SIGKILL)
            self.assertRegex(" ".join(self.files()), r"\Ashop\.backup\.partial-\d+\Z")
        # The next one takes away what they left.
        self.backup(server)
        self.assertEqual(self.files(), ["shop.backup"])

    def test_a_backup_without_room_leaves_nothing(self):
        server = self.filled(events=200)
        command = f"ulimit -f 16; exec {BINARY} backup {self.directory}/shop.backup --data {server.data}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
        self.assertRefused(done, "no room")
        self.assertEqual(self.files(), [])

    # Restoring.

    def test_a_directory_with_a_database_is_replaced_only_by_force(self):
        server = self.filled()
        file = self.backup(server)
        other = self.filled("other", events=3)
        self.assertRefused(run("restore", file, "--data", other.data), "there is a database.*--force")
        self.assertEqual(len(self.messages(other.data)), 3)
        other.start()
        self.assertRefused(run("restore", file, "--data", other.data, "--force"), "in use by another process")
        other.kill()
        # What the killed server had in its journal is in the database that is kept.
        done = run("restore", file, "--data", other.data, "--force")
        self.assertEqual(done.returncode, 0, done.stderr)
        kept, = other.data.glob("throughline.db.replaced-*")
        self.assertIn(str(kept), done.stdout)
        self.assertRegex(kept.name, r"replaced-\d{8}T\d{6}\.\d{3}Z\Z")
        self.assertEqual((len(self.messages(kept)), len(self.messages(other.data))), (3, 20))
        self.assertEqual(sorted(path.name for path in other.data.iterdir()), ["control.sock", "lock", "master.key", "throughline.db", kept.name])

    def test_a_damaged_database_is_kept_with_its_journal(self):
        server = self.filled()
        file = self.backup(server)
        (server.data / "throughline.db").write_bytes(b"no database at all" * 300)
        (server.data / "throughline.db-wal").write_bytes(b"its journal")
        done = run("restore", file, "--data", server.data, "--force")
        self.assertEqual(done.returncode, 0, done.stderr)
        kept, = server.data.glob("throughline.db.replaced-*Z")
        self.assertEqual(kept.read_bytes()[:18], b"no database at all")
        self.assertEqual(kept.with_name(kept.name + "-wal").read_bytes(), b"its journal")
        self.assertEqual(len(self.messages(server.data)), 20)

    def test_what_is_no_backup_is_refused_and_nothing_is_changed(self):
        server = self.filled()
        good = self.backup(server)
        bytes_of_good = good.read_bytes()

        def made(name, change):
            file = self.directory / name
            file.write_bytes(bytes_of_good)
            with contextlib.closing(sqlite3.connect(file)) as database:
                database.executescript(change)
            return file

        damaged = bytearray(bytes_of_good)
        damaged[len(damaged) // 2:len(damaged) // 2 + 8192] = b"\x5a" * 8192
        for name, content in ("text", b"no backup"), ("damaged", bytes(damaged)), ("short", bytes_of_good[:9000]):
            (self.directory / name).write_bytes(content)
        table = [
            (self.directory / "none", "no file"), (self.directory / "text", "text is damaged or no database of ours"),
            (made("theirs", "PRAGMA application_id = 7"), "theirs is damaged or no database of ours"),
            (made("newer", "INSERT INTO migration VALUES (999, 'later')"), "newer was written by a newer program .migration 999"),
        ]
        empty = self.directory / "empty"
        for file, says in table:
            with self.subTest(file.name):
                self.assertRefused(run("restore", file, "--data", server.data, "--force"), says)
                self.assertRefused(run("restore", file, "--data", empty), says)
        for file in [self.directory / "damaged", self.directory / "short", made("wrong", "DELETE FROM message_recent")]:
            with self.subTest(file.name):
                done = run("restore", file, "--data", server.data, "--force")
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stdout + done.stderr, "nothing was restored|is damaged or no database")
        self.assertEqual(len(self.messages(server.data)), 20)
        self.assertEqual(sorted(path.name for path in server.data.iterdir()), ["lock", "master.key", "throughline.db"])

    def test_a_killed_restore_changes_nothing(self):
        server = self.filled()
        file = self.backup(server)
        other = self.filled("other", events=3)
        key = other.start().source("more")
        for number, place in enumerate(["restore.beforeKeeping", "restore.beforeName"]):
            with self.subTest(place):
                self.assertEqual(other.post("/v1/track", track("u", f"more-{number}"), key).status, 200)
                # What is in the journal only must be there afterwards.
                other.kill()
                done = run("restore", file, "--data", other.data, "--force", env={**os.environ, "THROUGHLINE_CRASH_AT": place})
                self.assertEqual(done.returncode, -signal.SIGKILL)
                self.assertEqual(len(list(other.data.glob("restore-*"))), 1)
                other.check()
                other.start()
                self.assertEqual(list(other.data.glob("restore-*")), [])
                self.assertEqual(len(other.timeline("user_id:u", other.key())), number + 1)

    def test_an_older_backup_is_migrated(self):
        """A database before its first migration stands for what an older program wrote."""
        server = self.server(start=False)
        with self.assertRaises(AssertionError):
            server.start(THROUGHLINE_CRASH_AT="migration.between:1")
        server.ended()
        self.servers.remove(server)
        with contextlib.closing(sqlite3.connect(server.data / "throughline.db")) as database:
            database.execute("SELECT count(*) FROM migration").fetchone()
        file = shutil.copy(server.data / "throughline.db", self.directory / "old.backup")
        done = run("migrate", "--data", server.data)
        self.assertEqual((done.returncode, done.stdout[:16]), (0, "migrated from 0 "), done.stderr)
        newest = done.stdout.split()[-1]
        restored = run("restore", file, "--data", self.directory / "restored")
        self.assertEqual(restored.stdout, f"restored to sequence 0\nmigrated from 0 to {newest}\n", restored.stderr)
        again = run("migrate", "--data", server.data)
        self.assertEqual(again.stdout, f"migrated from {newest} to {newest}\n")
        self.assertRefused(run("migrate", "--data", self.directory / "none"), "no database")
        served = self.server("served")
        self.assertRefused(run("migrate", "--data", served.data), "in use by another process")

    def test_what_the_readme_says_about_backups(self):
        """The commands of its section, as they stand there, while the directory is being served."""
        text = (pathlib.Path(__file__).parents[2] / "README.md").read_text()
        block = text.split("### Backup and restore")[1].split("```sh")[1].split("```")[0]
        server = self.server()
        server.source("shop")
        commands = [shlex.split(line, comments=True) for line in block.splitlines() if line.strip()]
        self.assertEqual([words[:2] for words in commands], [
            ["throughline", "backup"], ["throughline", "restore"], ["throughline", "verify"]])
        places = {"DIR": str(server.data), "NEW": str(self.directory / "new")}
        for words in commands:
            done = run(*[places.get(word, word) for word in words[1:]], cwd=self.directory)
            self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")
        self.assertTrue((self.directory / "new" / "throughline.db").exists())

    # What killed commands leave.

    def test_what_a_killed_replay_leaves_is_taken_away(self):
        server = self.filled()
        ended = subprocess.Popen(["true"])
        ended.wait()
        left, living = server.data / f"replay-{ended.pid}", server.data / f"replay-{os.getpid()}"
        for command in ["verify"], ["key", "create", "--role", "agent"]:
            for place in left, living:
                place.mkdir(exist_ok=True)
                (place / "throughline.db").write_text("x")
            self.assertEqual(run(*command, "--data", server.data).returncode, 0)
            self.assertEqual((left.exists(), living.exists()), (False, True), command)
