"""A directory of an older program: its views are made anew behind the first requests, whatever interrupts that."""

import signal
import sqlite3

from server import ServerTest, bearer, run, wait_for


class ViewTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.throughline = self.server()
        self.till = self.throughline.source("till", channel="store")
        self.agent = self.throughline.key("agent")
        people = [{"type": "identify", "messageId": f"m{i}", "userId": f"u{i}",
                   "traits": {"name": "Zanzibar Quint" if i == 299 else "Maria Lopez"}} for i in range(350)]
        for start in range(0, 350, 50):
            answer = self.throughline.post("/v1/batch", {"batch": people[start:start + 50]}, self.till)
            self.assertEqual(answer.status, 200, answer.body)
        self.throughline.stop()

    def make_old(self):
        """What an older program would have left: a search that knows nobody, and no note of who made it."""
        with sqlite3.connect(f"{self.throughline.data}/throughline.db") as database:
            database.execute("DELETE FROM view_version WHERE name = 'search'")
            database.execute("DELETE FROM search_posting")
            database.execute("DELETE FROM search_part")
        database.close()

    def found(self, query):
        answer = self.throughline.get(f"/v1/customers?q={query}", self.agent)
        self.assertEqual(answer.status, 200, answer.body)
        return len(answer.json["data"])

    def verified(self):
        done = run("verify", "--data", self.throughline.data)
        self.assertEqual(done.returncode, 0, done.stdout)
        return "later" not in done.stdout

    def test_views_are_made_anew_while_it_serves(self):
        self.make_old()
        self.throughline.start()
        self.assertEqual(self.throughline.get("/v1/customers/user_id:u7", self.agent).status, 200)
        wait_for(self.verified, "the views")
        self.assertEqual(self.found("Zanzibar"), 1)

    def test_an_interrupted_making_goes_on(self):
        self.make_old()
        for place in ("view.building:1", "view.building:2", "view.building:3", "view.switching:1"):
            with self.subTest(place):
                self.throughline.start(THROUGHLINE_CRASH_AT=place)
                self.assertEqual(self.throughline.ended(), -signal.SIGKILL)
                self.verified()
        self.throughline.start()
        wait_for(self.verified, "the views")
        self.assertEqual(self.found("Zanzibar"), 1)

    def test_migrate_finishes_it(self):
        self.make_old()
        done = run("verify", "--data", self.throughline.data)
        self.assertIn("later   search: is being made anew", done.stdout)
        self.assertEqual(run("migrate", "--data", self.throughline.data).returncode, 0)
        self.assertTrue(self.verified())
