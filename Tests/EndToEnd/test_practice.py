"""The practice shop: `throughline demo` without `--scale`, and what `Scripts/run` makes of it."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import urllib.parse
import urllib.request

from server import BINARY, ServerTest, run, wait_for

ROOT = pathlib.Path(__file__).parents[2]
TOLD = re.compile(
    r"(\d+) people, (\d+) events, (\d+) more that came again, (\d+) consents, (\d+) checkouts left half done, "
    r"(\d+) families taken for one, (\d+) open reviews, in [\d.]+ s\n")
# What no seed fixes: ids that the server makes, places in the log, and when it came.
OWN = {"id", "customer", "formerIds", "sequence", "receivedAt", "since", "version", "into", "from"}


def without_own(value):
    if isinstance(value, dict):
        return {name: without_own(inner) for name, inner in value.items() if name not in OWN}
    if isinstance(value, list):
        return [without_own(inner) for inner in value]
    return re.sub(r"cus_\w+", "somebody", value) if isinstance(value, str) else value


class PracticeTest(ServerTest):
    def demo(self, data, *words, code=0):
        done = run("demo", *words, "--data", data, timeout=300)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def rows(self, data, sql):
        database = sqlite3.connect(f"file:{data}/throughline.db?mode=ro", uri=True)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def events(self, data):
        """How many there are; none where the database is not made yet."""
        try:
            return self.rows(data, "SELECT count(*) FROM event")[0][0]
        except sqlite3.OperationalError:
            return 0

    def pictures(self, server, people):
        """What an agent sees of each registered person, but for what no seed fixes; acts happen when they are asked for."""
        agent, pictures = server.key(), {}
        # What was timed in that year, such as the end of a cart, has happened when it is looked at; so has the end of the
        # order that nobody fetches, which comes some seconds after it was made.
        due = "SELECT count(*) FROM timer WHERE due <= (unixepoch() + 30) * 1000"
        wait_for(lambda: self.rows(server.data, due)[0][0] == 0, "the timers", 60)
        for number in range(people):
            path = f"/v1/customers/user_id:t1x{people}-{number}"
            answer = server.get(path, agent)
            if answer.status != 200:
                continue
            picture = without_own(answer.json)
            for consent in picture["consents"]:
                consent.pop("at", None)
            # A cart is abandoned by the clock of the server, whenever what filled it was posted; so expires what was held.
            picture["timeline"] = [event for event in picture["timeline"] if not event["source"].startswith("timer:")]
            for name in "state", "version":
                picture["cart"].pop(name, None)
            # What was ordered today has today's times, and a code that nobody can guess.
            loyalty = picture["loyalty"]
            for part in picture["openOrders"] + loyalty["lots"] + [loyalty["nextExpiry"] or {}, loyalty]:
                for name in "code", "placedAt", "availableFrom", "expiresAt", "at", "tierUntil":
                    part.pop(name, None)
            acts = [event for event in picture["timeline"] if event["channel"] == "api"]
            picture["timeline"] = sorted(
                (event for event in picture["timeline"] if event["channel"] != "api"),
                key=lambda event: (event["timestamp"], event["messageId"]))
            picture["acts"] = sorted(event["type"] for event in acts)
            pictures[number] = json.loads(json.dumps(picture, sort_keys=True))
        return pictures

    def test_a_shop_at_every_door(self):
        data = self.directory / "shop"
        found = TOLD.fullmatch(self.demo(data, "--people", 300))
        people, events, twice, consents, states, merges, reviews = map(int, found.groups())
        self.assertEqual(people, 300)
        self.assertTrue(300 * 5 < events < 300 * 50 and twice > 0 and consents > 0 and states > 0, found[0])
        self.assertTrue(merges > 0 and reviews > 0, found[0])
        self.assertIn("there already", self.demo(data, "--people", 300))
        server = self.server("shop")
        agent, admin = server.key(), server.key("admin")
        self.assertEqual(server.get("/readyz").json, {"status": "ok", "practice": True})
        self.assertRegex(run("doctor", "--data", data, "--port", 0).stdout, "database: .*a practice shop")
        for word in "smith", "иванова", "ivanov":
            found = server.get("/v1/customers?q=" + urllib.parse.quote(word), agent).json["data"]
            self.assertTrue(found, word)
        channels = {channel for channel, in self.rows(data, "SELECT DISTINCT channel FROM event")}
        self.assertLessEqual({"web", "app", "site", "chat", "email", "sms", "phone", "store"}, channels)
        self.assertEqual(len(server.get("/v1/reviews", agent).json["data"]), reviews)
        scores = server.get("/v1/quality/sources", admin).json["data"]
        self.assertTrue(len(scores) >= 8 and all(source["score"] > 90 for source in scores), scores)
        # A family that was taken for one can be parted by whoever finds it.
        (merged,), *_ = self.rows(data, "SELECT outcome FROM event WHERE kind = 'merge' ORDER BY sequence")
        merge = re.search(r"mrg_\w+", merged)[0]
        undone = server.call(
            "POST", f"/v1/merges/{merge}/undo", {"reason": "two people of one family"}, {"Authorization": f"Bearer {agent}"})
        self.assertEqual(undone.status, 200, undone.body)

    def test_it_sells(self):
        """Goods, prices, stores, and somebody whose cart, order and points an agent can look at."""
        self.demo(self.directory / "shop", "--people", 300)
        server = self.server("shop")
        agent, admin = server.key(), server.key("admin")

        def get(path, key=agent):
            answer = server.get(path, key)
            self.assertEqual(answer.status, 200, answer.body)
            return answer.json

        products = get("/v1/products?limit=100")["data"]
        self.assertEqual(len(products), 40)
        self.assertTrue(all(one["gtin"] and one["category"] and one["brand"] for one in products))
        self.assertEqual({one["unit"] for one in products}, {"piece", "kg", "m"})
        self.assertEqual([one["sku"] for one in get("/v1/products?q=kettle")["data"]], ["kettle-3"])
        self.assertEqual(len(get("/v1/stores")["data"]), 5)
        shelves = [one for product in products for one in get(f"/v1/products/{product['sku']}/availability")["stores"]]
        self.assertGreater(len(shelves), 150)
        self.assertTrue(any(one["stale"] for one in shelves) and any(one["available"] == 0 for one in shelves))
        # What pages and tills told was the shop's own price.
        self.assertEqual(get("/v1/prices/parity", admin)["data"], [])
        found = get("/v1/customers?q=smith&limit=1")["data"][0]
        customer = get(f"/v1/customers/{found['id']}")
        cart, order = customer["cart"], customer["openOrders"][0]
        self.assertEqual((cart["state"], cart["coupons"], cart["lines"][0]["name"]), ("active", ["WELCOME10"], "Wool coat"))
        self.assertTrue(cart["totals"]["discount"]["amount"] > 0 and cart["savedForLater"][0]["name"])
        self.assertEqual((order["status"], order["storeName"]), ("ready", "Riga, Old Town"))
        self.assertTrue(order["code"] and order["lines"][0]["name"])
        self.assertTrue(customer["loyalty"]["balance"] >= 200 and customer["loyalty"]["nextTier"])
        # Somebody has earned his tier at the tills.
        cards = self.rows(server.data, "SELECT DISTINCT value FROM origin WHERE type = 'card'")
        tiers = {get(f"/v1/customers/card:{card}/loyalty")["tier"] for card, in cards}
        self.assertLessEqual({None, "silver", "gold"}, tiers)
        states = {one["id"]: one["status"] for one in get("/v1/orders?store=riga-1&limit=100")["data"]}
        self.assertLessEqual({"reserved", "picking", "ready"}, set(states.values()))
        placed = [f"W-1300-{number:02}" for number in range(1, 22)]
        every = lambda: {get(f"/v1/orders/{name}")["status"] for name in placed}
        wait_for(lambda: "expired" in every(), "the order that nobody fetched")
        self.assertLessEqual({"shipped", "delivered", "expired"}, every())
        self.assertTrue(any(0 < get(f"/v1/orders/{name}")["totals"]["refunded"]["amount"] for name in placed))
        shortage, = get("/v1/stock/shortages")["data"]
        self.assertEqual((shortage["store"], shortage["sku"], shortage["missing"]), ("jelgava-1", "honey-27", 2))
        conflict, = get("/v1/orders/conflicts")["data"]
        self.assertEqual((conflict["source"], conflict["reason"]), ("practice-site", "customer"))
        wait_for(lambda: self.rows(server.data, "SELECT 1 FROM event WHERE name = 'Cart Abandoned'"), "a cart that was left")

    def test_what_was_posted_is_not_posted_twice(self):
        """As where the last word of a run was lost: every event and every act again comes to nothing."""
        data = self.directory / "shop"
        told = TOLD.fullmatch(self.demo(data, "--people", 250))
        self.assertTrue(int(told[6]) > 0 and int(told[5]) > 0 and int(told[4]) > 0, told[0])
        before = self.rows(data, "SELECT source, message_id, outcome FROM event WHERE source NOT LIKE 'timer:%' ORDER BY sequence")
        database = sqlite3.connect(data / "throughline.db")
        database.execute("DELETE FROM setting WHERE name LIKE 'practice.filled.%'")
        database.commit()
        database.close()
        again = TOLD.fullmatch(self.demo(data, "--people", 250))
        self.assertEqual((int(again[2]), int(again[3])), (0, int(told[2]) + int(told[3])))
        self.assertEqual(self.rows(data, "SELECT source, message_id, outcome FROM event WHERE source NOT LIKE 'timer:%' ORDER BY sequence"), before)

    def test_a_server_that_runs_is_filled_through_its_own_door(self):
        server = self.server()
        self.assertEqual(server.get("/readyz").json, {"status": "ok"})
        self.demo(server.data, "--people", 20)
        self.assertEqual(server.get("/readyz").json["practice"], True)
        for route in "/v1/batch", "/hooks/{source}":
            sample = f'throughline_http_requests_total{{route="{route}",method="POST",status="200"}}'
            self.assertGreater(server.metric(sample), 0, sample)
        # A colleague's own source may stand beside the practice ones, and another town.
        key = server.source("shop")
        self.assertEqual(server.post("/v1/track", {"userId": "me", "event": "E"}, key).status, 200)
        events = self.events(server.data)
        self.assertIn("there already", self.demo(server.data, "--people", 20))
        self.assertEqual(self.events(server.data), events)
        self.demo(server.data, "--people", 10, "--seed", 2)
        self.assertGreater(self.events(server.data), events)

    def test_the_same_seed_shows_the_same_people_also_after_a_crash(self):
        """One run that ends, and one that is killed in its middle and taken up again."""
        whole, broken = self.directory / "whole", self.directory / "broken"
        told = self.demo(whole, "--people", 120)
        process = subprocess.Popen([BINARY, "demo", "--people", "120", "--data", str(broken)], stdout=subprocess.DEVNULL)
        wait_for(lambda: self.events(broken) > 400, "the middle of the run", 60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        middle = self.sent(broken)
        self.assertLess(middle, self.sent(whole))
        for command in "verify", "replay":
            done = run(command, "--data", broken)
            self.assertEqual(done.returncode, 0, done.stdout)
        again = TOLD.fullmatch(self.demo(broken, "--people", 120))
        self.assertEqual(int(again[2]) + middle, int(TOLD.fullmatch(told)[2]))
        one, other = (self.pictures(self.server(name), 120) for name in ("whole", "broken"))
        self.assertGreater(len(one), 70)
        self.assertEqual(one, other)

    def sent(self, data):
        """Entries of the log that sources sent."""
        return self.rows(data, "SELECT count(*) FROM event WHERE source LIKE 'practice-%'")[0][0]

    def test_another_seed_shows_others(self):
        for seed in 1, 2:
            self.demo(self.directory / f"s{seed}", "--people", 10, "--seed", seed)
        ids = [{name for name, in self.rows(self.directory / f"s{seed}", "SELECT message_id FROM event WHERE kind != 'document'")}
               for seed in (1, 2)]
        self.assertTrue(ids[0] and not {i for i in ids[0] if i.startswith("t")} & ids[1])

    def test_a_shop_of_real_people_is_left_alone(self):
        server = self.server()
        server.source("shop")
        before = self.rows(server.data, "SELECT * FROM event")
        self.assertIn("events that demo did not make", self.demo(server.data, "--people", 1, code=1))
        server.stop()
        self.assertIn("events that demo did not make", self.demo(server.data, "--people", 1, code=1))
        self.assertEqual(self.rows(server.data, "SELECT * FROM event"), before)
        self.assertNotIn("practice", run("doctor", "--data", server.data, "--port", 0).stdout)

    def test_a_server_that_speaks_tls_is_left_as_it_is(self):
        certificate, key = self.directory / "c.pem", self.directory / "k.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=shop",
             "-keyout", key, "-out", certificate, "-days", "2"], check=True, capture_output=True)
        server = self.server(environment={
            "THROUGHLINE_CERTIFICATE": str(certificate), "THROUGHLINE_CERTIFICATE_KEY": str(key)})
        self.assertIn("speaks TLS", self.demo(server.data, "--people", 5, code=1))
        self.assertNotIn("practice", run("doctor", "--data", server.data, "--port", 0).stdout)
        server.stop()
        self.demo(server.data, "--people", 5)

    def test_what_is_no_shop_is_refused(self):
        for words in ["--people", 0], ["--people", "many"], ["--people", 1, "--scale", 1], ["--people", 10_000_001]:
            self.demo(self.directory / "none", *words, code=2)
        self.assertFalse((self.directory / "none").exists())


class ScriptsRunTest(ServerTest):
    """`Scripts/run` from a clean directory, with a binary that is built already."""

    def setUp(self):
        super().setUp()
        (self.directory / "Scripts").mkdir()
        shutil.copy(ROOT / "Scripts" / "run", self.directory / "Scripts" / "run")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def start(self, *words):
        """Starts it and returns what it says until it listens."""
        process = subprocess.Popen(
            ["Scripts/run", "--port", str(self.port), *map(str, words)], cwd=self.directory, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "THROUGHLINE": BINARY})
        self.addCleanup(self.stop, process)
        said = ""
        while not said.endswith(f"listening on http://127.0.0.1:{self.port}\n"):
            line = process.stdout.readline()
            self.assertTrue(line, said)
            said += line
        return process, said

    def stop(self, process):
        if process.poll() is None:
            process.terminate()
            self.assertEqual(process.wait(20), 0)
        process.stdout.close()

    def curls(self, said):
        """The answers of the curl lines that it shows."""
        lines = re.findall(r"^  (curl (?:.*\\\n)*.*)$", said, re.M)
        answers = []
        for line in lines:
            done = subprocess.run(["bash", "-c", line.replace("curl", "curl -fsS", 1)], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, f"{line}: {done.stderr}")
            answers.append(json.loads(done.stdout))
        return answers

    def test_from_a_clean_directory_with_a_practice_shop(self):
        process, said = self.start("--people", 200)
        found, sent, customer = self.curls(said)
        self.assertTrue(found["data"], said)
        self.assertEqual(sent["results"][0]["status"], "accepted")
        self.assertEqual(customer["traits"]["email"]["value"], "ann@example.com")
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz") as answer:
            self.assertTrue(json.load(answer)["practice"])
        self.stop(process)
        process, said = self.start("--people", 200)
        self.assertIn("there already", said)
        self.assertIn("key create --role agent", said)
        self.assertEqual(self.curls(said), [])
        self.stop(process)
        for command in "verify", "replay":
            done = run(command, "--data", self.directory / ".build" / "practice")
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_directory_of_ones_own_starts_empty(self):
        process, said = self.start("--data", self.directory / "own")
        found, sent, customer = self.curls(said)
        self.assertEqual((found["data"], customer["id"]), ([], sent["results"][0]["customer"]))
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz") as answer:
            self.assertEqual(json.load(answer), {"status": "ok"})
        self.stop(process)
