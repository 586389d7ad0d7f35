"""Who is who, told through REST: merges, previews, undo, doubts; and what a public key cannot do."""

import urllib.parse

from contract import ContractCase
from server import bearer

RECEIPT = {"name": "till", "channel": "store", "trust": "verified", "proves": ["user_id", "card", "phone", "email"]}

class MergeTest(ContractCase):
    def setUp(self):
        super().setUp()
        self.till = self.throughline.source("till", channel="store")
        self.reader = self.throughline.key("readonly", name="eve")
        self.assertEqual(self.ask("PUT", "/v1/documents/source/till", RECEIPT, key=self.admin).status, 200)
        self.count = 0

    def event(self, key, **fields):
        self.count += 1
        body = {"messageId": f"m{self.count}", "event": "Receipt", **fields}
        answer = self.throughline.post("/v1/track", body, key)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["results"][0]

    def receipt(self, user, **traits):
        """What a till tells of a member: it proves his number, card, phone and address."""
        self.count += 1
        body = {"messageId": f"m{self.count}", "userId": user, "traits": traits}
        answer = self.throughline.post("/v1/identify", body, self.till)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["results"][0]

    def customer(self, name):
        return self.ask("GET", "/v1/customers/" + urllib.parse.quote(name, safe=":"))

    def picture(self, name):
        picture = self.customer(name).json
        picture.pop("timeline")
        return picture

    def names(self, name):
        return sorted(f'{i["type"]}:{i["value"]}' for i in self.customer(name).json["identifiers"])

    def two(self):
        for user in ("ann", "bob"):
            self.event(self.backend, userId=user)
        return [self.customer(f"user_id:{user}").json["id"] for user in ("ann", "bob")]

    def merge(self, first, second, **fields):
        return self.ask("POST", f"/v1/customers/{first}/merges", {"with": second, "reason": "same person", **fields})

    def test_merge_preview_and_undo(self):
        ann, bob = self.two()
        before = [self.picture(ann), self.picture(bob)]
        preview = self.merge(ann, bob, dryRun=True)
        self.assertEqual(preview.status, 200, preview.body)
        self.assertEqual([self.picture(ann), self.picture(bob)], before)
        done = self.merge(ann, bob)
        self.assertEqual(done.status, 200, done.body)
        self.assertEqual(preview.json["diff"], done.json["diff"])
        self.assertEqual((done.json["into"], done.json["from"], done.json["actor"]), (ann, bob, "api:bob"))
        self.assertEqual(self.names(bob), ["user_id:ann", "user_id:bob"])
        self.assertEqual(self.picture(bob)["formerIds"], [bob])
        self.assertEqual([m["id"] for m in self.ask("GET", f"/v1/customers/{ann}/merges").json["data"]], [done.json["id"]])
        self.assertEqual(self.merge(ann, bob).status, 409)
        path = f'/v1/merges/{done.json["id"]}/undo'
        preview = self.ask("POST", path, {"reason": "not so", "dryRun": True})
        undone = self.ask("POST", path, {"reason": "not so"})
        self.assertEqual(undone.status, 200, undone.body)
        self.assertEqual(preview.json["diff"], undone.json["diff"])
        self.assertEqual([self.picture(ann), self.picture(bob)], before)
        self.assertEqual(undone.json["undone"]["reason"], "not so")
        self.assertEqual(self.ask("POST", path, {"reason": "again"}).status, 409)

    def test_the_same_request_again_counts_once(self):
        ann, bob = self.two()
        for first, second in [(ann, bob), ("user_id:ann", "user_id:bob"), (bob, "user_id:ann")]:
            path, body = f"/v1/customers/{first}/merges", {"with": second, "reason": "same"}
            answers = [self.ask("POST", path, body, Idempotency_Key=first) for _ in range(3)]
            self.assertEqual({answer.status for answer in answers}, {200}, answers[-1].body)
            self.assertEqual(len({answer.json["id"] for answer in answers}), 1)
            self.assertEqual(len({answer.headers["Throughline-Sequence"] for answer in answers}), 1)
            self.ask("POST", f'/v1/merges/{answers[0].json["id"]}/undo', {"reason": "next"})

    def test_who_is_who_is_decided_by_people(self):
        ann, bob = self.two()
        body = {"with": bob, "reason": "same"}
        for role, status in [("storefront", 403), ("store", 403), ("marketer", 403), ("admin", 200)]:
            key = self.throughline.key(role, name=role)
            self.assertEqual(self.ask("GET", "/v1/reviews", key=key).status, status, role)
            self.assertEqual(self.ask("POST", f"/v1/customers/{ann}/merges", body, key=key).status, status, role)

    def test_a_family_phone(self):
        """A till's receipt names mother's card and the phone that daughter gave: undone, and shared from then on."""
        mother = self.receipt("mother", phone="+79161234567")
        self.assertEqual(mother["outcome"], "created")
        doubt = self.receipt("daughter", phone="+7 916 123-45-67")
        reviews = self.ask("GET", "/v1/reviews").json["data"]
        self.assertEqual((doubt["outcome"], len(reviews)), ("queued", 1))
        self.assertEqual(sorted(reviews[0]["customers"]), sorted([mother["customer"], doubt["customer"]]))
        decided = self.ask("POST", f'/v1/reviews/{reviews[0]["id"]}', {"decision": "merge", "reason": "one"})
        self.assertEqual(decided.status, 200, decided.body)
        merge = decided.json["id"]
        undone = self.ask("POST", f"/v1/merges/{merge}/undo", {"reason": "two", "keep": {"phone:+79161234567": "shared"}})
        self.assertEqual(undone.status, 200, undone.body)
        phone = [i for i in self.customer("user_id:mother").json["identifiers"] if i["type"] == "phone"]
        self.assertEqual([(i["shared"], i["verified"]) for i in phone], [(True, False)])
        again = self.receipt("daughter", phone="+79161234567")
        self.assertEqual(again["outcome"], "matched")
        self.assertEqual(self.ask("GET", "/v1/reviews").json["data"], [])
        self.assertEqual(len(self.ask("GET", "/v1/reviews?state=apart").json["data"]), 1)

    def test_what_is_wrong_is_named(self):
        ann, bob = self.two()
        for body, pointer in [({"with": bob}, "/reason"), ({"with": "x", "reason": "r"}, "/with"),
                              ({"with": bob, "reason": "r" * 1001}, "/reason"),
                              ({"with": bob, "reason": "r", "dryRun": 1}, "/dryRun"),
                              ({"with": "user_id:nobody", "reason": "r"}, "/with")]:
            answer = self.ask("POST", f"/v1/customers/{ann}/merges", body)
            self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (400, pointer), body)
        merge = self.merge(ann, bob).json["id"]
        for keep, pointer in [({"shoe": "shared"}, "/keep/shoe"), ({"user_id:bob": "nobody"}, "/keep/user_id:bob"),
                              ({"user_id:other": "shared"}, "/keep/user_id:other"), (["x"], "/keep"),
                              ({"user_id:bob": "shared"}, "/keep/user_id:bob")]:
            answer = self.ask("POST", f"/v1/merges/{merge}/undo", {"reason": "r", "keep": keep})
            self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (400, pointer), keep)
        self.assertEqual(self.ask("POST", "/v1/merges/none/undo", {"reason": "r"}).status, 404)
        self.assertEqual(self.ask("POST", "/v1/reviews/none", {"decision": "apart", "reason": "r"}).status, 404)
        self.assertEqual(self.ask("POST", f"/v1/customers/{ann}/merges", {}, key=self.reader).status, 403)
        longest = self.ask("POST", f"/v1/merges/{merge}/undo", {"reason": "r" * 1000})
        self.assertEqual(longest.status, 200, longest.body)

    def test_a_page_moves_nothing_of_a_known_customer(self):
        known = self.receipt("ann", phone="+79161234567", email="a@b.test")
        before = self.picture("user_id:ann")
        attempts = [
            {"userId": "ann"}, {"userId": "ann", "anonymousId": "evil"},
            {"anonymousId": "evil", "context": {"traits": {"email": "a@b.test", "phone": "+79161234567"}}},
            {"userId": "eve", "anonymousId": "evil", "traits": {"email": "a@b.test"}},
            {"previousId": "ann", "userId": "eve", "type": "alias"},
        ]
        for attempt in attempts:
            self.count += 1
            kind = attempt.pop("type", "identify")
            answer = self.throughline.post(f"/v1/{kind}", {"messageId": f"x{self.count}", **attempt}, self.page)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(set(answer.json["results"][0]), {"messageId", "status"})
            self.assertNotIn(known["customer"], answer.body.decode())
        after = self.picture("user_id:ann")
        self.assertTrue(after["claims"])
        self.assertEqual({**after, "claims": []}, {**before, "claims": []})
        for path in ("/v1/customers/user_id:ann", "/v1/reviews", "/v1/merges/x/undo"):
            answer = self.throughline.call("GET", path, None, bearer(self.page))
            self.assertIn(answer.status, (401, 403, 405), path)
