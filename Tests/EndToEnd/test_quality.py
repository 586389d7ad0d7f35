"""Data quality through REST: what is wrong with a customer, the work list, and the sources' scores."""

import urllib.parse

from contract import ContractCase
from server import track, wait_for

ANN = {"userId": "ann", "traits": {"name": "Ann Lee", "birthday": "1990-03-12", "email": "ann@b.test"}}


class QualityTest(ContractCase):
    options = {"environment": {"THROUGHLINE_COUNTRY": "RU"}}

    def setUp(self):
        super().setUp()
        self.reader = self.throughline.key("readonly", name="eve")
        self.messages = 0

    def identify(self, user, key=None, **traits):
        answer = self.throughline.post("/v1/identify", {"userId": user, "traits": traits}, key or self.backend)
        self.assertEqual(answer.status, 200, answer.body)

    def mail(self, event, user, email):
        self.messages += 1
        body = track(user, f"mail-{self.messages}", event, context={"traits": {"email": email}})
        self.assertEqual(self.throughline.post("/v1/track", body, self.backend).status, 200)

    def picture(self, name="user_id:ann"):
        answer = self.ask("GET", "/v1/customers/" + urllib.parse.quote(name, safe=":"))
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def codes(self, name="user_id:ann"):
        return [defect["code"] for defect in self.picture(name)["quality"]["defects"]]

    def listed(self, code=None, limit=1):
        ids, path = [], f"/v1/quality?limit={limit}" + (f"&code={code}" if code else "")
        while path:
            answer = self.ask("GET", path)
            self.assertEqual(answer.status, 200, answer.body)
            ids += [row["customer"] for row in answer.json["data"]]
            link = answer.headers["Link"]
            self.assertEqual(bool(link), answer.json["next"] is not None)
            path = link[1 : link.index(">")] if link else None
        return ids

    def test_a_phone_and_an_address_are_told_and_mended(self):
        self.identify("ann", phone="8 916 123-45", email="noreply@b.test")
        quality = self.picture()["quality"]
        self.assertEqual([d["code"] for d in quality["defects"]], ["invalid_phone", "invalid_email", "no_contact"])
        self.assertEqual(quality["score"], 50)
        self.assertEqual(quality["defects"][0]["detail"], "the phone number that shop gave cannot be dialled")
        self.identify("ann", phone="8 916 123-45-67")
        self.assertEqual(self.codes(), ["invalid_email"])
        edit = self.ask("PATCH", "/v1/customers/user_id:ann/traits", {"traits": {"email": "ann@b.test", "phone": "no"}})
        self.assertEqual(edit.status, 200, edit.body)
        self.assertEqual(self.codes(), ["invalid_phone"])
        # A national number is dialled where the configuration says.
        edit = self.ask("PATCH", "/v1/customers/user_id:ann/traits", {"traits": {"phone": "8 916 123-45-68"}})
        self.assertEqual(edit.status, 200, edit.body)
        self.assertEqual((self.codes(), self.picture()["quality"]["score"]), ([], 100))

    def test_mail_that_bounced(self):
        self.identify("ann", email="ann@b.test")
        self.mail("Email Bounced", "ann", "Ann@B.test")
        self.assertEqual(self.codes(), ["bounced_address"])
        self.assertEqual(self.listed("bounced_address"), [self.picture()["id"]])
        self.mail("Email Opened", "ann", "ann@b.test")
        self.assertEqual((self.codes(), self.listed("bounced_address")), ([], []))

    def test_a_likely_duplicate_is_told_to_those_who_serve_and_not_to_himself(self):
        for user in "ann", "lee":
            self.identify(user, **{**ANN["traits"], "email": f"{user}@b.test"})
        ann, lee = self.picture()["id"], self.picture("user_id:lee")["id"]
        [defect] = self.picture()["quality"]["defects"]
        self.assertEqual((defect["code"], defect["customer"]), ("likely_duplicate", lee))
        self.assertEqual(sorted(self.listed("likely_duplicate")), sorted([ann, lee]))
        front = self.throughline.key("storefront", name="front")
        token = self.ask("POST", "/v1/customers/user_id:ann/tokens", key=front).json["token"]
        own = self.ask("GET", "/v1/customers/me", key=token)
        self.assertEqual(own.json["quality"], {"score": 100, "defects": []})
        self.assertNotIn(lee, own.body.decode())
        merged = self.ask("POST", "/v1/customers/user_id:ann/merges", {"with": lee, "reason": "one"}).json
        self.assertEqual((self.codes(), self.listed("likely_duplicate")), ([], []))
        undone = self.ask("POST", f"/v1/merges/{merged['id']}/undo", {"reason": "two"})
        self.assertEqual(undone.status, 200, undone.body)
        self.assertEqual((self.codes(), self.codes("user_id:lee")), ([], []), "a person told them apart")

    def test_the_work_list_goes_page_by_page_and_is_audited(self):
        ids = []
        for number in range(5):
            self.identify(f"u{number}", phone="12", email=f"u{number}@b.test")
            ids.insert(0, self.picture(f"user_id:u{number}")["id"])
        self.identify("fine", email="fine@b.test")
        for limit in 1, 2, 500:
            self.assertEqual((self.listed("invalid_phone", limit), self.listed(None, limit)), (ids, ids))
        row = self.ask("GET", "/v1/quality?code=invalid_phone").json["data"][0]
        self.assertEqual((row["customer"], row["known"], row["score"]), (ids[0], True, 85))
        for code in "invalid_email", "stale", "no_contact", "bounced_address", "likely_duplicate":
            self.assertEqual(self.listed(code), [], code)
        audit = self.ask("GET", "/v1/audit?actor=bob&limit=500", key=self.admin).json["data"]
        shown = [r["customer"] for r in audit if r["action"] == "GET /v1/quality"]
        self.assertEqual(set(shown), set(ids))

    def test_what_is_wrong_is_refused_by_name_and_others_are_kept_out(self):
        for query, pointer in (
            ("code=none", "/code"), ("limit=0", "/limit"), ("limit=501", "/limit"), ("cursor=x", "/cursor"),
            ("minSequence=-1", "/minSequence"),
        ):
            self.assertProblem(self.ask("GET", f"/v1/quality?{query}"), 400, pointer)
        for key, status in (self.reader, 403), (self.backend, 403), (self.page, 403), ("nobody", 401):
            self.assertProblem(self.ask("GET", "/v1/quality", key=key), status)
        for key, status in (self.agent, 403), (self.reader, 403), ("nobody", 401):
            self.assertProblem(self.ask("GET", "/v1/quality/sources", key=key), status)

    def test_the_sources_have_scores(self):
        self.identify("ann", phone="12")
        for number in range(3):
            self.identify("ann", phone=f"8 916 123-45-6{number}")
        self.identify("ann", key=self.page, email="x", phone="y")
        answer = self.ask("GET", "/v1/quality/sources", key=self.admin)
        self.assertEqual(answer.json["data"], [
            {"source": "page", "score": 0, "recent": {"events": 1, "defective": 1},
             "defects": {"invalid_email": 1, "invalid_phone": 1, "no_identifier": 0}},
            {"source": "shop", "score": 75, "recent": {"events": 4, "defective": 1},
             "defects": {"invalid_email": 0, "invalid_phone": 1, "no_identifier": 0}},
        ])

    def test_of_the_erased_nothing_is_left(self):
        self.identify("ann", **{**ANN["traits"], "phone": "12"})
        self.identify("lee", **{**ANN["traits"], "email": "lee@b.test"})
        self.mail("Email Bounced", "ann", "ann@b.test")
        job = self.ask("POST", "/v1/customers/user_id:ann/erasure", {"reason": "case 7"}, key=self.admin)
        self.assertEqual(job.status, 202, job.body)
        done = lambda: self.ask("GET", f"/v1/jobs/{job.json['id']}", key=self.admin).json["state"] == "done"
        wait_for(done, "the erasure")
        self.assertEqual((self.listed(), self.codes("user_id:lee")), ([], []))
