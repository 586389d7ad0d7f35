"""A year of a town that never was: `throughline demo`."""

import json
import re
import sqlite3

from server import ServerTest, run


class DemoTest(ServerTest):
    def demo(self, data, *words, code=0):
        done = run("demo", *words, "--data", data, timeout=300)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def log(self, data):
        database = sqlite3.connect(f"file:{data}/throughline.db?mode=ro", uri=True)
        try:
            return database.execute("SELECT * FROM event ORDER BY sequence").fetchall()
        finally:
            database.close()

    def test_a_town_of_200(self):
        data = self.directory / "town"
        told = self.demo(data, "--scale", 200, "--seed", 7)
        found = re.fullmatch(
            r"200 people, (\d+) events, (\d+) of them sent twice, in [\d.]+ s\n(\d+) events/s, sequence (\d+)\n", told)
        self.assertTrue(found, told)
        events, twice, rate, sequence = map(int, found.groups())
        log = self.log(data)
        self.assertEqual(len(log), sequence)
        self.assertEqual(sequence, events - twice + 4)
        self.assertTrue(200 * 5 <= events - twice <= 200 * 50 and twice > 0 and rate > 0)
        # Served, it is a shop like any other; what always holds is checked when the test ends.
        server = self.server("town")
        user = next(json.loads(row[11])["userId"] for row in log if row[5] == "practice-site")
        customer = server.customer("user_id:" + user, server.key())
        self.assertTrue(customer["known"] and customer["timeline"] and customer["traits"]["email"])

    def test_the_same_seed_gives_the_same_log_and_another_another(self):
        logs = []
        for name, seed in ("a", 1), ("b", 1), ("c", 2):
            self.demo(self.directory / name, "--scale", 20, "--seed", seed)
            logs.append(self.log(self.directory / name))
        self.assertEqual(logs[0], logs[1])
        self.assertNotEqual(logs[0], logs[2])

    def test_once_more_it_finds_everything_there_and_another_town_comes_beside(self):
        data = self.directory / "town"
        self.demo(data, "--scale", 20)
        before = self.log(data)
        self.demo(data, "--scale", 20)
        self.assertEqual(self.log(data), before)
        self.demo(data, "--scale", 10)
        self.demo(data, "--scale", 20, "--seed", 2)
        self.assertEqual(self.log(data)[:len(before)], before)
        self.assertGreater(len(self.log(data)), 2 * len(before))
        for command in "verify", "replay":
            done = run(command, "--data", data)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_shop_of_real_people_is_left_alone(self):
        server = self.server()
        self.assertIn("is in use by another process", self.demo(server.data, "--scale", 1, code=1))
        server.source("shop")
        server.stop()
        before = self.log(server.data)
        self.assertIn("events that demo did not make", self.demo(server.data, "--scale", 1, code=1))
        self.assertEqual(self.log(server.data), before)

    def test_what_is_no_scale_is_refused(self):
        for words in ["--scale", 0], ["--scale", 10_000_001], ["--scale", "many"], ["--scale", 1, "--seed", "x"]:
            self.demo(self.directory / "none", *words, code=2)
        self.assertFalse((self.directory / "none").exists())
