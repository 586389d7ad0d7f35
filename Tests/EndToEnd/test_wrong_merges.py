"""What goes wrong elsewhere when two customers become one, and how it is taken back; through REST alone."""

import contextlib
import http.client
import signal
import urllib.parse

from contract import ContractCase

PHONE, SPELT = "+79161234567", "8 (916) 123-45-67"


class WrongMergeTest(ContractCase):
    def setUp(self):
        super().setUp()
        self.till = self.throughline.source("till", channel="store")
        receipts = {"name": "till", "channel": "store", "trust": "verified", "country": "RU", "proves": ["user_id", "card", "phone", "email"]}
        self.assertEqual(self.ask("PUT", "/v1/documents/source/till", receipts, self.admin).status, 200)
        self.count = 0

    def send(self, key, kind="track", **fields):
        self.count += 1
        body = {"messageId": f"m{self.count}", **({"event": "Receipt"} if kind == "track" else {}), **fields}
        answer = self.post(f"/v1/{kind}", body, key)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["results"][0]

    def mother(self, phone=SPELT, **traits):
        """A receipt at the till: she shows her card, and tells a phone."""
        return self.send(self.till, "identify", anonymousId="mothers-receipts", traits={"phone": phone, **traits},
                         context={"externalIds": [{"type": "card", "id": "CARD-0017"}]})

    def daughter(self, phone=SPELT, **traits):
        """She has no card: the till asks for an address, to which the receipt goes."""
        return self.send(self.till, "identify", anonymousId="daughters-receipts",
                         traits={"email": "daria@mail.test", "phone": phone, **traits})

    def picture(self, name):
        """A customer, but for his events."""
        answer = self.get("/v1/customers/" + urllib.parse.quote(name, safe=":"))
        self.assertEqual(answer.status, 200, answer.body)
        return {key: value for key, value in answer.json.items() if key != "timeline"}

    def events(self, name):
        path = "/v1/customers/" + urllib.parse.quote(name, safe=":") + "/timeline?limit=500"
        return sorted(event["messageId"] for event in self.get(path).json["data"] if event["type"] in ("track", "identify"))

    def merges(self, name):
        return self.get(f"/v1/customers/{urllib.parse.quote(name, safe=':')}/merges").json["data"]

    def merge(self, first, second, **headers):
        return self.ask("POST", f"/v1/customers/{first}/merges", {"with": second, "reason": "one person"}, **headers)

    def undo(self, merge, keep=None, **headers):
        body = {"reason": "two people", **({"keep": keep} if keep else {})}
        return self.ask("POST", f"/v1/merges/{merge}/undo", body, **headers)

    def test_a_family_phone_makes_one_of_two(self):
        """The wrong merge: undone, both are what they were, and the next receipt does not join them again."""
        people = {"card:CARD-0017": (self.mother, "+79260000001"), "email:daria@mail.test": (self.daughter, "+79260000002")}
        for number, (buys, phone) in enumerate(people.values()):
            buys(phone, firstName=f"Name {number}")
        before = {name: self.picture(name) for name in people}
        self.assertEqual(self.mother()["outcome"], "matched")
        first = {name: self.events(name) for name in people}
        joined = self.daughter()
        [kept, taken] = [customer["id"] for customer in before.values()]
        self.assertEqual((joined["outcome"], joined["customer"]), ("merged", kept))
        self.assertEqual(self.picture(taken)["id"], kept)
        # What comes while they are one stands with the name that it came with.
        for name, (buys, phone) in people.items():
            first[name].append(buys(phone)["messageId"])
        first["email:daria@mail.test"].append(joined["messageId"])
        [merge] = self.merges(kept)
        self.assertEqual(self.undo(merge["id"], {f"phone:{PHONE}": "shared"}).status, 200)
        for name, (buys, _) in people.items():
            after = self.picture(name)
            self.assertEqual([i for i in after["identifiers"] if i["value"] != PHONE], before[name]["identifiers"])
            values = [{trait: told["value"] for trait, told in each["traits"].items()} for each in (after, before[name])]
            self.assertEqual(*values)
            for member in ("id", "known", "formerIds", "claims", "consents"):
                self.assertEqual(after[member], before[name][member], member)
            self.assertEqual(self.events(name), sorted(first[name]))
            again = buys()
            self.assertEqual((again["outcome"], again["customer"]), ("matched", before[name]["id"]))
        self.assertEqual([self.picture(name)["id"] for name in people], [kept, taken])

    def test_a_visitor_never_takes_over_a_known_customer(self):
        """The known one's id survives whoever joins him, in whatever order, and every former id leads to him."""
        known = self.send(self.backend, "identify", userId="ann")["customer"]
        visitors = [self.send(self.backend, anonymousId=f"browser-{n}")["customer"] for n in range(3)]
        for n in range(3):
            self.assertEqual(self.send(self.backend, "identify", userId="ann", anonymousId=f"browser-{n}")["customer"], known)
        others = [self.send(self.backend, "identify", userId=f"ann-old-{n}")["customer"] for n in range(3)]
        for other in others:
            self.assertEqual(self.merge(other, known).status, 200)
        names = [*visitors, *others, known, "user_id:ann", "user_id:ann-old-2", "anonymous_id:browser-0"]
        self.assertEqual(len({self.picture(name)["id"] for name in names}), 1)
        self.assertLessEqual(set(others) | {known}, {known, *self.picture(known)["formerIds"], self.picture(known)["id"]})

    def test_a_tablet_that_500_people_used(self):
        """A shop's tablet signs one after another in: 500 customers are 500, and each visit is his who came last."""
        tablet = "tablet-in-the-shop"
        for start in range(0, 500, 50):
            batch = []
            for n in range(start, start + 50):
                batch += [{"type": "track", "messageId": f"before-{n}", "anonymousId": tablet, "event": "Seen"},
                          {"type": "identify", "messageId": f"login-{n}", "anonymousId": tablet, "userId": f"guest-{n}"}]
            self.assertEqual(self.post("/v1/batch", {"batch": batch}).status, 200)
        ids = {self.picture(f"user_id:guest-{n}")["id"] for n in range(0, 500, 7)}
        self.assertEqual(len(ids), 72)
        self.assertEqual(self.merges("user_id:guest-1"), [])
        self.assertEqual(self.events("user_id:guest-499"), ["login-499"])

    def test_words_that_name_nobody(self):
        """A form that sends `null` as everybody's user id makes nobody of them one."""
        people = [self.send(self.backend, "identify", userId=word, anonymousId=f"form-{n}")["customer"]
                  for n, word in enumerate(["null", "undefined", "0", "None", "null"])]
        self.assertEqual(len(set(people)), 5)
        self.assertEqual(self.get("/v1/customers/user_id:null").status, 404)

    def test_the_first_of_two_merges_is_undone(self):
        """With events of all three in between: each of them stands with whom it came from."""
        ids = [self.send(self.backend, "identify", userId=user)["customer"] for user in ("ann", "bob", "cid")]
        first = self.merge(ids[0], ids[1]).json["id"]
        messages = [self.send(self.backend, userId=user)["messageId"] for user in ("ann", "bob", "cid")]
        second = self.merge(ids[0], ids[2]).json["id"]
        messages += [self.send(self.backend, userId=user)["messageId"] for user in ("ann", "bob", "cid")]
        self.assertEqual(self.undo(first).status, 200)
        self.assertEqual(self.events(ids[1]), sorted(["m2", messages[1], messages[4]]))
        self.assertEqual(self.events(ids[0]), sorted(["m1", "m3", *messages[0::3], *messages[2::3]]))
        self.assertEqual(self.picture(ids[2])["id"], ids[0])
        self.assertEqual(self.undo(second).status, 200)
        self.assertEqual([self.picture(id)["id"] for id in ids], ids)
        self.assertEqual([len(self.events(id)) for id in ids], [3, 3, 3])

    def test_who_unsubscribed_under_one_address_stays_so(self):
        """The stricter of two consents holds while they are one, and a withdrawal meanwhile stays with both."""
        def consent(user, state):
            answer = self.ask("PUT", f"/v1/customers/user_id:{user}/consents",
                              [{"purpose": "marketing", "channel": "email", "state": state}])
            self.assertEqual(answer.status, 200, answer.body)

        def states(user):
            return [row["state"] for row in self.picture(f"user_id:{user}")["consents"]]
        ids = [self.send(self.backend, "identify", userId=user)["customer"] for user in ("ann", "bob")]
        consent("ann", "granted")
        consent("bob", "withdrawn")
        merge = self.merge(*ids).json["id"]
        self.assertEqual(states("ann"), ["withdrawn"])
        self.undo(merge)
        self.assertEqual((states("ann"), states("bob")), (["granted"], ["withdrawn"]))
        again = self.merge(*ids).json["id"]
        consent("ann", "withdrawn")
        self.undo(again)
        self.assertEqual((states("ann"), states("bob")), (["withdrawn"], ["withdrawn"]))

    def test_a_kill_anywhere_leaves_it_done_or_not(self):
        """Asked again under its key, a merge and its undo have happened once, whatever moment the server died at."""
        ids = [self.send(self.backend, "identify", userId=user)["customer"] for user in ("ann", "bob")]
        before = [self.picture(id) for id in ids]
        for place in ("intake.beforeFold", "writer.beforeCommit", "writer.afterCommit", "writer.afterSync"):
            merge = self.survives(place, lambda: self.merge(*ids, Idempotency_Key=f"merge-{place}"))
            self.assertEqual(self.picture(ids[1])["id"], ids[0])
            undone = self.survives(place, lambda: self.undo(merge["id"], Idempotency_Key=f"undo-{place}"))
            self.assertEqual(undone["id"], merge["id"])
            self.assertEqual([self.picture(id) for id in ids], before, place)
        self.assertEqual(len(self.merges(ids[0])), 4)

    def survives(self, place, act):
        """Does something that kills the server on its way, and again when it is back: it is done, once."""
        self.throughline.stop()
        for count in (1, 1, 2, 2, 3, 3):
            # What a start writes itself passes the writer's places too; that is a kill more. What was written then is not
            # written again, and what was not is: then the act comes one later.
            with contextlib.suppress(AssertionError):
                self.throughline.start(THROUGHLINE_CRASH_AT=f"{place}:{count}")
                break
        with contextlib.suppress(OSError, http.client.HTTPException):
            act()
        self.assertEqual(self.throughline.ended(), -signal.SIGKILL, place)
        self.throughline.check()
        self.throughline.start()
        answers = [act() for _ in range(2)]
        self.assertEqual([answer.status for answer in answers], [200, 200], answers[0].body)
        self.assertEqual(answers[0].headers["Throughline-Sequence"], answers[1].headers["Throughline-Sequence"])
        return answers[0].json
