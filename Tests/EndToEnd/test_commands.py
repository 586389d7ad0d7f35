"""The commands: what they refuse, and that their exit codes are the same whether the directory is served or not."""

import os
import shutil
import subprocess
import unittest

from server import BINARY, ServerTest, run


class CommandsTest(ServerTest):
    def test_a_stray_word_is_refused_and_nothing_is_done(self):
        data = self.server().data
        for words in (
            ["verify", "stray"], ["replay", "stray"], ["source", "create", "stray", "--name", "s", "--channel", "web"],
            ["key", "create", "stray", "--role", "agent"], ["migrate", "stray"], ["doctor", "stray"],
            ["backup", "file", "stray"], ["restore", "file", "stray"], ["apply", "file", "stray"],
        ):
            with self.subTest(words):
                answer = run(*words, "--data", data)
                self.assertEqual((answer.returncode, answer.stdout), (2, ""))
                self.assertEqual(answer.stderr, "throughline: there is no place for stray here\n")

    def test_exit_codes_do_not_depend_on_whether_the_directory_is_served(self):
        server = self.server()
        table = (
            (0, ["source", "create", "--name", "{new}", "--channel", "web"]),
            (1, ["source", "create", "--name", "shop", "--channel", "web"]),
            (1, ["key", "create", "--role", "source", "--source", "nobody"]),
            (2, ["source", "create", "--name", "A B", "--channel", "web"]),
            (2, ["source", "create", "--name", "x", "--channel", "nowhere"]),
            (2, ["key", "create", "--role", "king"]),
            (2, ["key", "create", "--role", "agent", "--name", "n" * 65]),
            (2, ["backup"]), (2, ["apply", "--dry-run"]), (2, ["restore", "--force"]), (2, ["backup", "x", "--force=1"]),
            (2, ["apply", "x", "--dry-run", "--dry-run"]), (1, ["apply", "no-such-file"]), (1, ["restore", "no-such-file"]),
        )
        run("source", "create", "--name", "shop", "--channel", "web", "--data", server.data)
        for when in "served", "at-rest":
            for code, words in table:
                with self.subTest(when, words=words):
                    answer = run(*[word.format(new=when) for word in words], "--data", server.data)
                    self.assertEqual(answer.returncode, code, answer.stderr)
            server.stop()

    def test_a_key_that_could_not_be_shown_is_told(self):
        data = self.server().data
        words = [BINARY, "key", "create", "--role", "agent", "--data", str(data)]
        with open("/dev/full", "w") as full:
            answer = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(answer.returncode, 1)
        self.assertIn("could not be shown", answer.stderr)

    def test_a_signal_at_the_moment_of_starting_is_not_lost(self):
        server = self.server(start=False)
        for _ in range(20):
            # It must end with 0, and within the helper's patience.
            server.start().stop()

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_a_database_that_cannot_be_written_is_told_in_one_line(self):
        server = self.server()
        server.stop()
        database, everybody = server.data / "throughline.db", 65534
        for path in self.directory, server.data, *server.data.iterdir():
            os.chown(path, everybody, everybody)
        # To root every file can be written.
        as_everybody = ["setpriv", f"--reuid={everybody}", f"--regid={everybody}", "--clear-groups"]
        binary = shutil.copy(BINARY, self.directory)
        for mode in 0o400, 0o444:
            database.chmod(mode)
            for words in ["serve", "--port", "0"], ["key", "create", "--role", "agent"]:
                with self.subTest(oct(mode), words=words):
                    answer = subprocess.run(
                        [*as_everybody, binary, *words, "--data", str(server.data)], capture_output=True, text=True,
                        timeout=60)
                    self.assertEqual((answer.returncode, answer.stdout), (1, ""))
                    self.assertRegex(answer.stderr, r"\Athroughline: [^\n]* cannot be written [^\n]*\n\Z")
        database.chmod(0o600)
