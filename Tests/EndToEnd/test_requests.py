"""What all writes and all lists have in common: keys of idempotency, versions, places in the log, pages."""

import contextlib
import http.client
import json
import re
import threading

from contract import ContractCase
from server import basic, bearer, run, track, wait_for

ANN, BOB = "/v1/customers/user_id:ann", "/v1/customers/user_id:bob"
# They write nothing, or nothing of the shop's: questions in bodies, the console's sign-in, a ping.
NO_WRITES = {"/v1/availability", "/v1/customers/search", "/v1/customers/lookup", "/session", "/v1/webhooks/{name}/test"}


class RequestTest(ContractCase):
    def setUp(self):
        super().setUp()
        for user in "ann", "bob":
            self.post("/v1/identify", {"userId": user})

    def once(self, method, path, body=None, key=None, **headers):
        return self.ask(method, path, body, key or self.admin, **headers)

    def test_every_write_says_where_it_stands_and_takes_a_key(self):
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                if method == "get" or path in NO_WRITES:
                    continue
                names = {parameter["name"] for parameter in operation.get("parameters", [])}
                with self.subTest(f"{method} {path}"):
                    good = [answer for status, answer in operation["responses"].items() if int(status) < 300]
                    self.assertTrue(all("Throughline-Sequence" in answer.get("headers", {}) for answer in good))
                    # Events have ids of their own; a visitor is given to nobody twice.
                    if {"writeKey"} & {scheme for entry in operation["security"] for scheme in entry}:
                        continue
                    self.assertIn("Idempotency-Key", names)
                    self.assertIn("422", operation["responses"])

    def test_every_list_has_pages(self):
        for path, operations in self.document["paths"].items():
            operation = operations.get("get", {})
            content = operation.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
            schema = self.document["components"]["schemas"].get(content.get("schema", {}).get("$ref", "").split("/")[-1], {})
            if "data" not in schema.get("properties", {}):
                continue
            names = {parameter["name"] for parameter in operation["parameters"]}
            with self.subTest(path):
                self.assertLessEqual({"limit", "cursor"}, names)
                self.assertIn("next", schema["required"])

    def walk(self, path, key=None):
        """Every row of a list, two at a time, by its links."""
        rows, start = [], path + ("&" if "?" in path else "?") + "limit=2"
        while start:
            answer = self.get(start, key or self.admin)
            self.assertLessEqual(len(answer.json["data"]), 2)
            rows += answer.json["data"]
            link = answer.headers["Link"]
            self.assertEqual(link is None, answer.json["next"] is None)
            start = re.fullmatch(r'<([^>]+)>; rel="next"', link)[1] if link else None
        return rows

    def test_lists_page_by_page(self):
        for number in range(5):
            name = f"s-{number}"
            self.once("PUT", f"/v1/documents/source/{name}", {"name": name, "channel": "web"})
            self.once("POST", "/v1/webhooks", {"name": name, "url": "https://a.test", "active": False})
            self.once("PUT", f"{ANN}/state/k{number}", {"value": number})
            self.post("/v1/identify", {"userId": f"m-{number}"})
            merge = self.once("POST", f"{BOB}/merges", {"with": f"user_id:m-{number}", "reason": "r"})
            self.assertEqual(merge.status, 200, merge.body)
        for path, name, whole in [
            ("/v1/documents/source", "name", 7), ("/v1/webhooks", "name", 5), (f"{ANN}/state", "key", 5),
            (f"{BOB}/merges", "id", 5), ("/v1/keys", "id", 4), ("/v1/documents/limits", None, 1),
            ("/v1/quality/sources", "source", 2),
        ]:
            with self.subTest(path):
                rows, all_rows = self.walk(path), self.get(f"{path}?limit=500", self.admin).json["data"]
                self.assertEqual(rows, all_rows)
                if name:
                    self.assertEqual(len({row[name] for row in rows}), len(rows))
                self.assertGreaterEqual(len(rows), whole if path != "/v1/quality/sources" else 1)
                for item in "limit=0", "limit=501", "limit=x", "cursor=%21", "minSequence=-1", "minSequence=99999":
                    if path == "/v1/keys" and item.startswith("min"):
                        continue
                    self.assertProblem(self.get(f"{path}?{item}", self.admin), 400, "/" + item.split("=")[0])

    def test_a_request_of_the_shop_counts_once(self):
        """Under one key, to one path: the same again is answered alike, another body refused, another path is another."""
        put = lambda name, body, **headers: self.once("PUT", f"/v1/documents/source/{name}", body, Idempotency_Key="k", **headers)
        document = {"name": "till", "channel": "store"}
        first = put("till", document, If_None_Match="*")
        self.assertEqual(first.status, 200)
        changed = self.once("PUT", "/v1/documents/source/till", {**document, "eventsPerSecond": 5})
        again = put("till", document, If_None_Match="*")
        self.assertEqual(again.headers["Throughline-Sequence"], first.headers["Throughline-Sequence"])
        # It is answered as it stands now, and changes nothing back.
        self.assertEqual((again.json, again.headers["ETag"]), (changed.json, changed.headers["ETag"]))
        self.assertProblem(put("till", {**document, "channel": "web"}), 422)
        self.assertEqual(put("till-2", {**document, "name": "till-2"}).status, 200)
        # Another caller's key is another scope.
        other = self.throughline.key("admin", name="other")
        answer = self.once("PUT", "/v1/documents/source/till", {**document, "channel": "phone"}, other, Idempotency_Key="k")
        self.assertEqual(answer.json["channel"], "phone")
        self.assertProblem(self.once("PUT", "/v1/documents/source/a", {**document, "name": "a"}, Idempotency_Key="x" * 101), 400)

    def test_a_list_counts_once(self):
        goods = [{"sku": f"S-{number:03}", "name": "Thing"} for number in range(450)]
        lists = {
            "/v1/products": [*goods, {"sku": "X"}],
            "/v1/prices": [{"sku": good["sku"], "price": {"amount": 5, "currency": "RUB"}} for good in goods],
            "/v1/stores": [{"id": "riga", "name": "Riga", "timeZone": "Europe/Riga"}, 17],
        }
        for path, items in lists.items():
            put = lambda items, **headers: self.once("PUT", path, items, **headers)
            first = put(items, Idempotency_Key="k")
            changed = put([{**items[0], "name": "Other"} if "name" in items[0] else {**items[0], "price": {"amount": 6, "currency": "RUB"}}])
            self.assertEqual((first.json["created"], changed.json["changed"]), (len(items) - first.json["invalid"], 1))
            again = put(items, Idempotency_Key="k")
            self.assertEqual(again.headers["Throughline-Sequence"], first.headers["Throughline-Sequence"])
            self.assertTrue(again.body == first.body, again.body[:200])
            # It changed nothing back.
            self.assertEqual(put([items[0]]).json["changed"], 1)
            self.assertProblem(put(items[1:], Idempotency_Key="k"), 422)
            self.assertProblem(put(items, Idempotency_Key="x" * 101), 400)
            for empty in put([], Idempotency_Key="none"), put([], Idempotency_Key="none"):
                self.assertEqual(empty.json["results"], [])
        self.assertTrue(self.once("PUT", "/v1/stock", []).headers["Throughline-Sequence"])

    def test_a_list_that_was_cut_off_goes_on(self):
        goods = [{"sku": f"S-{number:04}", "name": "Thing"} for number in range(2000)]
        send = lambda: self.throughline.call("PUT", "/v1/products", goods, {**bearer(self.admin), "Idempotency-Key": "k"}, timeout=60)

        def cut():
            with contextlib.suppress(OSError, http.client.HTTPException):
                send()

        sender = threading.Thread(target=cut)
        sender.start()
        wait_for(lambda: self.get("/v1/products?limit=1", self.admin).json["data"], "the first of them")
        self.throughline.kill()
        sender.join()
        self.throughline.start()
        whole = send()
        # What was stored before counts as what it was.
        self.assertEqual((whole.status, whole.json["created"], whole.json["unchanged"]), (200, 2000, 0))
        self.assertTrue(send().body == whole.body)

    def test_prices_of_a_product_in_pages(self):
        self.once("PUT", "/v1/products", [{"sku": "A/1", "name": "Thing"}])
        prices = [{"sku": "A/1", "price": {"amount": number, "currency": "RUB"}, "list": f"l-{number}"} for number in range(5)]
        self.once("PUT", "/v1/prices", prices)
        rows = self.walk("/v1/products/A%2F1/prices")
        self.assertEqual([row["list"] for row in rows], [f"l-{number}" for number in range(5)])
        for item in "limit=0", "cursor=%21":
            self.assertProblem(self.get(f"/v1/products/A%2F1/prices?{item}", self.admin), 400, "/" + item.split("=")[0])

    def test_a_webhook_is_made_once(self):
        crm = {"name": "crm", "url": "https://a.test", "active": False}
        once = lambda method, path, body=None, **headers: self.once(method, path, body, Idempotency_Key="k", **headers)
        made, again = once("POST", "/v1/webhooks", crm), once("POST", "/v1/webhooks", crm)
        self.assertEqual((made.status, again.status), (201, 201))
        self.assertTrue(made.json["secret"])
        self.assertNotIn("secret", again.json)
        self.assertEqual(made.headers["Throughline-Sequence"], again.headers["Throughline-Sequence"])
        self.assertProblem(once("POST", "/v1/webhooks", {**crm, "url": "https://b.test"}), 422)
        # A second rotation would end the signature that receivers still trust.
        rotated, twice = (once("POST", "/v1/webhooks/crm/secret") for _ in range(2))
        self.assertTrue(rotated.json["secret"])
        self.assertNotIn("secret", twice.json)
        for act, body in ("replay", {"from": 1}), ("dead-letters/retry", None):
            for _ in range(2):
                self.assertEqual(once("POST", f"/v1/webhooks/crm/{act}", body).status, 200)
        tag = self.get("/v1/webhooks/crm", self.admin).headers["ETag"]
        changed = self.once("PUT", "/v1/webhooks/crm", {**crm, "events": ["track"]}, If_Match=tag)
        self.assertNotEqual(changed.headers["ETag"], tag)
        self.assertProblem(self.once("PUT", "/v1/webhooks/crm", crm, If_Match=tag), 412)
        self.assertProblem(self.once("DELETE", "/v1/webhooks/crm", If_Match=tag), 412)
        for _ in range(2):
            self.assertEqual(once("DELETE", "/v1/webhooks/crm", If_Match=changed.headers["ETag"]).status, 204)
        self.assertProblem(self.once("DELETE", "/v1/webhooks/crm"), 404)

    def test_one_key_of_idempotency_at_several_paths_of_customers(self):
        k = {"Idempotency_Key": "k"}
        film, book = (self.ask("PUT", f"{ANN}/state/{name}", {"value": 1}, **k) for name in ("film", "book"))
        places = {film.headers["Throughline-Sequence"], book.headers["Throughline-Sequence"]}
        for path in f"{BOB}/state/film", f"{ANN}/state/film", f"{ANN}/state/book":
            answer = self.ask("PUT", path, {"value": 1}, **k)
            self.assertEqual(answer.json["value"], 1)
            places.add(answer.headers["Throughline-Sequence"])
            self.assertProblem(self.ask("PUT", path, {"value": 2}, **k), 422)
        self.assertEqual(len(places), 3)
        for _ in range(2):
            traits = self.ask("PATCH", f"{ANN}/traits", {"traits": {"firstName": "Ann"}}, **k)
            places.add(traits.headers["Throughline-Sequence"])
            consents = self.ask("PUT", f"{ANN}/consents", [{"purpose": "marketing", "state": "granted"}], **k)
            places.add(consents.headers["Throughline-Sequence"])
        self.assertEqual(len(places), 5)
        self.assertEqual(len(self.throughline.timeline("user_id:ann", self.agent, type="traits")), 1)
        # The first of a key has it as its messageId.
        ids = [event["messageId"] for event in self.throughline.timeline("user_id:ann", self.agent, type="state")]
        self.assertIn("k", ids)

    def test_one_key_of_idempotency_and_two_erasures(self):
        jobs = {
            path: self.once("POST", f"{path}/erasure", {"reason": "case 1"}, Idempotency_Key="k").json["id"]
            for path in (ANN, BOB)}
        self.assertEqual(len(set(jobs.values())), 2)
        for path, job in jobs.items():
            wait_for(lambda: self.get(f"/v1/jobs/{job}", self.admin).json["state"] == "done", "the erasure")
            again = self.once("POST", f"{path}/erasure", {"reason": "case 1"}, Idempotency_Key="k")
            self.assertEqual(again.json["id"], job)
            self.assertProblem(self.get(path), 404)

    def test_a_preview_has_no_place(self):
        answer = self.ask("POST", f"{ANN}/merges", {"with": "user_id:bob", "reason": "r", "dryRun": True})
        self.assertIsNone(answer.headers["Throughline-Sequence"])

    # Keys.

    def test_a_key_is_made_shown_once_and_ended(self):
        owner = self.throughline.key("owner", name="boss")
        before = self.walk("/v1/keys")
        made = self.once("POST", "/v1/keys", {"role": "agent", "name": "eve", "expiresAt": "2099-01-01T00:00:00Z"}, Idempotency_Key="k")
        self.assertEqual((made.status, made.json["holder"], made.headers["Cache-Control"]), (201, "person", "no-store"))
        self.assertEqual(self.get(ANN, made.json["key"]).status, 200)
        again = self.once("POST", "/v1/keys", {"role": "agent", "name": "eve", "expiresAt": "2099-01-01T00:00:00Z"}, Idempotency_Key="k")
        shown = {name: value for name, value in made.json.items() if name != "key"}
        self.assertEqual((again.status, again.json), (201, shown))
        listed = self.walk("/v1/keys")
        self.assertEqual([row for row in listed if row not in before], [shown])
        self.assertNotIn(made.json["key"].split("_")[2], json.dumps(listed))
        self.throughline.stop()
        self.throughline.start()
        self.assertEqual(self.get(ANN, made.json["key"]).status, 200)
        for _ in range(2):
            self.assertEqual(self.once("DELETE", f'/v1/keys/{made.json["id"]}').status, 204)
            self.assertProblem(self.get(ANN, made.json["key"]), 401)
        (ended,) = [row for row in self.walk("/v1/keys") if row["id"] == shown["id"]]
        self.assertLess(ended["expiresAt"], "2099")
        self.throughline.stop()
        self.throughline.start()
        self.assertProblem(self.get(ANN, made.json["key"]), 401)
        # Owners are an owner's matter.
        (boss,) = [row["id"] for row in listed if row["role"] == "owner"]
        self.assertProblem(self.once("POST", "/v1/keys", {"role": "owner"}), 403)
        self.assertProblem(self.once("DELETE", f"/v1/keys/{boss}"), 403)
        self.assertEqual(self.once("POST", "/v1/keys", {"role": "owner"}, owner).status, 201)
        self.assertEqual(self.once("DELETE", f"/v1/keys/{boss}", key=owner).status, 204)
        self.assertProblem(self.get("/v1/keys", owner), 401)
        self.assertProblem(self.once("DELETE", "/v1/keys/none"), 404)
        self.assertNotIn(made.json["key"], self.throughline.log())

    def test_a_key_that_ends_by_itself(self):
        soon = self.once("POST", "/v1/keys", {"role": "agent", "expiresAt": "2000-01-01T00:00:00Z"})
        self.assertProblem(soon, 400, "/expiresAt")
        for role in "agent", "marketer", "store", "storefront", "readonly":
            key = self.throughline.key(role)
            self.assertProblem(self.get("/v1/keys", key), 403)
            self.assertProblem(self.once("POST", "/v1/keys", {"role": "agent"}, key), 403)
        for body, pointer in [
            ({}, "/role"), ({"role": "king"}, "/role"), ({"role": "source"}, "/source"), ({"role": "source", "source": "none"}, "/source"),
            ({"role": "agent", "source": "shop"}, "/source"), ({"role": "storefront", "holder": "person"}, "/holder"),
            ({"role": "agent", "name": ""}, "/name"), ({"role": "agent", "name": "x" * 65}, "/name"),
            ({"role": "agent", "expiresAt": "soon"}, "/expiresAt"), ({"role": 5}, "/role"), ({"role": "agent", "more": "x"}, "/more"), ([], ""),
        ]:
            with self.subTest(body):
                self.assertProblem(self.once("POST", "/v1/keys", body), 400, pointer)
        self.assertEqual(self.once("POST", "/v1/keys", {"role": "agent", "name": "x" * 64}).status, 201)

    def test_a_source_begins_and_ends_over_rest(self):
        self.once("PUT", "/v1/documents/source/app", {"name": "app", "channel": "app", "trust": "verified"})
        made = self.once("POST", "/v1/keys", {"role": "source", "source": "app"})
        self.assertEqual((made.json["key"][:3], made.json["name"], made.json["holder"]), ("wk_", "app", "machine"))
        self.assertEqual(self.post("/v1/track", track("ann", "m-1"), made.json["key"]).status, 200)
        self.assertEqual([row["id"] for row in self.get("/v1/keys?source=app", self.admin).json["data"]], [made.json["id"]])
        self.once("DELETE", f'/v1/keys/{made.json["id"]}')
        self.assertProblem(self.post("/v1/track", track("ann", "m-2"), made.json["key"]), 401)
        secret, again = (self.once("POST", "/v1/sources/app/secret", Idempotency_Key="k") for _ in range(2))
        self.assertTrue(secret.json["secret"])
        self.assertEqual((again.status, again.json), (200, {"source": "app"}))
        self.assertProblem(self.once("POST", "/v1/sources/none/secret"), 404)
