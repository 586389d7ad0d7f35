"""`throughline doctor`: nothing to say where all is well, and each thing that is wrong by its name."""

import os
import shutil
import socket
import subprocess
import unittest

from server import BINARY, ServerTest, run


class DoctorTest(ServerTest):
    def doctor(self, *words, **options):
        """The exit code, and what is wrong, by name."""
        done = run("doctor", *words, **options)
        lines = [line.split(None, 1) for line in done.stdout.splitlines()]
        self.assertTrue(all(word in ("ok", "FAILED") for word, _ in lines), done.stdout + done.stderr)
        wrong = {rest.split(": ")[0]: rest for word, rest in lines if word == "FAILED"}
        self.assertEqual(done.returncode, 1 if wrong else 0, done.stdout + done.stderr)
        self.names = {rest.split(": ")[0] for _, rest in lines}
        return wrong

    def certificate(self, name, days):
        """A certificate and its key; with negative days it has expired."""
        certificate, key, asked = (self.directory / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
        for words in (
            ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=shop",
             "-keyout", key, "-out", asked],
            ["x509", "-req", "-in", asked, "-signkey", key, "-days", str(days), "-out", certificate],
        ):
            subprocess.run(["openssl", *words], check=True, capture_output=True)
        return certificate, key

    def configuration(self, **settings):
        path = self.directory / "settings.json5"
        path.write_text("{" + ", ".join(f"{name}: {value!r}" for name, value in settings.items()) + "}")
        return path

    def test_all_is_well(self):
        self.assertEqual(self.doctor("--data", self.directory / "new", "--port", "0"), {})
        self.assertLessEqual(
            {"SQLite", "OpenSSL", "zlib", "data directory", "database", "room on the disk", "port", "file descriptors"}, self.names)
        self.assertFalse((self.directory / "new").exists())
        server = self.server()
        self.assertEqual(self.doctor("--data", server.data, "--port", server.port), {})
        self.assertEqual(sorted(path.name for path in server.data.glob("doctor*")), [])

    def test_what_is_wrong_is_named(self):
        data = self.directory / "new"
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.assertEqual(set(self.doctor("--data", data, "--port", taken.getsockname()[1])), {"port"})
        wrong = self.doctor("--data", data, "--port", "0", "--host", "nowhere.invalid")
        self.assertIn("the host name nowhere.invalid cannot be resolved", wrong["port"])
        for limit, code, says in (1023, 1, "FAILED  file descriptors: 1023, less than 1024"), (1024, 0, "ok      file descriptors: 1024"):
            few = f"ulimit -n {limit}; exec {BINARY} doctor --port 0 --data {data}"
            done = subprocess.run(["bash", "-c", few], capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, says in done.stdout), (code, True), done.stdout)
        self.assertIn("colour is no setting", self.doctor("--config", self.configuration(colour="red"))["configuration"])
        self.assertEqual(set(self.doctor("--data", "x" * 100, "--port", "0")), {"data directory"})
        data.mkdir()
        (data / "throughline.db").write_text("no database")
        self.assertEqual(set(self.doctor("--data", data, "--port", "0")), {"database"})

    def test_certificates(self):
        good, old = self.certificate("good", 10), self.certificate("old", -1)
        settings = lambda certificate, key: self.configuration(certificate=str(certificate), certificateKey=str(key), port=0)
        look = lambda *pair, **options: self.doctor("--data", self.directory / "new", "--config", settings(*pair), **options)
        self.assertEqual(look(*good), {})
        self.assertIn("certificate", self.names)
        self.assertIn("has expired", look(*old)["certificate"])
        self.assertIn("cannot be read", look(self.directory / "none.pem", good[1])["certificate"])
        self.assertIn("key values mismatch", look(good[0], old[1])["certificate"])
        self.assertEqual(set(self.doctor("--data", self.directory / "new", "--config", self.configuration(certificate="x"))), {"configuration"})

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_a_directory_that_cannot_be_written(self):
        data = self.directory / "theirs"
        data.mkdir(mode=0o755)
        self.directory.chmod(0o755)
        somebody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        binary = self.directory / "throughline"
        shutil.copy(BINARY, binary)
        for path in data, data / "below":
            done = subprocess.run(
                [*somebody, str(binary), "doctor", "--port", "0", "--data", str(path)], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stdout, "FAILED  data directory: .* cannot be ")
