"""What an operator's bad days look like: stops under load, taken ports and files, full disks, strange databases."""

# Runs alone: a stop has its time.

import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
import time

from server import BINARY, Server, ServerTest, basic, bearer, run, track, wait_for


class Load:
    """Clients that post as long as it is entered, and remember what was acknowledged."""

    def __init__(self, server, key, clients=4, padding=100):
        self.server, self.key, self.padding = server, key, padding
        self.acknowledged, self.statuses, self.goes_on = [], [], True
        self.threads = [threading.Thread(target=self.work, args=(n,), daemon=True) for n in range(clients)]

    def work(self, client):
        number = 0
        while self.goes_on:
            number += 1
            items = [track(f"u-{client}", f"m-{client}-{number}-{n}", x="x" * self.padding) for n in range(5)]
            try:
                answer = self.server.post("/v1/batch", {"batch": items}, self.key, timeout=10)
            except OSError:
                self.statuses.append(None)
                time.sleep(0.01)
                continue
            self.statuses.append(answer.status)
            if answer.status == 200:
                self.acknowledged += [result["messageId"] for result in answer.json["results"]]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.goes_on = False
        for thread in self.threads:
            thread.join(20)


def logged(data):
    """The ids of all messages in a directory's log, from beside the server."""
    with contextlib.closing(sqlite3.connect(f"file:{data}/throughline.db?mode=ro", uri=True)) as database:
        return [row[0] for row in database.execute("SELECT message_id FROM event WHERE kind <> 'document'")]


class BadDaysTest(ServerTest):
    def assertRefused(self, done, says, code=1):
        """One clear line on standard error, and no trace of the program's insides."""
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertRegex(done.stderr, r"^throughline: .*" + says)
        for word in "Fatal", "Swift", "Optional(", "SQLFailure", "stack":
            self.assertNotIn(word, done.stderr)

    def made(self, name="data"):
        """A data directory that was served once, with some events."""
        server = self.server(name)
        key = server.source("shop")
        for number in range(20):
            items = [track(f"u-{number}", f"m-{number}-{n}", x="x" * 500) for n in range(20)]
            self.assertEqual(server.post("/v1/batch", {"batch": items}, key).status, 200)
        server.stop()
        self.servers.remove(server)
        return server.data

    def serve(self, data, *flags, **options):
        return run("serve", "--data", data, "--port", "0", *flags, **options)

    # Stopping.

    def test_sigterm_under_load(self):
        server = self.server()
        with Load(server, server.source("shop")) as load:
            wait_for(lambda: len(load.acknowledged) > 200, "some load")
            server.stop()
        self.assertEqual({status for status in load.statuses if status}, {200})
        counted = logged(server.data)
        self.assertEqual(len(counted), len(set(counted)))
        self.assertLessEqual(set(load.acknowledged), set(counted))

    def test_sigterm_at_once(self):
        """A stop that comes with the very line that tells of the start is not lost."""
        server = self.server()
        for _ in range(20):
            server.stop()
            server.start()

    def test_sigterm_finishes_what_has_begun(self):
        server = self.server()
        body = json.dumps(track("u-1", "m-1")).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in basic(server.source("shop")).items())
        with socket.create_connection(("127.0.0.1", server.port)) as begun, socket.create_connection(("127.0.0.1", server.port)) as idle:
            begun.sendall(f"POST /v1/track HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:10])
            time.sleep(0.2)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            self.assertTrue(server.is_running)
            begun.sendall(body[10:])
            answer = b"".join(iter(lambda: begun.recv(65536), b""))
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)
            self.assertIn(b"connection: close", answer.lower())
            idle.settimeout(5)
            self.assertEqual(idle.recv(1), b"")
        server.stop()
        self.assertEqual(logged(server.data), ["m-1"])

    def test_sigterm_waits_only_so_long(self):
        """A client that never finishes its request does not keep the server from ending."""
        server = self.server(environment={"THROUGHLINE_STOP_SECONDS": "1"})
        with socket.create_connection(("127.0.0.1", server.port)) as stuck:
            stuck.sendall(b"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            time.sleep(0.1)
            began = time.monotonic()
            server.stop()
        self.assertLess(time.monotonic() - began, 5)

    def test_a_log_that_nobody_reads(self):
        """When what collects the log hangs, lines are left out, and everybody is served."""
        server = self.server(start=False, environment={"THROUGHLINE_ACCESS_LOG": "true"})
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        server.start(stderr=writer)
        os.close(writer)
        for _ in range(1000):
            self.assertEqual(server.get("/healthz", timeout=5).status, 200)
        server.stop()

    # What is taken.

    def test_a_second_server(self):
        server = self.server()
        self.assertRefused(self.serve(server.data), "in use by another process")
        self.assertRefused(self.serve(self.directory / "other", f"--port={server.port}"), r"--port comes twice", 2)
        self.assertRefused(
            run("serve", "--data", self.directory / "other", "--port", server.port), rf"127\.0\.0\.1:{server.port}: .*in use")
        self.assertEqual(server.get("/readyz").status, 200)

    def test_an_address_that_is_not_ours(self):
        self.assertRefused(self.serve(self.directory / "a", "--host", "203.0.113.1"), "cannot listen at 203.0.113.1")
        self.assertRefused(self.serve(self.directory / "b", "--host", "no.such.host.invalid"), "the host name no.such.host.invalid cannot be resolved: ")

    def test_a_locked_database(self):
        data = self.made()
        with contextlib.closing(sqlite3.connect(data / "throughline.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            self.assertRefused(self.serve(data), "is locked by another program")
            other.execute("ROLLBACK")
        server = self.server(data.name)
        key = server.source("more")
        # A program that holds it for a moment is waited for; one that does not let go is told of.
        with contextlib.closing(sqlite3.connect(data / "throughline.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            threading.Timer(1, lambda: other.interrupt()).start()
            late = concurrent.futures.ThreadPoolExecutor(1).submit(server.post, "/v1/track", track("u", "late"), key)
            time.sleep(1)
            self.assertEqual(server.get("/readyz").status, 200)
            other.execute("ROLLBACK")
            self.assertEqual(late.result().status, 200)
            other.execute("BEGIN IMMEDIATE")
            answer = server.post("/v1/track", track("u", "never"), key)
            other.execute("ROLLBACK")
        self.assertProblem(answer, 503)
        self.assertTrue(answer.headers["Retry-After"])
        self.assertEqual(server.post("/v1/track", track("u", "never"), key).json["results"][0]["status"], "accepted")

    # Files that are not what they should be.

    def test_a_file_that_cannot_be_written(self):
        data = self.made()
        if os.geteuid() == 0 and self.mounted(data.with_name("fixed"), "size=8m", data):
            data = data.with_name("fixed")
            subprocess.run(["mount", "-o", "remount,ro", str(data)], check=True)
        else:
            for path in data / "throughline.db", data:
                path.chmod(path.stat().st_mode & ~0o222)
        self.assertRefused(self.serve(data), "cannot be written")
        self.assertRefused(run("key", "create", "--role", "agent", "--data", data), "cannot be written")

    def test_a_file_that_is_no_database(self):
        data = self.made()
        (data / "throughline.db").write_bytes(b"This is a letter, and no database at all. " * 500)
        for command in ["serve", "--port", "0"], ["verify"], ["replay"], ["key", "create", "--role", "agent"]:
            self.assertRefused(run(*command, "--data", data), "damaged or no database of ours")

    def test_damaged_pages(self):
        """Wherever a page is damaged: no crash, verify says so, and a server does not start or answers what it can."""
        data = self.made()
        key = run("key", "create", "--role", "storefront", "--data", data).stdout.strip()
        whole = (data / "throughline.db").read_bytes()
        self.assertFalse((data / "throughline.db-wal").exists(), "a clean stop leaves no journal")
        pages = len(whole) // 4096
        dice = random.Random(7)
        for page in [1, 2, 3, *dice.sample(range(4, pages), 6)]:
            with self.subTest(page=page):
                spoilt = bytearray(whole)
                spoilt[page * 4096:(page + 1) * 4096] = dice.randbytes(4096)
                (data / "throughline.db").write_bytes(spoilt)
                for command in "verify", "replay":
                    done = run(command, "--data", data)
                    self.assertGreaterEqual(done.returncode, 0, f"{command} was ended by a signal: {done.stderr}")
                    self.assertNotIn("Fatal", done.stderr)
                    if command == "verify":
                        self.assertEqual(done.returncode, 1, done.stdout)
                        self.assertTrue("FAILED" in done.stdout or done.stderr.count("\n") == 1, done.stdout + done.stderr)
                server = Server(data)
                try:
                    server.start()
                except AssertionError:
                    self.assertGreater(server.ended(), 0)
                    continue
                for path in "/healthz", "/readyz", "/v1/customers/user_id:u-1":
                    self.assertIn(server.call("GET", path, headers=bearer(key)).status, (200, 401, 404, 500, 503))
                server.stop()
        (data / "throughline.db").write_bytes(whole)
        self.assertEqual(run("verify", "--data", data).returncode, 0)

    def test_a_newer_database_and_another_programs(self):
        data = self.made()
        with contextlib.closing(sqlite3.connect(data / "throughline.db")) as database:
            database.execute("INSERT INTO migration VALUES (999, 'from the future')")
            database.commit()
        other = self.directory / "other"
        other.mkdir()
        with contextlib.closing(sqlite3.connect(other / "throughline.db")) as database:
            database.execute("CREATE TABLE note (text)")
        for command in ["serve", "--port", "0"], ["verify"], ["replay"], ["key", "create", "--role", "agent"]:
            self.assertRefused(run(*command, "--data", data), r"newer program \(migration 999\)")
            self.assertRefused(run(*command, "--data", other), "damaged or no database of ours")

    # Disks.

    def mounted(self, place, options, copied=None):
        """A small file system in memory, where we may mount one."""
        place.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True).returncode:
            return False
        self.addCleanup(subprocess.run, ["umount", "-l", str(place)])
        if copied:
            shutil.copytree(copied, place, dirs_exist_ok=True)
        return True

    def fills(self, server, make_full, make_room):
        """Posts before, while and after there is no room."""
        key, agent, shop = server.source("shop"), server.key(), server.key("storefront")
        self.assertEqual(server.post("/v1/track", track("u-0", "m-first"), key).status, 200)
        make_full()
        with Load(server, key, padding=5000) as load:
            wait_for(lambda: load.statuses.count(503) + load.statuses.count(507) > 20, "the disk to be full")
            self.assertEqual(server.get("/v1/customers/user_id:u-0", shop).status, 200)
            # A person is shown nothing that the audit has no room for.
            wait_for(lambda: server.get("/v1/customers/user_id:u-0", agent).status == 503, "a read to be refused")
            self.assertEqual(server.get("/readyz").status, 200)
            refused = wait_for(lambda: next(
                (a for a in [server.post("/v1/track", track("u", "m-x", x="x" * 20000), key)] if a.status != 200), None), "a refusal")
            self.assertIn(refused.status, (503, 507))
            self.assertProblem(refused, refused.status)
            self.assertTrue(refused.headers["Retry-After"])
            make_room()
            before = len(load.acknowledged)
            wait_for(lambda: len(load.acknowledged) > before + 50, "it to recover")
        self.assertLessEqual(set(load.statuses), {200, 503, 507}, server.log()[-1500:])
        counted = logged(server.data)
        self.assertEqual(len(counted), len(set(counted)))
        self.assertLessEqual(set(load.acknowledged), set(counted))
        self.assertTrue(server.is_running)
        told = server.log().count("make room on the disk")
        self.assertTrue(1 <= told <= 5, f"the operator is told {told} times")

    def test_a_limit_of_file_size(self):
        """SIGXFSZ does not end it."""
        server = self.server()
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        self.fills(server, lambda: resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (1 << 20, hard)),
                   lambda: resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard)))

    def test_a_full_disk(self):
        if os.geteuid() or not self.mounted(self.directory / "disk", "size=24m"):
            self.skipTest("only root may mount a small disk")
        filler = self.directory / "disk" / "filler"
        self.fills(self.server("disk/data"), lambda: filler.write_bytes(bytes(21 << 20)), filler.unlink)

    # The command line, and what stays behind.

    def test_the_command_line(self):
        for words, says in [
            (["nonsense"], "no command nonsense"), (["serve", "--prot", "1"], "no flag --prot"), (["key"], "no command key"),
            (["serve", "--port", "99999"], "port"), (["serve", "here"], "here"), (["verify"], "--data is missing"),
            (["verify", "--data", "x", "y"], "y"), (["serve", "--port"], "--port needs a value"),
            (["key", "create", "--role", "king", "--data", "x"], "a role is one of"),
            (["source", "create", "--name", "A b", "--channel", "web", "--data", "x"], "a source's name"),
        ]:
            with self.subTest(words):
                self.assertRefused(run(*words, cwd=self.directory), re.escape(says), 2)
        self.assertRefused(run("verify", "--data", "nowhere", cwd=self.directory), "no database in nowhere")
        nothing = run()
        self.assertEqual((nothing.returncode, nothing.stdout), (2, ""))
        for word in "help", "--help", "-h":
            done = run(word)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for command in "serve", "source create", "key create", "verify", "replay":
                self.assertIn(f"throughline {command}", done.stdout)

    def test_the_configuration(self):
        file = self.directory / "shop.json5"
        for text, says in [
            ('{prot: 1}', "shop.json5: prot is no setting"), ('{port: "many"}', "shop.json5: port"), ('{', "shop.json5: "),
            ('{certificate: "a.pem"}', "certificate and certificateKey go together"), ('{logLevel: "loud"}', "logLevel"),
        ]:
            file.write_text(text)
            self.assertRefused(self.serve(self.directory / "d", "--config", file), re.escape(says), 2)
        self.assertRefused(self.serve(self.directory / "d", "--config", "/no/file"), "/no/file", 2)
        self.assertRefused(self.serve(self.directory / "d", env={**os.environ, "THROUGHLINE_PROT": "1"}), "THROUGHLINE_PROT", 2)
        shutil.copy(pathlib.Path(__file__).parents[2] / "Config/throughline.json5", file)
        self.server(flags=["--config", str(file)])

    def test_what_lies_in_the_directory_is_its_owners(self):
        server = self.server()
        server.post("/v1/track", track("u", "m"), server.source("shop"))
        self.assertEqual(server.data.stat().st_mode & 0o777, 0o700)
        for path in server.data.iterdir():
            self.assertEqual(path.stat().st_mode & 0o777, 0o600, path)

    # Certificates.

    def certificate(self, name):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.directory / "key.pem",
             "-out", self.directory / "chain.pem"], check=True, capture_output=True)
        return (self.directory / "chain.pem").read_text()

    def test_certificates_are_read_anew(self):
        first = self.certificate("first")
        server = self.server(environment={
            "THROUGHLINE_CERTIFICATE": str(self.directory / "chain.pem"),
            "THROUGHLINE_CERTIFICATE_KEY": str(self.directory / "key.pem")})
        shown = lambda: ssl.get_server_certificate(("127.0.0.1", server.port)).strip()
        self.assertEqual((server.scheme, shown()), ("https", first.strip()))
        context = ssl.create_default_context(cadata=first)
        with context.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname="127.0.0.1") as old:
            second = self.certificate("second")
            server.process.send_signal(signal.SIGHUP)
            wait_for(lambda: shown() == second.strip(), "the new certificate")
            (self.directory / "chain.pem").write_text("no certificate")
            server.process.send_signal(signal.SIGHUP)
            wait_for(lambda: "certificates not reloaded" in server.log(), "the complaint")
            self.assertEqual(shown(), second.strip())
            old.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(old.recv(65536).startswith(b"HTTP/1.1 200"))
        done = self.serve(self.directory / "b", env={**os.environ, **server.environment})
        self.assertRefused(done, "certificate")
