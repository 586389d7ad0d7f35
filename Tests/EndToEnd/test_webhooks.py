"""Webhooks out: what is told to whom, in which order, and through which failures."""

# Runs alone: deliveries come at their times.

import contextlib
import hashlib
import json
import time

import standardwebhooks

from server import bearer, run, track, wait_for
from webhooks import ALLOWED, WebhookCase


class WebhookTest(WebhookCase):
    options = {"environment": ALLOWED}

    def test_what_is_told_and_signed(self):
        receiver = self.receiver()
        secret = self.make("crm", receiver.url)
        self.assertEqual(self.state("crm").get("secret"), None)
        sequence = self.send(1, timestamp="2026-01-02T03:04:05Z", properties={"price": 5})
        (message,) = self.wait(receiver, 1)
        customer = self.get("/v1/customers/user_id:u-1").json["id"]
        event = self.throughline.timeline("user_id:u-1", self.agent)[0]
        self.assertEqual(message, {"type": "event.track", "timestamp": "2026-01-02T03:04:05.000Z", "data": event})
        self.assertEqual((event["customer"], event["sequence"]), (customer, sequence))
        headers, body, _, path = receiver.taken[0]
        self.assertEqual((headers["webhook-id"], path), (f"msg_{sequence}", "/hook"))
        self.assertEqual(standardwebhooks.Webhook(secret).verify(body, headers), message)
        with self.assertRaises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(secret).verify(body + b" ", headers)
        attempts = wait_for(lambda: [a for a in self.state("crm")["attempts"] if a["status"]], "the answer's note")
        self.assertEqual([(a["id"], a["attempt"], a["status"]) for a in attempts], [(f"msg_{sequence}", 1, 204)])
        self.assertEqual(self.throughline.metric('throughline_webhook_attempts_total{outcome="delivered"}'), 1)
        self.assertEqual(self.throughline.metric('throughline_webhook_lag_entries{webhook="crm"}'), 0)
        self.assertNotIn(secret[6:], self.throughline.log())

    def test_filters(self):
        receivers = {}
        for name, events in [("all", []), ("orders", ["Order *"]), ("one", ["Cart Viewed"]), ("kinds", ["identify", "event.page"]),
                             ("states", ["state"]), ("people", ["customer.*"])]:
            receivers[name] = self.receiver()
            self.make(name, receivers[name].url, events=events)
        for number, event in enumerate(["Order Completed", "Order Refunded", "Cart Viewed", "Reorder"]):
            self.send(number, event=event)
        self.post("/v1/identify", {"userId": "u-1", "messageId": "i-1"})
        self.post("/v1/page", {"userId": "u-1", "name": "Home", "messageId": "p-1"})
        self.ask("PUT", "/v1/customers/user_id:u-1/state/film", {"value": 17})
        self.send("last", event="Last")
        self.assertEqual(len(self.wait(receivers["all"], 7)), 7)
        told = lambda name: [m["data"].get("event") or m["data"]["type"] for m in receivers[name].messages]
        for name, expected in [
            ("all", ["Order Completed", "Order Refunded", "Cart Viewed", "Reorder", "identify", "page", "Last"]),
            ("orders", ["Order Completed", "Order Refunded"]), ("one", ["Cart Viewed"]), ("kinds", ["identify", "page"]),
            ("states", ["state"]), ("people", []),
        ]:
            wait_for(lambda: len(told(name)) >= len(expected), f"{name}: {told(name)}")
            self.assertEqual(told(name), expected, name)

    def test_merges_undo_and_erasure(self):
        receiver = self.receiver()
        self.make("crm", receiver.url, events=["customer.*"])
        ann, bob = (self.post("/v1/track", track(user, user)).json["results"][0]["customer"] for user in ("ann", "bob"))
        merge = self.ask("POST", f"/v1/customers/{ann}/merges", {"with": bob, "reason": "same"}).json["id"]
        self.ask("POST", f"/v1/merges/{merge}/undo", {"reason": "not so"})
        visitor = self.post("/v1/track", {"anonymousId": "an-1", "event": "E"}).json["results"][0]["customer"]
        login = self.post("/v1/identify", {"userId": "ann", "anonymousId": "an-1"}).json["sequence"]
        self.wait(receiver, 3)
        job = self.ask("POST", f"/v1/customers/{bob}/erasure", {"reason": "case 1"}, self.admin).json["id"]
        wait_for(lambda: self.ask("GET", f"/v1/jobs/{job}", key=self.admin).json["state"] == "done", "the erasure")
        merged, unmerged, joined, erased = self.wait(receiver, 4)
        self.assertEqual([m["type"] for m in receiver.messages],
                         ["customer.merged", "customer.unmerged", "customer.merged", "customer.erased"])
        self.assertEqual((merged["data"]["id"], merged["data"]["into"], merged["data"]["from"]), (merge, ann, bob))
        self.assertEqual((unmerged["data"]["id"], unmerged["data"]["undone"]["reason"]), (merge, "not so"))
        self.assertEqual((joined["data"]["from"], joined["data"]["into"]), (visitor, ann))
        # The event itself is the first message of its entry, the merge that it made the second.
        self.assertEqual(receiver.ids[2], f"msg_{login}_1")
        self.assertIn(hashlib.sha256(bob.encode()).hexdigest(), erased["data"]["customers"])
        self.assertNotIn(bob, json.dumps(erased))

    def test_what_was_erased_before_it_went_out_says_nothing(self):
        receiver = self.receiver()
        receiver.answers.extend([(500, {})])
        self.make("crm", receiver.url, events=["track"])
        self.send(1, properties={"email": "ann@example.test", "sku": "dress-9"})
        wait_for(lambda: receiver.taken, "the first attempt")
        job = self.ask("POST", "/v1/customers/user_id:u-1/erasure", {"reason": "case 1"}, self.admin).json["id"]
        wait_for(lambda: self.ask("GET", f"/v1/jobs/{job}", key=self.admin).json["state"] == "done", "the erasure")
        (message,) = self.wait(receiver, 1)
        self.assertEqual(message["data"], {
            "sequence": message["data"]["sequence"], "type": "track", "channel": "web",
            "timestamp": message["timestamp"], "customer": None, "erased": True})
        self.assertEqual(len(set(receiver.ids)), 1)

    def test_order_and_once_through_failures(self):
        """One that fails holds the others of its webhook up, and those of no other."""
        bad, good = self.receiver(), self.receiver()
        bad.answers.extend([(204, {}), (500, {}), (204, {}), (204, {}), (429, {"Retry-After": "6"})])
        self.make("bad", bad.url, events=["track"])
        self.make("good", good.url, events=["track"])
        sequences = [self.send(number) for number in range(6)]
        ids = [f"msg_{sequence}" for sequence in sequences]
        started = time.monotonic()
        self.wait(good, 6)
        self.assertLess(time.monotonic() - started, 4)
        self.assertEqual(good.ids, ids)
        self.assertEqual(bad.ids, ids[:2])
        self.assertEqual((self.state("bad")["attempt"], self.state("bad")["lag"] >= 4), (1, True))
        self.wait(bad, 6)
        self.assertEqual([m["data"]["sequence"] for m in bad.messages], sequences)
        self.assertEqual(bad.ids, [ids[0], ids[1], ids[1], ids[2], ids[3], ids[3], ids[4], ids[5]])
        # 5 seconds of the schedule, less a tenth, and 6 that were asked for.
        self.assertGreater(time.monotonic() - started, 4.5 + 6)

    def test_a_receiver_that_is_gone_or_sends_elsewhere(self):
        gone, moved, other = self.receiver(), self.receiver(), self.receiver()
        gone.answers.extend([(410, {})])
        moved.answers.extend([(302, {"Location": other.url}), (307, {"Location": other.url})])
        self.make("gone", gone.url)
        self.make("moved", moved.url)
        first = self.send(1)
        wait_for(lambda: not self.state("gone")["active"], "the end of the one that is gone")
        versions = self.admin_ask("GET", "/v1/documents/webhook/gone/versions").json["data"]
        self.assertEqual([(v["author"], v["document"]["active"]) for v in versions], [("webhook:gone", False), ("api:root", True)])
        self.send(2)
        wait_for(lambda: len(moved.taken) == 2, "the second attempt", 10)
        self.assertEqual((other.taken, len(gone.taken)), ([], 1))
        # Switched on again it goes on where it was.
        self.admin_ask("PUT", "/v1/webhooks/gone", {"name": "gone", "url": gone.url})
        self.wait(gone, 2)
        self.assertEqual(gone.ids[1], f"msg_{first}")

    def test_a_receiver_that_hangs_holds_nobody_up_and_no_stop(self):
        slow, good = self.receiver(), self.receiver()
        slow.answers.extend([("hang", 15)])
        self.make("slow", slow.url)
        self.make("good", good.url)
        self.send(1)
        self.wait(good, 1)
        wait_for(lambda: slow.taken, "the attempt")
        started = time.monotonic()
        self.throughline.stop()
        self.assertLess(time.monotonic() - started, 5)
        self.throughline.start()
        self.wait(slow, 1)
        self.assertEqual(len(set(slow.ids)), 1)

    def test_killed_between_attempt_and_answer(self):
        receiver = self.receiver()
        receiver.answers.extend([("hang", 1)])
        self.make("crm", receiver.url)
        sequences = [self.send(number) for number in range(5)]
        wait_for(lambda: receiver.taken, "the first attempt")
        self.throughline.kill()
        self.throughline.start()
        self.wait(receiver, 5)
        self.assertEqual(receiver.ids, [f"msg_{sequences[0]}"] + [f"msg_{sequence}" for sequence in sequences])

        # And killed when the attempt stands written and nothing has gone out.
        wait_for(lambda: self.state("crm")["lag"] == 0, "the last answer's note")
        self.throughline.stop()
        self.throughline.start(THROUGHLINE_CRASH_AT="webhook.begun")
        with contextlib.suppress(OSError):
            last = self.throughline.post("/v1/track", track("u-1", "m-last"), self.backend).json["sequence"]
        self.throughline.process.wait(20)
        self.throughline.process.stdout.close()
        self.throughline.start()
        self.wait(receiver, 6)
        self.assertEqual(receiver.ids[-1], f"msg_{last}")
        self.assertEqual(len(receiver.ids), 7)

    def test_secrets_change_places(self):
        receiver = self.receiver()
        first = self.make("crm", receiver.url)
        second = self.admin_ask("POST", "/v1/webhooks/crm/secret").json
        self.assertEqual(second["secrets"], 2)
        self.send(1)
        self.wait(receiver, 1)
        headers, body, _, _ = receiver.taken[0]
        self.assertEqual(len(headers["webhook-signature"].split()), 2)
        for secret in first, second["secret"]:
            standardwebhooks.Webhook(secret).verify(body, headers)
        third = self.admin_ask("POST", "/v1/webhooks/crm/secret").json["secret"]
        self.throughline.stop()
        self.throughline.start()
        self.send(2)
        self.wait(receiver, 2)
        headers, body, _, _ = receiver.taken[1]
        for secret in second["secret"], third:
            standardwebhooks.Webhook(secret).verify(body, headers)
        with self.assertRaises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(first).verify(body, headers)

    def test_replay(self):
        receiver = self.receiver()
        self.make("crm", receiver.url)
        sequences = [self.send(number) for number in range(4)]
        self.wait(receiver, 4)
        self.assertProblem(self.admin_ask("POST", "/v1/webhooks/crm/replay", {"from": sequences[-1] + 100}), 400, "/from")
        for body in {"from": 0}, {}, {"from": 1, "to": 2}:
            self.assertProblem(self.admin_ask("POST", "/v1/webhooks/crm/replay", body), 400, "/from")
        self.assertEqual(self.admin_ask("POST", "/v1/webhooks/crm/replay", {"from": sequences[2]}).status, 200)
        self.wait(receiver, 6)
        self.assertEqual(receiver.ids, [f"msg_{sequences[n]}" for n in (0, 1, 2, 3, 2, 3)])

    def test_a_ping(self):
        receiver = self.receiver()
        secret = self.make("crm", receiver.url, active=False)
        receiver.answers.extend([(204, {}), (500, {})])
        told = [self.admin_ask("POST", "/v1/webhooks/crm/test").json for _ in range(2)]
        self.assertEqual(told, [{"delivered": True, "status": 204, "reason": None}, {"delivered": False, "status": 500, "reason": None}])
        headers, body, _, _ = receiver.taken[0]
        self.assertEqual(standardwebhooks.Webhook(secret).verify(body, headers)["type"], "ping")
        self.assertProblem(self.admin_ask("POST", "/v1/webhooks/none/test"), 404)

    def test_making_changing_and_taking_away(self):
        self.make("crm", "http://127.0.0.1:9/", active=False)
        self.assertProblem(self.admin_ask("POST", "/v1/webhooks", {"name": "crm", "url": "https://a.test"}), 409, "/name")
        for fields, pointer in [
            ({"url": "ftp://a.test"}, "/url"), ({"url": "https://"}, "/url"), ({"url": "https://u:p@a.test/"}, "/url"),
            ({"url": "https://a.test/ä"}, "/url"), ({"url": "https://a.test/#x"}, "/url"), ({"url": "https://a.test\\@b"}, "/url"),
            ({"url": "https://a/" + "a" * 1991}, "/url"), ({"name": "A"}, "/name"), ({"name": "a" * 65}, "/name"),
            ({"events": "x"}, "/events"), ({"events": [""]}, "/events/0"), ({"events": ["x"] * 101}, "/events"),
            ({"events": ["x" * 201]}, "/events/0"), ({"active": 1}, "/active"), ({"deleted": True}, "/deleted"), ({"colour": 1}, "/colour"),
        ]:
            with self.subTest(fields):
                body = {"name": "new", "url": "https://a.test", **fields}
                self.assertProblem(self.admin_ask("POST", "/v1/webhooks", body), 400, pointer)
        longest = {"name": "a" * 64, "url": "https://a/" + "a" * 1990, "events": ["x" * 200] * 100, "active": False}
        self.assertEqual(self.admin_ask("POST", "/v1/webhooks", longest).status, 201)
        self.assertEqual(sorted(w["name"] for w in self.admin_ask("GET", "/v1/webhooks").json["data"]), ["a" * 64, "crm"])
        self.assertEqual(self.admin_ask("DELETE", "/v1/webhooks/crm").status, 204)
        for method, path, body in [("GET", "", None), ("DELETE", "", None), ("PUT", "", {"name": "crm", "url": "https://a.test"}),
                                   ("POST", "/secret", None), ("POST", "/replay", {"from": 1}), ("GET", "/dead-letters", None),
                                   ("POST", "/dead-letters/retry", None)]:
            self.assertProblem(self.admin_ask(method, "/v1/webhooks/crm" + path, body), 404)
        self.make("crm", "http://127.0.0.1:9/", active=False)
        self.assertEqual(self.state("crm")["secrets"], 1)
        self.assertProblem(self.ask("GET", "/v1/webhooks"), 403)

    def test_another_webhook_under_a_name_gets_nothing_of_the_former(self):
        former, receiver = self.receiver(), self.receiver()
        former.answers.append(("hang", 3))
        self.make("crm", former.url)
        self.send(1)
        wait_for(lambda: former.taken, "the attempt that hangs")
        self.send(2)
        self.assertEqual(self.admin_ask("DELETE", "/v1/webhooks/crm").status, 204)
        self.make("crm", receiver.url)
        sequence = self.send(3)
        self.wait(receiver, 1)
        time.sleep(4)
        self.assertEqual((receiver.ids, len(former.taken)), ([f"msg_{sequence}"], 1))

    def test_names_that_were_taken_away_take_no_room(self):
        for number in range(51):
            self.make(f"n{number}", "http://127.0.0.1:9/", active=False)
            self.assertEqual(self.admin_ask("DELETE", f"/v1/webhooks/n{number}").status, 204)

    def test_a_name_of_this_machine_may_be_allowed(self):
        receiver = self.receiver()
        self.make("crm", receiver.url.replace("127.0.0.1", "localhost"))
        self.send(1)
        self.wait(receiver, 1)


class ReachTest(WebhookCase):
    """Without the setting nothing reaches a private address, whatever it is called."""

    def test_private_addresses(self):
        receiver = self.receiver()
        port = receiver.server.server_port
        for url in f"http://127.0.0.1:{port}/", "http://a.test/":
            self.assertProblem(self.admin_ask("POST", "/v1/webhooks", {"name": "x", "url": url}), 400, "/url")
        hosts = ["127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]",
                 "[::ffff:7f00:1]", "0.0.0.0", "0", "[::]", "10.0.0.1", "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fd00::1]"]
        for number, host in enumerate(hosts):
            self.make(f"h{number}", f"https://{host}:{port}/", active=False)
        accepted = []
        for number, host in enumerate(hosts):
            with self.subTest(host):
                answer = self.admin_ask("POST", f"/v1/webhooks/h{number}/test").json
                self.assertEqual((answer["delivered"], answer["status"]), (False, 0))
                accepted.append(answer["reason"])
        self.assertEqual(set(accepted), {"its address may not be connected to"})
        # A document that came another way is held to the same.
        self.admin_ask("PUT", "/v1/documents/webhook/h0", {"name": "h0", "url": receiver.url})
        self.send(1)
        wait_for(lambda: [a for a in self.state("h0")["attempts"] if a["status"] == 0], "the attempt that fails")
        self.assertEqual(receiver.taken, [])


class PracticeTest(WebhookCase):
    def test_a_shop_that_begins_to_practise_while_it_is_served_reaches_nobody(self):
        self.throughline.stop()
        practice = self.server("served", start=False)
        self.throughline = practice.start()
        done = run("demo", "--people", "5", "--data", practice.data, timeout=200)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.admin = practice.key("admin", name="root")
        self.admin_key = bearer(self.admin)
        self.make("away", "https://192.0.2.1/", active=False)
        answer = self.admin_ask("POST", "/v1/webhooks/away/test").json
        self.assertEqual((answer["delivered"], answer["reason"]), (False, "its address may not be connected to"))

    def test_nothing_leaves_a_practice_shop(self):
        receiver = self.receiver()
        self.throughline.stop()
        practice = self.server("practice", start=False, environment=ALLOWED)
        self.assertEqual(run("demo", "--scale", "5", "--data", practice.data, timeout=200).returncode, 0)
        self.throughline = practice.start()
        self.admin = practice.key("admin", name="root")
        self.admin_key = bearer(self.admin)
        for name, url in ("here", receiver.url), ("away", "https://192.0.2.1/"):
            self.make(name, url, active=False)
        self.assertTrue(self.admin_ask("POST", "/v1/webhooks/here/test").json["delivered"])
        away = self.admin_ask("POST", "/v1/webhooks/away/test").json
        self.assertEqual((away["delivered"], away["reason"]), (False, "its address may not be connected to"))
