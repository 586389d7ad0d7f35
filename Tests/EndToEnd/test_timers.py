"""What happens later: consents that end by themselves, while the server runs, after it was down, and after any kill."""

import contextlib
import datetime
import http.client
import signal
import sqlite3
import time

from contract import ContractCase
from server import bearer, wait_for

ANN = "/v1/customers/user_id:ann"


def later(seconds):
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class TimerTest(ContractCase):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.post("/v1/identify", {"userId": "ann"}).status, 200)

    def grant(self, purpose, end, **fields):
        answer = self.ask("PUT", ANN + "/consents", [{"purpose": purpose, "state": "granted", "expiresAt": end, **fields}])
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def consents(self):
        return {c["purpose"]: c["state"] for c in self.ask("GET", ANN + "/consents").json["consents"]}

    def ends(self):
        """The events of timers in the timeline."""
        return [e for e in self.throughline.timeline("user_id:ann", self.agent) if e["source"].startswith("timer:")]

    def test_a_grant_ends_while_the_server_runs(self):
        end = later(2)
        granted = self.grant("marketing", end, channel="email")["consents"]
        self.assertEqual([(c["state"], c["expiresAt"]) for c in granted], [("granted", end)])
        self.grant("service", later(3600))
        wait_for(lambda: self.consents() == {"marketing": "withdrawn", "service": "granted"}, "the end of a grant", 10)
        [event] = self.ends()
        self.assertEqual((event["type"], event["timestamp"]), ("consent", end))
        history = self.ask("GET", ANN + "/consents").json["history"]
        self.assertEqual([(c["state"], c["channel"]) for c in history if c["purpose"] == "marketing"],
                         [("withdrawn", "email"), ("granted", "email")])

    def test_what_is_wrong(self):
        for end, state in [("soon", "granted"), (later(-1), "granted"), (later(3651 * 86_400), "granted"), (later(5), "withdrawn")]:
            body = [{"purpose": "a", "state": state, "expiresAt": end}]
            answer = self.throughline.call("PUT", ANN + "/consents", body, bearer(self.agent))
            self.assertProblem(answer, 400, "/0/expiresAt")

    def test_what_was_due_while_nobody_served(self):
        ends = [later(1.5 + n / 10) for n in range(5)]
        for number, end in enumerate(ends):
            self.grant(f"p{number}", end)
        self.throughline.stop()
        time.sleep(2.5)
        self.throughline.start()
        wait_for(lambda: len(self.ends()) == 5, "the ends", 10)
        told = sorted(self.ends(), key=lambda event: event["sequence"])
        self.assertEqual([event["timestamp"] for event in told], ends)
        self.assertTrue(all(event["receivedAt"] > max(ends) for event in told))

    def test_each_fires_once_whatever_ends_the_server(self):
        for place in "timer.beforeFire", "timer.afterFire", "writer.beforeCommit", "writer.afterCommit":
            with self.subTest(place):
                purpose = place.lower()
                self.grant(purpose, later(1))
                self.grant(purpose + ".2", later(1.1))
                before = len(self.ends())
                self.throughline.stop()
                time.sleep(1.2)
                # What is due at the start is the first that the writer has to do after it has opened everything.
                with contextlib.suppress(AssertionError, OSError, http.client.HTTPException):
                    self.throughline.start(THROUGHLINE_CRASH_AT=f"{place}:{2 if place == 'timer.beforeFire' else 1}")
                self.assertEqual(self.throughline.ended(), -signal.SIGKILL, place)
                self.throughline.check()
                self.throughline.start()
                wait_for(lambda: len(self.ends()) >= before + 2, "the ends", 10)
                time.sleep(1.2)
                self.assertEqual(len(self.ends()), before + 2, place)
                self.assertEqual([self.consents()[purpose + more] for more in ("", ".2")], ["withdrawn"] * 2)

    def test_what_is_pending_is_in_backups_and_replays(self):
        self.grant("marketing", later(3600))
        self.throughline.check()
        self.throughline.stop()
        with sqlite3.connect(self.throughline.data / "throughline.db") as database:
            rows = database.execute("SELECT kind, payload FROM timer").fetchall()
        self.assertEqual(rows, [("consent", '{"purpose":"marketing"}')])
        self.throughline.start()
