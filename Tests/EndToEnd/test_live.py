"""What changes, as it changes, for open screens: `GET /v1/live`."""
# Runs alone: a change reaches a screen within a second.

import sqlite3
import threading
import time

from contract import ContractCase
from server import bearer, run, track, wait_for
from streams import Reader, Readers

MANY = 500


class LiveTest(ContractCase):
    def setUp(self):
        super().setUp()
        self.readers = Readers()
        self.addCleanup(self.readers.close)

    def open(self, query="", key=None, **options):
        return self.readers.open(self.throughline, key or self.agent, query, **options)

    def entries(self, reader, count):
        wait_for(lambda: len(reader.entries) >= count, f"{count} entries, not {len(reader.entries)}")
        return [entry for _, entry, _ in reader.entries]

    def send(self, user, message, **fields):
        return self.post("/v1/track", track(user, message, **fields)).json["results"][0]["customer"]

    def hold(self, entry):
        """Holds an entry to its schema."""
        self.assertEqual(self.contract.schema_errors({"$ref": "#/components/schemas/LiveEntry"}, entry), [])

    # One stream.

    def test_what_is_told(self):
        reader = self.open()
        self.assertIn("Content-Type: text/event-stream", reader.head)
        customer = self.send("u-1", "m-1", timestamp="2026-01-02T03:04:05Z", properties={"secret": "ann@example.test"})
        (told,) = self.entries(reader, 1)
        self.assertEqual(told, {
            "sequence": told["sequence"], "kind": "event", "type": "track", "event": "Product Viewed", "channel": "web",
            "source": "shop", "customer": customer, "timestamp": "2026-01-02T03:04:05.000Z"})
        self.ask("PATCH", "/v1/customers/user_id:u-1/traits", {"traits": {"email": "ann@example.test"}})
        self.ask("PUT", "/v1/customers/user_id:u-1/state/film", {"value": 17})
        self.ask("POST", "/v1/customers/user_id:u-1/identifiers",
                 {"type": "phone", "value": "+12015552345", "reason": "said so"})
        self.ask("PUT", "/v1/documents/source/till", {"name": "till", "channel": "store"}, self.admin)
        self.post("/v1/page", {"userId": "u-1", "name": "Home"})
        told = self.entries(reader, 6)
        self.assertEqual(
            [(entry["kind"], entry["type"], entry["event"]) for entry in told[1:]],
            [("traits", "traits", None), ("state", "state", "film"), ("identifier", "identifier", "added"),
             ("document", "document", "source"), ("event", "page", "Home")])
        for entry in told:
            self.hold(entry)
            self.assertEqual(entry["customer"], None if entry["kind"] == "document" else customer)
        self.assertNotIn("ann@", str(told))
        self.assertNotIn("2015552345", str(told))

    def test_a_long_name_is_cut_and_takes_no_reader_with_it(self):
        reader = self.open()
        for length in 300, 301, 15_000:
            self.send("u-1", f"m-{length}", event='"' * length)
        for entry in self.entries(reader, 3):
            self.hold(entry)
            self.assertEqual(len(entry["event"]), 300)

    def test_who_may(self):
        self.send("u-1", "m-1")
        for key, status in [({}, 401), ({"Authorization": "Bearer tk_wrong"}, 401)]:
            self.assertProblem(self.ask("GET", "/v1/live", key=key), status)
        self.assertProblem(self.ask("GET", "/v1/live", key=self.backend), 403)
        for role in "owner", "admin", "marketer", "agent", "store", "readonly":
            self.assertIn("200 OK", self.open(key=self.throughline.key(role)).head)
        # The shop's own front knows whom it asks for, here as in the search.
        front = self.throughline.key("storefront")
        self.assertProblem(self.ask("GET", "/v1/live", key=bearer(front)), 403)
        self.assertIn("200 OK", self.open("?customer=user_id:u-1", key=front).head)
        # A page of another origin reads nothing with a key, whatever it is told.
        answer = self.throughline.call("HEAD", "/v1/live", headers={
            "Authorization": f"Bearer {self.agent}", "Origin": "https://evil.test"})
        self.assertEqual((answer.status, answer.headers["Access-Control-Allow-Origin"]), (200, None))

    def test_a_person_who_follows_everybody_is_audited(self):
        person = self.throughline.key("agent", name="person")
        self.open(key=person)
        self.open("?after=0", key={"Authorization": f"Bearer {person}", "Throughline-Reason": "case 7"})
        self.open(key=self.throughline.key("agent", name="screen", holder="machine"))
        rows = self.ask("GET", "/v1/audit", key=self.admin).json["data"]
        self.assertEqual(
            [(row["actor"]["name"], row["action"], row["customer"], row["reason"], row["count"]) for row in rows],
            [("person", "GET /v1/live", "live", reason, 1) for reason in ("case 7", None)])

    def test_a_stream_ends_with_its_key(self):
        self.throughline.stop()
        with sqlite3.connect(self.throughline.data / "throughline.db") as database:
            database.execute("UPDATE access_key SET expires_at = ? WHERE name = 'bob'", (1000 * time.time() + 3000,))
        database.close()
        self.throughline.start()
        reader, other = self.open(), self.open(key=self.admin)
        self.send("u-1", "m-1")
        self.entries(reader, 1)
        time.sleep(3)
        self.send("u-1", "m-2")
        self.entries(other, 2)
        wait_for(lambda: reader.is_over, "the stream's end")
        self.assertEqual(len(reader.entries), 1)

    def test_a_stream_ends_when_its_key_is_revoked_or_its_person_signs_out(self):
        same = {"Sec-Fetch-Site": "same-origin"}
        cookie = self.ask("POST", "/session", {"key": self.agent}, same).headers["Set-Cookie"].split(";")[0]
        signed_in, other = self.open(key={"Cookie": cookie, **same}), self.open(key=self.admin)
        keyed = self.open()
        self.send("u-1", "m-1")
        for reader in signed_in, keyed:
            self.entries(reader, 1)
        self.ask("DELETE", "/session", key={"Cookie": cookie, **same})
        self.send("u-1", "m-2")
        self.entries(keyed, 2)
        wait_for(lambda: signed_in.is_over, "the end with the session")
        done = run("key", "revoke", "bob", "--data", self.throughline.data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.send("u-1", "m-3")
        self.entries(other, 3)
        wait_for(lambda: keyed.is_over, "the end with the key")
        self.assertEqual([len(reader.entries) for reader in (signed_in, keyed)], [1, 2])

    def test_what_is_wrong_is_named(self):
        self.send("u-1", "m-1")
        last = self.open().last
        for query, pointer in [("after=x", "/after"), ("after=-1", "/after"), (f"after={last + 1}", "/after"),
                               ("customer=nonsense", "/customer"), ("country=RUS&customer=phone:1", "/country")]:
            self.assertProblem(self.ask("GET", "/v1/live?" + query), 400, pointer)
        for place in "x", str(last + 1):
            self.assertProblem(self.ask("GET", "/v1/live", Last_Event_ID=place), 400, "/Last-Event-ID")
        self.assertProblem(self.ask("GET", "/v1/live?customer=user_id:nobody"), 404)
        self.assertEqual(self.open(f"?after={last}").last, last)

    def test_a_stream_of_a_customer_is_audited_as_a_read(self):
        customer = self.send("u-1", "m-1")
        self.open()
        self.open("?customer=user_id:u-1")
        rows = self.ask("GET", f"/v1/audit?customer={customer}", key=self.admin).json["data"]
        self.assertEqual([(row["action"], row["actor"]["name"]) for row in rows], [("GET /v1/live", "bob")])

    # One customer.

    def test_a_customer_is_followed_through_a_merge_its_undo_and_the_end(self):
        ann, bob = (self.send(user, f"m-{user}") for user in ("ann", "bob"))
        all_of_it, his = self.open(), self.open(f"?customer={bob}")
        hers, by_name = self.open(f"?customer={ann}"), self.open("?customer=user_id%3Abob")
        # Whose an entry is is looked up when it is told, so each act waits for what came before it.
        self.send("ann", "m-1")
        self.send("bob", "m-2")
        self.entries(all_of_it, 2)
        merge = self.ask("POST", f"/v1/customers/{ann}/merges", {"with": bob, "reason": "same"}).json
        self.send("ann", "m-3")
        self.send("carl", "m-4")
        self.entries(all_of_it, 5)
        self.ask("POST", f'/v1/merges/{merge["id"]}/undo', {"reason": "not so"})
        self.send("ann", "m-5")
        self.send("bob", "m-6")
        self.entries(all_of_it, 8)
        self.entries(his, 5)
        job = self.ask("POST", f"/v1/customers/{bob}/erasure", {"reason": "case 1"}, self.admin).json["id"]
        wait_for(lambda: self.ask("GET", f"/v1/jobs/{job}", key=self.admin).json["state"] == "done", "the erasure")
        everything = self.entries(all_of_it, 9)
        kinds = lambda reader: [(entry["kind"], entry["customer"]) for _, entry, _ in reader.entries]
        self.assertEqual([entry["kind"] for entry in everything], [
            "event", "event", "merge", "event", "event", "undo", "event", "event", "erasure"])
        self.assertEqual((everything[2]["customer"], everything[2]["from"]), (ann, bob))
        self.assertEqual((everything[5]["customer"], everything[5]["from"]), (ann, bob))
        his_list = [("event", bob), ("merge", ann), ("event", ann), ("undo", ann), ("event", bob), ("erasure", None)]
        self.entries(his, 6)
        self.assertEqual(kinds(his), his_list)
        self.entries(by_name, 6)
        self.assertEqual(kinds(by_name), his_list)
        self.assertEqual(kinds(hers), [("event", ann), ("merge", ann), ("event", ann), ("undo", ann), ("event", ann)])
        for entry in everything:
            self.hold(entry)
        # Read again, what was erased is told as that.
        again = self.open(f"?after={everything[0]['sequence']}")
        erased = [entry for entry in self.entries(again, 8) if entry.get("erased")]
        self.assertEqual([(entry["customer"], entry["type"]) for entry in erased], [(None, "track")] * 2)

    def test_a_merge_that_a_rule_makes_names_both(self):
        """A login joins the visitor of the page to the customer; a till's receipt two customers."""
        self.ask("PUT", "/v1/documents/source/shop",
                 {"name": "shop", "channel": "web", "trust": "verified", "proves": ["user_id", "card"]}, self.admin)
        known = self.send("ann", "m-1")
        card = self.post("/v1/identify", {"anonymousId": "an-1", "messageId": "m-2"}, self.backend).json["results"][0]
        reader = self.open(f"?customer={card['customer']}")
        self.post("/v1/identify", {"userId": "ann", "anonymousId": "an-1", "messageId": "m-3"})
        (entry,) = self.entries(reader, 1)
        self.assertEqual((entry["kind"], entry["customer"], entry["from"]), ("event", known, card["customer"]))

    def test_a_stream_of_a_quiet_customer_comes_back_to_where_it_was(self):
        customer = self.send("u-1", "m-0")
        reader = self.open(f"?customer={customer}")
        first = reader.last
        for batch in range(5):
            self.post("/v1/batch", {"batch": [track("u-2", f"m-{batch}-{n}") for n in range(400)]})
        wait_for(lambda: reader.last >= first + 1000, "word of how far it is")
        self.assertEqual(reader.entries, [])

    # Many, and long.

    def write(self, count, done):
        for number in range(count):
            self.throughline.post("/v1/track", track(f"u-{number % 20}", f"w-{number}"), self.backend)
        done.set()

    def test_many_streams_and_how_soon(self):
        readers = [self.open() for _ in range(MANY)]
        self.assertEqual(self.throughline.metric("throughline_live_streams"), MANY)
        rest = process_time(self.throughline.pid)
        time.sleep(2)
        rest = process_time(self.throughline.pid) - rest
        delays, first = [], len(readers[0].entries)
        for number in range(20):
            self.send("u-1", f"m-{number}")
            answered = time.monotonic()
            wait_for(lambda: all(len(reader.entries) > first + number for reader in readers), "every reader")
            delays += [reader.entries[-1][2] - answered for reader in readers]
            time.sleep(0.06)
        delays.sort()
        print(f"{MANY} streams: {1000 * delays[len(delays) // 2]:.0f} ms after the answer in the middle, "
              f"{1000 * delays[-1]:.0f} ms at most; {500 * rest:.0f} ms of processor a second at rest; "
              f"{resident(self.throughline.pid)} MiB")
        for reader in readers:
            self.assertEqual(reader.sequences, readers[0].sequences)

    def test_no_gap_and_no_repetition_under_load_and_through_kill(self):
        count, done = 1500, threading.Event()
        start = self.open().last
        writer = threading.Thread(target=self.write, args=(count, done))
        writer.start()
        seen, place, opened = [], start, 0
        while not (done.is_set() and seen and seen[-1] >= start + count):
            reader = Reader(self.throughline, self.agent, last=place)
            opened += 1
            end = time.monotonic() + 0.2
            while time.monotonic() < end and not reader.is_over:
                reader.socket.settimeout(0.05)
                try:
                    reader.read()
                except TimeoutError:
                    pass
            seen += reader.sequences
            place = reader.last
            reader.close()
        writer.join()
        self.assertEqual(seen, list(range(start + 1, start + count + 1)))
        self.assertGreater(opened, 3)

        # And a server that is killed in the middle: what a reader has seen stands, and what stands comes.
        batch = {"batch": [track("u-1", f"k-{n}") for n in range(1500)]}
        long = self.open(last=place)
        sender = threading.Thread(target=self.quietly, args=(batch,))
        sender.start()
        time.sleep(0.15)
        self.throughline.kill()
        sender.join()
        wait_for(lambda: long.is_over, "the stream's end")
        self.throughline.start()
        self.post("/v1/batch", batch)
        again = self.open(last=long.last)
        total = 1500
        wait_for(lambda: len(long.entries) + len(again.entries) >= total, "the rest")
        self.assertEqual(long.sequences + again.sequences, list(range(place + 1, place + total + 1)))
        for sequence, entry, _ in long.entries + again.entries:
            self.assertEqual(sequence, entry["sequence"])

    def quietly(self, batch):
        try:
            self.throughline.post("/v1/batch", batch, self.backend)
        except OSError:
            pass

    def test_a_slow_reader_is_cut_off_and_comes_back(self):
        slow = Reader(self.throughline, self.agent, receive_buffer=4096)
        self.addCleanup(slow.close)
        while slow.last is None:
            slow.read()
        # Who has not come up with the log is not cut off: he is told no more than he takes.
        time.sleep(0.5)
        fast = self.open()
        start = fast.last
        total = 0
        while self.throughline.metric("throughline_live_streams") == 2 and total < 100_000:
            batch = [track("u-1", f"s-{total + n}", event="E" * 300) for n in range(200)]
            self.post("/v1/batch", {"batch": batch})
            total += 200
        self.assertLess(total, 100_000, "the slow reader was never cut off")
        self.entries(fast, total)
        self.assertEqual(fast.sequences, list(range(start + 1, start + total + 1)))
        while not slow.is_over:
            try:
                slow.read()
            except ConnectionError:
                break
        self.assertLess(len(slow.entries), total)
        again = self.open(last=slow.last)
        wait_for(lambda: len(slow.entries) + len(again.entries) >= total, "the rest", 60)
        self.assertEqual(slow.sequences + again.sequences, fast.sequences)


def process_time(pid):
    """How many seconds of a processor a process has used."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def resident(pid):
    """How much memory a process has, in MiB."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024
