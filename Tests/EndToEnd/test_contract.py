"""The public contract: what is served is what the OpenAPI document says, and every error is a problem that helps."""

import re
import time
import urllib.parse

import openapi_spec_validator

from contract import ContractCase
from orders import pickup, prepared, stocked
from server import basic, bearer, track, wait_for

READERS = ["owner", "admin", "marketer", "agent", "store", "storefront", "readonly"]
EVENTS = {
    "identify": {"traits": {"email": "ann@example.test"}}, "track": {"event": "Product Viewed"},
    "page": {"name": "Home"}, "screen": {"name": "Cart"}, "group": {"groupId": "g-1"}, "alias": {"previousId": "an-9"},
}


class ContractTest(ContractCase):
    # The document.

    def test_the_document_is_valid(self):
        openapi_spec_validator.validate(self.document)
        self.assertEqual(self.document["openapi"][:4], "3.1.")
        identifiers = [
            operation["operationId"] for path in self.document["paths"].values() for operation in path.values()]
        self.assertEqual(len(identifiers), len(set(identifiers)))

    def doubts(self):
        """A merge that a person made, and a doubt that is open: each about a phone that two members gave at the till."""
        receipt = {"name": "till", "channel": "store", "trust": "verified", "proves": ["user_id", "phone"]}
        till = self.throughline.source("till", channel="store")
        self.ask("PUT", "/v1/documents/source/till", receipt, bearer(self.admin))
        for user, phone in ("u-1", 7), ("u-2", 7), ("u-3", 8), ("u-4", 8):
            self.post("/v1/identify", {"userId": user, "traits": {"phone": f"+7916123456{phone}"}}, till)
        one, open_one = sorted(self.get("/v1/reviews").json["data"], key=lambda review: review["since"])
        merged = self.ask("POST", f'/v1/reviews/{one["id"]}', {"decision": "merge", "reason": "r"}, bearer(self.admin))
        return merged.json["id"], open_one["id"]

    def test_every_example_is_accepted(self):
        merge, review = self.doubts()
        self.post("/v1/identify", {"userId": "u-5", "traits": {"email": "ann@example.com"}})
        self.post("/v1/identify", {"userId": "u-7"})
        acts = {"/v1/merges/{id}/undo": merge, "/v1/reviews/{id}": review}
        points = "/v1/customers/user_id:u-1/loyalty"
        self.ask("POST", points + "/adjustments", {"points": 10, "reason": "r"}, bearer(self.admin))
        acts["/v1/loyalty/holds/{id}/capture"] = self.ask(
            "POST", points + "/holds", {"points": 10}, bearer(self.admin)).json["id"]
        acts |= prepared(self, "user_id:u-5", self.admin)
        refund = {"userId": "u-1", "event": "Order Refunded", "properties": {"order_id": "early"}}
        early = str(self.post("/v1/track", refund).json["sequence"])
        front = self.throughline.key("storefront")
        till = self.throughline.made("source", "create", "--name", "till-2", "--kind", "till", "--channel", "store")
        token = self.ask("POST", "/v1/customers/user_id:u-6/tokens", {}, bearer(front)).json["token"]
        keys = {"/v1/visitors": basic(self.page), "/v1/customers/{customer}/tokens": bearer(front),
                "/v1/customers/me/identifiers": bearer(token), "/hooks/{source}": basic(till)}
        statuses = {"/v1/customers/{customer}/export": 202, "/v1/customers/{customer}/erasure": 202, "/v1/visitors": 201,
                    "/v1/customers/{customer}/tokens": 201, "/v1/webhooks": 201, "/v1/keys": 201,
                    "/v1/customers/{customer}/loyalty/holds": 201, "/v1/quotes": 201, "/v1/customers/{customer}/quotes": 201,
                    "/v1/orders": 201}
        names = {"/v1/documents/product/{id}": "K-17", "/v1/documents/price/{id}": "K-17%2Fretail%2FRUB"}
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                for media, content in operation.get("requestBody", {}).get("content", {}).items():
                    if "example" not in content or media == "text/plain":
                        continue
                    with self.subTest(path):
                        who = "user_id:u-7" if path.endswith("/erasure") else "user_id:u-1"
                        target = path.replace("{customer}", who).replace("{key}", "film").replace("{source}", "till-2").replace(
                            "{name}", "crm").replace("{sku}", "A-1").replace("{sequence}", early)
                        if "{id}" in path:
                            example = content["example"]
                            name = acts.get(path) or names.get(path) or example.get("id") or example["name"]
                            target = target.replace("{id}", name)
                        key = keys.get(path) or bearer(self.admin)
                        if operation["tags"] == ["events"]:
                            key = basic(self.page if "beacon" in path else self.backend)
                        answer = self.ask(method.upper(), target, content["example"], key)
                        self.assertEqual(answer.status, statuses.get(path, 200), answer.body)

    def test_every_route_says_what_it_does(self):
        """Reads what every operation answers to a good request, to none, and to a wrong key."""
        self.post("/v1/identify", {"userId": "u-1", "traits": {"email": "ann@example.test"}})
        self.ask("PUT", "/v1/documents/source/till", {"name": "till", "channel": "store"}, bearer(self.admin))
        self.ask("PUT", "/v1/documents/webhook/till", {"name": "till", "url": "https://a.test", "active": False}, bearer(self.admin))
        self.ask("PUT", "/v1/documents/computed-trait/till", {"name": "till", "function": "count"}, bearer(self.admin))
        self.ask("PUT", "/v1/documents/retention/till", {"name": "till", "type": "page", "days": 30}, bearer(self.admin))
        self.ask("PUT", "/v1/documents/store/till", {"id": "till", "name": "Till", "timeZone": "Etc/UTC"}, bearer(self.admin))
        self.ask("PUT", "/v1/documents/programme/default", {
            "currency": "RUB", "earn": {"points": 1, "per": 100}, "pointValue": 100}, bearer(self.admin))
        self.ask("PUT", "/v1/customers/user_id:u-1/state/film", {"value": 17}, bearer(self.admin))
        self.ask("PUT", "/v1/customers/user_id:u-1/cart/lines/A-1", {"quantity": 1}, bearer(self.admin))
        link = self.ask("POST", "/v1/customers/user_id:u-1/cart/share", None, bearer(self.admin)).json["token"]
        self.ask("PUT", "/v1/products", [{"sku": "till", "name": "A till"}], bearer(self.admin))
        self.ask("PUT", "/v1/prices", [{"sku": "till", "price": {"amount": 5, "currency": "EUR"}}], bearer(self.admin))
        self.ask("PUT", "/v1/documents/promotion/till", {"name": "till", "percent": 5}, bearer(self.admin))
        quote = self.ask("POST", "/v1/quotes", {"currency": "EUR", "lines": [{"sku": "till"}]}, bearer(self.admin)).json["id"]
        stocked(self, self.admin)
        self.ask("POST", "/v1/orders", pickup("till", "user_id:u-1"), bearer(self.admin))
        job = self.ask(
            "POST", "/v1/customers/user_id:u-1/export", {"format": "json"}, bearer(self.admin)).json["id"]
        wait_for(lambda: self.get(f"/v1/jobs/{job}", self.admin).json["state"] == "done", "the job's end")
        for path, operations in self.document["paths"].items():
            target = path.replace("/v1/jobs/{id}", f"/v1/jobs/{job}").replace("/v1/quotes/{id}", f"/v1/quotes/{quote}")
            target = target.replace("/v1/documents/price/{id}", "/v1/documents/price/till%2Fretail%2FEUR")
            target = target.replace("{customer}", "user_id:u-1").replace("{id}", "till").replace("{key}", "film").replace("{name}", "till").replace("{writeKey}", self.page)
            target = target.replace("{store}", "till").replace("{sku}", "till").replace("{token}", link)
            for method, operation in operations.items():
                if method != "get":
                    continue
                required = [field["name"] for field in operation.get("parameters", []) if field["in"] == "query" and field["required"]]
                if "text/event-stream" in operation["responses"]["200"]["content"]:
                    # It answers good requests without an end: test_live.py.
                    self.assertProblem(self.ask("GET", target, key={}), 401)
                    self.assertProblem(self.get(target, self.backend), 403)
                    continue
                if required:
                    target += "?" + "&".join(f"{name}=u-1" for name in required)
                with self.subTest(path):
                    self.assertEqual(self.get(target, self.admin).status, 200)
                    if operation["security"]:
                        self.assertProblem(self.ask("GET", target, key={}), 401)
                        self.assertProblem(self.get(target, self.backend), 403)

    def test_unknown_routes_and_methods(self):
        for path in "/nothing", "/v1/customers/a/b/c", "/v1":
            self.assertProblem(self.throughline.get(path), 404)
        answer = self.throughline.call("DELETE", "/v1/track")
        self.assertProblem(answer, 405)
        self.assertIn("POST", answer.headers["Allow"])

    # Events.

    def test_every_kind_of_event_at_every_path(self):
        for index, (kind, fields) in enumerate(EVENTS.items()):
            for path in f"/v1/{kind}", f"/v1/{kind[0]}", f"/v1/{kind}/":
                message = f"m-{path}"
                answer = self.post(path, {"userId": "u-1", "messageId": message, **fields})
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(answer.json["results"][0]["status"], "accepted")
                self.assertEqual(answer.headers["Throughline-Sequence"], str(answer.json["sequence"]))
        for path in "/v1/batch", "/v1/b", "/v1/import":
            items = [{"type": kind, "userId": "u-1", **fields} for kind, fields in EVENTS.items()]
            answer = self.post(path, {"batch": items})
            self.assertEqual([result["status"] for result in answer.json["results"]], ["accepted"] * 6)
        self.assertEqual(len(self.throughline.timeline("user_id:u-1", self.agent)), 18 + 18)

    def test_a_message_counts_once(self):
        first = self.post("/v1/track", track("u-1", "m-1", sentAt="2026-01-02T03:04:05Z", properties={"a": 1, "b": 2}))
        again = self.post(
            "/v1/track", {"properties": {"b": 2, "a": 1}, **track("u-1", "m-1", sentAt="2026-01-02T03:05:05Z")})
        self.assertEqual(again.json["results"][0]["status"], "duplicate")
        for field in "customer", "outcome", "messageId":
            self.assertEqual(again.json["results"][0][field], first.json["results"][0][field])
        other = self.post("/v1/track", track("u-1", "m-1", properties={"a": 2}))
        self.assertProblem(other, 409, "/messageId")
        batch = self.post("/v1/batch", {"batch": [track("u-1", "m-1", "Other"), track("u-1", "m-2")]})
        self.assertEqual(batch.status, 200)
        self.assertEqual([result["status"] for result in batch.json["results"]], ["conflict", "accepted"])
        self.assertEqual(batch.json["results"][0]["errors"][0]["pointer"], "/batch/0/messageId")
        twice = self.post("/v1/batch", {"batch": [track("u-1", "m-3"), track("u-1", "m-3")]})
        self.assertEqual([result["status"] for result in twice.json["results"]], ["accepted", "duplicate"])
        # Another source's message of that name is another message.
        self.assertEqual(self.post("/v1/track", track("u-1", "m-1"), self.page).json["results"][0]["status"], "accepted")
        self.assertEqual(len(self.throughline.timeline("user_id:u-1", self.agent)), 3)

    def test_a_bad_item_takes_no_good_one_with_it(self):
        bad = [
            ({"type": "track", "event": "E"}, ""), ({"type": "nothing", "userId": "u"}, "/type"),
            ({"userId": "u"}, "/type"), ({"type": "track", "userId": "u"}, "/event"),
            ({"type": "group", "userId": "u"}, "/groupId"), ({"type": "alias", "userId": "u"}, "/previousId"),
            (track("u", "m" * 101), "/messageId"), (track("u", "m-bad", timestamp="yesterday"), "/timestamp"),
            (track("u", "m-list", properties=[1]), "/properties"), (track({"a": 1}, "m-object"), "/userId"),
            (track("u", "m-long", padding="x" * 40_000), ""), ("text", ""), (None, ""), ([], ""),
            (track("u" * 300, "m-user"), "/userId"), ({"type": "identify", "userId": "u", "traits": 5}, "/traits"),
        ]
        items = [item for pair in bad for item in (pair[0], track("u-1", f"good-{len(pair[1])}-{id(pair)}"))]
        answer = self.throughline.post("/v1/batch", {"batch": items}, self.backend)
        self.contract.check("POST", "/v1/batch", None, answer)
        results = answer.json["results"]
        self.assertEqual([result["status"] for result in results], ["invalid", "accepted"] * len(bad))
        for index, (item, pointer) in enumerate(bad):
            pointers = [error["pointer"] for error in results[2 * index]["errors"]]
            self.assertEqual(pointers, [f"/batch/{2 * index}{pointer}"], item)

    def test_a_single_event_that_is_refused(self):
        for path, body, pointer in [
            ("/v1/track", {"userId": "u"}, "/event"), ("/v1/track", {"event": "E"}, ""),
            ("/v1/batch", {}, "/batch"), ("/v1/batch", {"batch": []}, "/batch"), ("/v1/batch", {"batch": {}}, "/batch"),
            ("/v1/batch", [], ""), ("/v1/identify", {"userId": "u", "traits": []}, "/traits"),
        ]:
            with self.subTest(path, body=body):
                self.assertProblem(self.post(path, body), 400, pointer)
        many = self.post("/v1/batch", {"batch": [{"type": "track"}] * 2501})
        self.assertProblem(many, 413, "/batch")

    def test_an_anonymous_source_learns_nobody(self):
        self.post("/v1/identify", {"userId": "u-1", "anonymousId": "an-1", "traits": {"email": "ann@example.test"}})
        for claim in "u-1", "nobody":
            answers = [
                self.post("/v1/identify", {"userId": claim, "anonymousId": "an-2", "messageId": f"m-{claim}",
                                           "traits": {"email": "ann@example.test"}}, self.page)
                for _ in range(2)]
            for answer, status in zip(answers, ["accepted", "duplicate"]):
                self.assertEqual(answer.json["results"], [{"messageId": f"m-{claim}", "status": status}])
        told = self.post("/v1/identify", {"userId": "u-1", "messageId": "m-3"}).json["results"][0]
        self.assertEqual((told["outcome"], told["customer"][:4]), ("matched", "cus_"))

    # Keys.

    def test_who_may_what(self):
        self.post("/v1/track", track("u-1", "m-1"))
        event, customer = {"userId": "u-1", "event": "E"}, "/v1/customers/user_id:u-1"
        for answer in [
            self.ask("POST", "/v1/track", event, {}), self.ask("POST", "/v1/track", event, basic("wk_wrong")),
            self.ask("POST", "/v1/track", {**event, "writeKey": self.backend}, basic(self.page)),
            self.ask("POST", "/v1/track", event, {"Authorization": "Basic %%%"}),
            self.ask("POST", "/v1/track", event, {"Authorization": f"Digest {self.backend}"}),
            self.ask("GET", customer, key={}), self.get(customer, "tk_wrong"),
        ]:
            self.assertProblem(answer, 401)
            self.assertTrue(answer.headers["WWW-Authenticate"])
        self.assertProblem(self.post("/v1/track", event, self.agent), 403)
        self.assertProblem(self.get(customer, self.backend), 403)
        self.assertProblem(self.get("/v1/documents/source", self.agent), 403)
        for role in READERS:
            self.assertEqual(self.get(customer, self.throughline.key(role)).status, 200, role)
        for answer in [
            self.ask("POST", "/v1/track", {**event, "writeKey": self.backend}, {}),
            self.ask("POST", "/v1/track", event, bearer(self.backend)),
            self.ask("POST", "/v1/track", {**event, "writeKey": self.backend}, basic(self.backend)),
            self.ask("POST", f"/beacon/v1/batch?writeKey={self.page}", {"batch": [track("u", "m")]}, {}),
        ]:
            self.assertEqual(answer.status, 200, answer.body)
        further = self.throughline.key("source", source="shop")
        self.assertEqual(self.post("/v1/track", event, further).status, 200)
        self.assertProblem(self.ask("POST", f"/v1/track?writeKey={self.backend}", event, {}), 401)

    def test_a_verified_key_in_a_browser_is_refused(self):
        event = {"userId": "u-1", "event": "E", "writeKey": self.backend}
        for headers in {"Origin": "https://shop.test"}, {"Content-Type": "text/plain"}:
            self.assertProblem(self.ask("POST", "/v1/track", event, headers), 403)
        self.assertProblem(self.ask("POST", f"/beacon/v1/batch?writeKey={self.backend}", {"batch": [event]}), 403)
        self.assertProblem(self.ask("POST", f"/v1/track?writeKey={self.backend}", event), 403)

    def test_settings_for_a_browser(self):
        path = "/v1/projects/{}/settings".format
        for target in path(self.page), path(self.page) + "/":
            answer = self.ask("GET", target, key={})
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.headers["Cache-Control"], "private, max-age=300")
            told = answer.json["integrations"]["Segment.io"]
            self.assertEqual(
                (told["apiKey"], told["apiHost"], told["protocol"]), (self.page, f"127.0.0.1:{self.throughline.port}/v1", "http"))
        example = self.document["components"]["schemas"]["BrowserSettings"]["examples"][0]
        example["integrations"]["Segment.io"] |= told
        self.assertEqual(answer.json, example)
        for name, value, protocol in [
            ("X-Forwarded-Proto", "https", "https"), ("X-Forwarded-Proto", "http", "http"),
            ("Origin", "https://shop.test", "https"), ("Origin", "http://shop.test", "http"),
        ]:
            answer = self.ask("GET", path(self.page), key={name: value})
            self.assertEqual(answer.json["integrations"]["Segment.io"]["protocol"], protocol, (name, value))
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "http://shop.test")
        named = self.ask("GET", path(self.page), key={"Host": "data.shop.test"})
        self.assertEqual(named.json["integrations"]["Segment.io"]["apiHost"], "data.shop.test/v1")
        for key, status in (self.backend, 403), (self.agent, 403), ("wk_wrong", 404), (self.page[:-1], 404), ("%00", 400):
            with self.subTest(key):
                self.assertProblem(self.ask("GET", path(key), key={"Origin": "https://shop.test"}), status)
        further = self.throughline.key("source", source="page", name="further")
        self.assertEqual(self.ask("GET", path(further), key={}).status, 200)
        self.throughline.made("key", "revoke", "further")
        self.assertProblem(self.ask("GET", path(further), key={}), 404)

    def test_a_key_in_a_path_is_not_logged(self):
        self.throughline.stop()
        self.throughline.start(THROUGHLINE_ACCESS_LOG="true")
        self.assertEqual(self.ask("GET", f"/v1/projects/{self.page}/settings", key={}).status, 200)
        self.throughline.stop()
        self.assertIn("/v1/projects/{writeKey}/settings", self.throughline.log())
        self.assertNotIn(self.page, self.throughline.log())

    # Reading.

    def test_a_customer_by_every_name(self):
        sent = self.post("/v1/identify", {"userId": 17, "traits": {"email": " Ann@Example.TEST ", "phone": "+1 201 555 2345"}})
        customer = sent.json["results"][0]["customer"]
        for name in customer, "user_id:17", "email:ann@example.test", "email:ANN%40example.test", "phone:%2B12015552345":
            with self.subTest(name):
                self.assertEqual(self.get(f"/v1/customers/{name}").json["id"], customer)
        for name in "cus_nobody", "user_id:18", "nonsense", "email:nonsense", "shoe:41", "user_id:":
            with self.subTest(name):
                self.assertProblem(self.get(f"/v1/customers/{name}"), 404)
                self.assertProblem(self.get(f"/v1/customers/{name}/timeline"), 404)

        for name in "%00", "user_id:%00", "user_id:%FF", "%zz":
            self.assertProblem(self.get(f"/v1/customers/{name}"), 400)

    def test_what_several_claim_is_nobodys(self):
        for user in "u-1", "u-2":
            self.post("/v1/identify", {"userId": user, "traits": {"phone": "+12015552345"}})
        self.assertProblem(self.get("/v1/customers/phone:+12015552345"), 409)

    def test_pages_of_a_timeline(self):
        self.post("/v1/batch", {"batch": [
            track("u-1", f"m-{n}", f"E{n % 2}", timestamp=f"2026-01-01T00:00:{n // 2:02}Z") for n in range(50)]})
        path, seen = "/v1/customers/user_id:u-1/timeline?limit=7&type=track&event=E1", []
        while path:
            answer = self.get(path)
            seen += [event["messageId"] for event in answer.json["data"]]
            link = answer.headers["Link"]
            self.assertEqual(link is None, answer.json["next"] is None)
            path = re.fullmatch(r'<([^>]+)>; rel="next"', link)[1] if link else None
        self.assertEqual(seen, [f"m-{n}" for n in range(49, 0, -2)])
        for query, expected in [
            ("channel=web", 50), ("channel=store", 0), ("type=page", 0), ("event=E0", 25), ("limit=500", 50),
            ("from=2026-01-01T00:00:20Z", 10), ("to=2026-01-01T00:00:04.999Z", 10),
            ("from=2026-01-01T00:00:03%2B00:00&to=2026-01-01T00:00:03Z", 2),
        ]:
            data = self.get(f"/v1/customers/user_id:u-1/timeline?limit=100&{query}".replace("limit=100&limit", "limit"))
            self.assertEqual(len(data.json["data"]), expected, query)
        for name, value in [
            ("limit", "0"), ("limit", "501"), ("limit", "-1"), ("limit", "ten"), ("limit", ""), ("cursor", "nonsense"),
            ("cursor", ""), ("cursor", "zzzzzzzzzzzzzzzzzzzz-1"), ("from", "yesterday"), ("to", "2026-13-01"),
            ("minSequence", "-1"), ("minSequence", "x"), ("minSequence", "99999"), ("minSequence", "9" * 30),
        ]:
            with self.subTest(f"{name}={value}"):
                answer = self.get(f"/v1/customers/user_id:u-1/timeline?{name}={value}")
                self.assertProblem(answer, 400, f"/{name}")

    def test_a_read_holds_what_was_written(self):
        for number in range(20):
            sequence = self.post("/v1/track", track("u-1", f"m-{number}")).headers["Throughline-Sequence"]
            answer = self.get(f"/v1/customers/user_id:u-1?minSequence={sequence}")
            self.assertEqual(str(answer.json["timeline"][0]["sequence"]), sequence)
        self.assertProblem(self.get(f"/v1/customers/user_id:u-1?minSequence={int(sequence) + 1}"), 400, "/minSequence")

    def test_times_far_away(self):
        year = time.gmtime().tm_year
        for index, (path, given, stands) in enumerate([
            ("/v1/track", "1900-01-01T00:00:00Z", "1900-01-01T00:00:00.000Z"),
            ("/v1/track", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
            ("/v1/track", "1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("/v1/track", "2100-01-01T00:00:00Z", str(year)), ("/v1/track", "9999-12-31T23:59:59.999999999Z", str(year)),
            ("/v1/track", "2024-02-29", "2024-02-29T00:00:00.000Z"),
            ("/v1/track", "2024-03-01T00:30:00+03:00", "2024-02-29T21:30:00.000Z"),
        ]):
            with self.subTest(given):
                answer = self.post(path, {"userId": f"u-{index}", "event": "E", "timestamp": given})
                self.assertEqual(answer.status, 200, answer.body)
                event = self.get(f"/v1/customers/user_id:u-{index}").json["timeline"][0]
                self.assertEqual(event["timestamp"][:len(stands)], stands)
        for given in "2023-02-29", "2024-13-01", "2024-01-01T24:00:00Z", "0000-01-01", "10000-01-01", "1700000000":
            self.assertProblem(self.post("/v1/track", {"userId": "u", "event": "E", "timestamp": given}), 400, "/timestamp")

    # Documents.

    def test_a_source_has_versions(self):
        path, document = "/v1/documents/source/till", {"name": "till", "channel": "store", "trust": "verified"}
        put = lambda body, **headers: self.ask(
            "PUT", path, body, {**bearer(self.admin), **{name.replace("_", "-"): value for name, value in headers.items()}})
        self.assertProblem(self.get(path, self.admin), 404)
        first = put(document)
        self.assertEqual((first.status, first.json["proves"]), (200, ["user_id", "card"]))
        self.assertTrue(first.headers["Throughline-Sequence"])
        tag = self.get(path, self.admin).headers["ETag"]
        self.assertEqual(tag, first.headers["ETag"])
        second = put({**document, "eventsPerSecond": 5}, If_Match=tag)
        self.assertNotEqual(second.headers["ETag"], tag)
        self.assertProblem(put(document, If_Match=tag), 412)
        self.assertProblem(put(document, If_Match='"v99"'), 412)
        self.assertEqual(put(document, If_Match=f'"other", {second.headers["ETag"]}').status, 200)
        self.assertEqual(put(document, If_Match="*").status, 200)
        new = self.ask("PUT", "/v1/documents/source/none", {"name": "none", "channel": "web"}, {**bearer(self.admin), "If-Match": "*"})
        self.assertProblem(new, 412)
        now = self.get(path, self.admin).headers["ETag"]
        for header, status in [(now, 304), (f"W/{now}", 304), (f'"a", {now}', 304), ("*", 304), (tag, 200)]:
            answer = self.ask("GET", path, key={**bearer(self.admin), "If-None-Match": header})
            self.assertEqual((answer.status, answer.headers["ETag"]), (status, now), header)
        self.assertIn("till", [source["name"] for source in self.get("/v1/documents/source", self.admin).json["data"]])
        for body, pointer in [
            ({**document, "name": "other"}, "/name"), ({**document, "channel": "fax"}, "/channel"), ({"name": "till"}, "/channel"),
            ({**document, "trust": "some"}, "/trust"), ({**document, "trust": "anonymous", "proves": ["email"]}, "/trust"),
            ({**document, "proves": ["shoe"]}, "/proves/0"), ({**document, "eventsPerSecond": 0}, "/eventsPerSecond"),
            ({**document, "colour": "red"}, "/colour"), ([], ""),
        ]:
            with self.subTest(body):
                self.assertProblem(put(body), 400, pointer)
