"""The timeline's words, and customers as they were, through the public interface alone."""

import time
import urllib.parse

from contract import ContractCase
from server import track


class PastTest(ContractCase):
    def setUp(self):
        super().setUp()

    def get(self, name, part="", **query):
        path = "/v1/customers/" + urllib.parse.quote(name, safe="") + part
        return self.ask("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def send(self, *events):
        answer = self.throughline.post("/v1/batch", {"batch": list(events)}, self.backend)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["sequence"]

    def identify(self, user, **traits):
        return self.send({"type": "identify", "userId": user, "traits": traits})

    def messages(self, name, **query):
        """All that the pages hold, and how many there were."""
        messages, pages = [], 0
        while True:
            answer = self.get(name, "/timeline", **query)
            self.assertEqual(answer.status, 200, answer.body)
            messages += [event["messageId"] for event in answer.json["data"]]
            pages += 1
            if not (cursor := answer.json["next"]):
                self.assertIsNone(answer.headers["Link"])
                return messages, pages
            self.assertIn("cursor=" + cursor, answer.headers["Link"])
            query["cursor"] = cursor

    # Words.

    def test_words_are_found_in_names_and_texts(self):
        def viewed(message, text):
            return track("ann", message, properties={"title": text, "sizes": ["Большой"], "price": 17})
        self.send(viewed("m-1", "ЁЛКА живая"), viewed("m-2", "Елочный шар"), viewed("m-3", "Winter BOOTS"))
        for words, expected in {
            "ёл": {"m-1", "m-2"}, "ЕЛ": {"m-1", "m-2"}, "елочн": {"m-2"}, "winter boots": {"m-3"}, "boots ёлка": set(),
            "product view": {"m-1", "m-2", "m-3"}, "большой": {"m-1", "m-2", "m-3"}, "title": set(), "17": set(),
        }.items():
            with self.subTest(words):
                self.assertEqual(set(self.messages("user_id:ann", q=words)[0]), expected)
        self.assertEqual(self.messages("user_id:ann", q="winter", channel="web")[0], ["m-3"])
        for wrong in "", "  ", "x" * 201:
            self.assertProblem(self.get("user_id:ann", "/timeline", q=wrong), 400, "/q")
        self.assertEqual(self.get("user_id:ann", "/timeline", q="x" * 200).status, 200)
        self.assertProblem(self.get("user_id:ann", "/timeline", cursor="1.7"), 400, "/cursor")

    def test_a_search_goes_on_from_page_to_page(self):
        count = 3600
        for start in range(0, count, 900):
            self.send(*[
                track("ann", f"m-{n}", "Needle" if n == 7 else "Hay", timestamp=f"2026-01-01T00:{n // 60:02}:{n % 60:02}Z")
                for n in range(start, start + 900)])
        found, pages = self.messages("user_id:ann", q="needle")
        self.assertEqual(found, ["m-7"])
        self.assertGreater(pages, 1)
        everything, _ = self.messages("user_id:ann", limit=500)
        self.assertEqual(everything, [f"m-{n}" for n in reversed(range(count))])

    # As it was.

    def test_a_customer_as_he_was(self):
        first = self.identify("ann", firstName="Ann", email="ann@example.test")
        then = self.identify("bob", firstName="Bob")
        before = {name: self.get(name).json for name in ("user_id:ann", "user_id:bob")}
        merge = self.ask("POST", "/v1/customers/user_id:ann/merges", {"with": "user_id:bob", "reason": "same"})
        self.assertEqual(merge.status, 200, merge.body)
        time.sleep(0.02)
        merged_at, merged = int(merge.headers["Throughline-Sequence"]), self.get("user_id:ann").json
        undo = self.ask("POST", f'/v1/merges/{merge.json["id"]}/undo', {"reason": "not the same"})
        self.assertEqual(undo.status, 200, undo.body)
        # Late: it happened before everything.
        self.send({"type": "identify", "userId": "ann", "traits": {"firstName": "Anna"}, "timestamp": "2020-01-01T00:00:00Z"})
        self.identify("ann", firstName="Anya")
        for name, was in before.items():
            told = self.get(name, asOf=then).json
            self.assertEqual(told.pop("asOf")["sequence"], then)
            self.assertEqual(told, was)
        for name in before:
            told = self.get(name, asOf=merged_at).json
            moment = told.pop("asOf")
            self.assertEqual(told, merged)
            by_time = self.get(name, asOf=moment["time"]).json
            self.assertEqual(by_time.pop("asOf"), moment)
            self.assertEqual(by_time, merged)
        timeline = self.get("user_id:bob", "/timeline", asOf=merged_at).json
        self.assertEqual(timeline["data"], merged["timeline"])
        self.assertEqual(timeline["asOf"]["sequence"], merged_at)
        page = self.get("user_id:bob", "/timeline", asOf=merged_at, limit=1)
        self.assertIn(f"asOf={merged_at}", page.headers["Link"])
        # Both of those whose data it is today were shown.
        shown = self.throughline.get("/v1/audit?limit=2", self.admin).json["data"]
        customers = {row["customer"] for row in shown}
        self.assertEqual(customers, {before["user_id:ann"]["id"], before["user_id:bob"]["id"]})
        self.assertProblem(self.get("user_id:bob", asOf=first), 404)
        self.assertProblem(self.get("user_id:ann", asOf="2020-01-01T00:00:00Z"), 404)

    def test_a_moment_that_is_none(self):
        last = self.identify("ann")
        for wrong in last + 1, 0, -1, "yesterday", "", "2999-01-01T00:00:00Z":
            for part in "", "/timeline":
                with self.subTest(wrong, part=part):
                    self.assertProblem(self.get("user_id:ann", part, asOf=wrong), 400, "/asOf")
        self.assertEqual(self.get("user_id:ann", asOf=last).status, 200)
