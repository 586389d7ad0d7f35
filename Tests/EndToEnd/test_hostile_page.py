"""What a stranger with a page's key tries, and what he gets: as much as if his victim did not exist.

Each attempt is made twice, against a known customer and against somebody who is not there. Nothing of the victim may
differ before and after, and the stranger may see no difference between the two.
"""

import contextlib
import json
import re
import time

from server import basic, bearer
from tokens import TokenCase, claims, forged, part, user_hash

ME = "/v1/customers/me"
VICTIM = {"user": "vera", "email": "vera@example.test", "phone": "+12015550123", "browser": "vera-browser",
          "household": "+12015550125"}
NOBODY = {"user": "nora", "email": "nora@example.test", "phone": "+12015550124", "browser": "nora-browser",
          "household": "+12015550126"}
RECEIPT = {"name": "till", "channel": "store", "trust": "verified", "proves": ["user_id", "card", "phone", "email"]}
# What differs from one request to the next whoever it is about.
PASSING = re.compile(r"(cus|msg|req|vis)_[0-9a-z]{26}|\d{4}-\d\d-\d\dT[\d:.]+Z|eyJ[\w.-]+|\bh\d+\b|visitor:[0-9a-f]{32}")


class HostilePageTest(TokenCase):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.ask("PUT", "/v1/documents/source/till", RECEIPT, self.admin).status, 200)
        traits = {"email": VICTIM["email"], "phone": VICTIM["phone"], "firstName": "Vera"}
        self.identify(self.till, userId=VICTIM["user"], traits=traits)
        self.identify(self.backend, userId=VICTIM["user"], anonymousId=VICTIM["browser"])
        # The family's phone is shared by two people, as an agent has found out.
        for user in VICTIM["user"], "vic":
            self.identify(self.till, userId=user, traits={"phone": VICTIM["household"]})
        [review] = self.ask("GET", "/v1/reviews").json["data"]
        merge = self.ask(
            "POST", f"/v1/reviews/{review['id']}", {"decision": "merge", "reason": "r"}, self.admin).json["id"]
        undone = self.ask("POST", f"/v1/merges/{merge}/undo", {
            "reason": "two people", "keep": {f"phone:{VICTIM['household']}": "shared"}}, self.admin)
        self.assertEqual(undone.status, 200, undone.body)
        self.ask("PUT", "/v1/customers/user_id:vera/state/form", {"value": {"street": "Long Lane 7"}})
        self.ask("PUT", "/v1/customers/user_id:vera/consents", [{"purpose": "marketing", "state": "granted"}])
        self.victims_token = self.token("user_id:vera")
        # The stranger is a customer himself.
        self.own_hash = user_hash(self.secret, "eve")
        self.own_token = self.token("user_id:eve")

    # What is looked at.

    def whole(self):
        """Everything that the shop sees of the victim, but for who else claims it: that is shown to agents.

        Whose a browser is by its anonymous id alone is whoever signed in on it last, so nobody is looked up by it.
        """
        views = {}
        names = [f"user_id:{VICTIM['user']}", f"email:{VICTIM['email']}", f"phone:{VICTIM['phone']}".replace("+", "%2B")]
        for name in names:
            picture = self.ask("GET", f"/v1/customers/{name}").json
            picture.pop("claims")
            views[name] = picture
        for view in "timeline", "state", "consents", "merges":
            views[view] = self.ask("GET", f"/v1/customers/user_id:{VICTIM['user']}/{view}").json
        views["reviews"] = self.ask("GET", "/v1/reviews").json
        views["own"] = self.ask("GET", ME, key=self.victims_token).json
        return views

    def seen(self, answer, target):
        """What the stranger sees, without what differs in any two answers."""
        text = answer.body.decode()
        for name, value in target.items():
            text = text.replace(value, f"<{name}>")
        text = PASSING.sub("<passing>", text)
        text = re.sub(r'"(sequence|version)":\d+', r'"\1":0', text)
        headers = {name: value for name, value in answer.headers.items() if name in ("Content-Type", "Cache-Control")}
        return answer.status, text, headers

    @contextlib.contextmanager
    def attempt(self, what):
        """Holds one row of the table: the same is tried on the victim and on nobody."""
        with self.subTest(what):
            before, sights = self.whole(), []

            def attack(*steps):
                for target in VICTIM, NOBODY:
                    sights.append([self.seen(step(target), target) for step in steps])
            yield attack
            self.assertEqual(len(sights), 2)
            after = self.whole()
            for view in before:
                self.assertEqual(after[view], before[view], view)
            for number, (victim, nobody) in enumerate(zip(*sights)):
                self.assertEqual(victim, nobody, f"step {number}")

    # Steps.

    def event(self, path="/v1/identify", **fields):
        """A page's event about the target, whose fields are made of it."""
        def step(target):
            self.count += 1
            body = {name: make(target) if callable(make) else make for name, make in fields.items()}
            return self.throughline.post(path, {"messageId": f"h{self.count}", **body}, self.page)
        return step

    def call(self, method, path, body=None, token=None, **headers):
        def step(target):
            made = body(target) if callable(body) else body
            key = token(target) if callable(token) else token
            return self.throughline.call(
                method, path(target) if callable(path) else path, made, {**(bearer(key) if key else {}), **headers})
        return step

    def mine(self, token):
        """All that the stranger can read with a token."""
        return [self.call("GET", ME + path, token=token) for path in ("", "/timeline", "/state", "/consents")]

    # The table.

    def test_claims_of_a_page(self):
        with self.attempt("a phone that is typed in a chat") as attack:
            attack(self.event(anonymousId=lambda t: f"chat-{t['user']}", traits=lambda t: {"phone": t["phone"]}),
                   self.event("/v1/track", anonymousId=lambda t: f"chat-{t['user']}", event="Where is my order"))
        with self.attempt("a squatted address") as attack:
            attack(self.event(anonymousId=lambda t: f"squat-{t['user']}",
                              traits=lambda t: {"email": t["email"], "firstName": "Mallory"}),
                   self.event(userId=lambda t: t["email"], traits=lambda t: {"email": t["email"]}))
        with self.attempt("his user id, with traits and consents") as attack:
            attack(self.event(userId=lambda t: t["user"], traits={"firstName": "Mallory"},
                              context={"consent": {"categoryPreferences": {"marketing": False}}}))
        with self.attempt("his browser's anonymous id") as attack:
            attack(self.event("/v1/track", anonymousId=lambda t: t["browser"], event="Cart Emptied"),
                   self.event(anonymousId=lambda t: t["browser"], userId="eve", traits={"firstName": "Mallory"}),
                   self.event("/v1/alias", previousId=lambda t: t["browser"], userId="eve"),
                   self.event("/v1/alias", previousId=lambda t: t["user"], userId="eve"))
        with self.attempt("ids beside the event") as attack:
            attack(self.event(anonymousId=lambda t: f"ids-{t['user']}", context=lambda t: {"externalIds": [
                {"type": "user_id", "id": t["user"]}, {"type": "email", "id": t["email"]},
                {"type": "phone", "id": t["phone"]}]}))

    def test_hashes(self):
        own = {"userHash": self.own_hash}
        with self.attempt("a hash of one's own id beside another's address, phone and browser") as attack:
            attack(self.event(userId="eve", context=own, anonymousId=lambda t: t["browser"],
                              traits=lambda t: {"email": t["email"], "phone": t["phone"]}))
        with self.attempt("a hash of one's own id for another's") as attack:
            attack(self.event(userId=lambda t: t["user"], context=own),
                   self.event(userId=lambda t: t["user"], context={**own, "externalIds": [{"type": "user_id", "id": "eve"}]}),
                   self.event(userId="eve", context=lambda t: {**own, "externalIds": [{"type": "user_id", "id": t["user"]}]}))
        guesses = ["", "0" * 64, "x", self.own_hash[:-1], "é" * 64, self.secret]
        with self.attempt("guessed hashes, also those of other secrets") as attack:
            attack(*[self.event(userId=lambda t: t["user"], context={"userHash": guess}) for guess in guesses],
                   self.event(userId=lambda t: t["user"], context=lambda t: {"userHash": user_hash(self.page, t["user"])}),
                   self.event(userId=lambda t: t["user"], context=lambda t: {"userHash": user_hash("", t["user"])}),
                   *[self.event(userId=lambda t: t["user"], context={"userHash": odd}) for odd in ([], {}, 5, True)])

        # What he has proved of himself shows him nothing of whom he names.
        with self.attempt("his own picture after he has named the victim") as attack:
            def eve(target):
                return f"eve-{target['user']}"
            attack(self.event(userId=eve, context=lambda t: {"userHash": user_hash(self.secret, eve(t))},
                              traits=lambda t: {"email": t["email"], "phone": t["phone"]}),
                   self.event(userId=eve, context=lambda t: {"userHash": user_hash(self.secret, eve(t))},
                              traits=lambda t: {"phone": t["household"]}),
                   *self.mine(lambda t: self.token(f"user_id:{eve(t)}")))

    def test_a_shared_browser(self):
        """The victim signs in on a browser where the stranger has a visitor, or uses one where she did."""
        def both(target):
            return f"eve-{target['user']}"
        with self.attempt("a login with the anonymous id of another's browser, then all that one can read") as attack:
            def token(target):
                return self.token(f"user_id:{both(target)}")
            attack(self.call("POST", ME + "/identifiers", lambda t: {"anonymousId": t["browser"]}, token),
                   *self.mine(token),
                   self.event("/v1/track", anonymousId=lambda t: t["browser"], event="E", context=lambda t: {"token": token(t)}),
                   *self.mine(token))
        anonymous, visitor = self.visitor()
        self.ask("PUT", ME + "/state/lure", {"value": "set by the stranger"}, visitor)
        self.identify(self.backend, userId=VICTIM["user"], anonymousId=anonymous)
        before = self.whole()
        for path in "/state", "/state/lure", "/state/form", "", "/consents":
            self.assertIn(self.throughline.get(ME + path, visitor).status, (401, 403), path)
        put = self.throughline.call("PUT", ME + "/state/form", {"value": 1}, bearer(visitor))
        self.assertProblem(put, 401)
        self.assertEqual(self.whole(), before)

    def test_a_visitors_token(self):
        tokens = {id(target): self.visitor() for target in (VICTIM, NOBODY)}

        def token(target):
            return tokens[id(target)][1]

        def anonymous(target):
            return tokens[id(target)][0]
        with self.attempt("a visitor who claims to be the victim") as attack:
            attack(self.event(anonymousId=anonymous, userId=lambda t: t["user"],
                              traits=lambda t: {"email": t["email"], "phone": t["phone"]}),
                   self.call("PUT", ME + "/state/form", {"value": "his own"}, token), *self.mine(token),
                   self.call("DELETE", ME + "/state/form", token=token), *self.mine(token))
        with self.attempt("a visitor's token at every other door") as attack:
            attack(*self.doors(token))

    def test_another_customers_token(self):
        with self.attempt("a customer's token at every other door") as attack:
            attack(*self.doors(self.own_token))
        with self.attempt("a customer's token in the place of another's proof") as attack:
            tokens = {target["user"]: self.token(f"user_id:max-{target['user']}") for target in (VICTIM, NOBODY)}
            attack(self.event(userId=lambda t: t["user"], context=lambda t: {"token": tokens[t["user"]]},
                              anonymousId=lambda t: t["browser"],
                              traits=lambda t: {"email": t["email"], "phone": t["phone"]}),
                   *self.mine(lambda t: tokens[t["user"]]))

    def test_tokens_that_are_none(self):
        with self.attempt("forged tokens") as attack:
            def good(target):
                return {**claims(self.victims_token), "sub": self.id(target)}
            attack(*[step for make in self.forgeries(good) for step in
                     [*self.mine(make), self.event(anonymousId="forger", traits={"firstName": "Mallory"},
                                                   context=lambda t, make=make: {"token": make(t)})]])
        for name, header, key in [
            ("none", {"alg": "none", "typ": "JWT"}, b""), ("None", {"alg": "None"}, b""), ("RS256", {"alg": "RS256"}, b"k"),
        ]:
            self.assertProblem(self.throughline.get(ME, forged(header, claims(self.victims_token), key)), 401)

    def id(self, target):
        if target is VICTIM:
            return claims(self.victims_token)["sub"]
        return "cus_00000000000000000000000000"

    def forgeries(self, good):
        """Tokens that a stranger can make who knows everything of the victim's but the key."""
        head, body, signature = self.own_token.split(".")
        hs256 = {"alg": "HS256", "typ": "JWT"}
        return [
            lambda t: forged({"alg": "none", "typ": "JWT"}, good(t)), lambda t: forged({"alg": "NONE"}, good(t)),
            lambda t: forged({"alg": "RS256", "typ": "JWT"}, good(t), b"public key"),
            lambda t: forged(hs256, good(t), b"guess"), lambda t: forged(hs256, good(t), self.page.encode()),
            lambda t: forged(hs256, good(t), self.secret.encode()), lambda t: forged(hs256, good(t)),
            lambda t: f"{head}.{part(good(t))}.{signature}",
            lambda t: f"{part({'alg': 'none'})}.{part(good(t))}.{signature}",
            lambda t: f"{head}.{part(good(t))}", lambda t: f"{head}.{part(good(t))}.{signature}.{signature}",
            lambda t: self.id(t), lambda t: self.page,
        ]

    def doors(self, token):
        """Every door that a token does not open, at the target's name."""
        def named(target):
            return f"/v1/customers/user_id:{target['user']}"
        doors = []
        for name in named, lambda t: f"/v1/customers/{self.id(t)}", lambda t: f"/v1/customers/email:{t['email']}":
            for path in "", "/timeline", "/state", "/state/form", "/consents", "/merges":
                doors.append(self.call("GET", lambda t, name=name, path=path: name(t) + path, token=token))
        for method, path, body in [
            ("PUT", "/state/form", {"value": 1}), ("DELETE", "/state/form", None),
            ("PUT", "/consents", [{"purpose": "marketing", "state": "withdrawn"}]), ("POST", "/tokens", {}),
            ("DELETE", "/tokens", None), ("POST", "/merges", {"with": "user_id:eve", "reason": "r"}),
            ("POST", "/export", {"format": "json"}), ("POST", "/identifiers", {"anonymousId": "b"}),
        ]:
            doors.append(self.call(method, lambda t, path=path: named(t) + path, body, token))
        for method, path, body in [
            ("POST", "/tokens", {}), ("POST", "/export", {"format": "json"}), ("GET", "/merges", None),
            ("POST", "/merges", lambda t: {"with": f"user_id:{t['user']}", "reason": "r"}), ("GET", "?asOf=5", None),
        ]:
            doors.append(self.call(method, ME + path, body, token))
        for method, path, body in [
            ("GET", lambda t: f"/v1/customers?q={t['email']}", None), ("GET", "/v1/reviews", None),
            ("POST", "/v1/customers/search", lambda t: {"q": t["email"]}), ("GET", "/v1/audit", None),
            ("POST", "/v1/customers/lookup", lambda t: {"email": t["email"]}), ("GET", "/v1/documents/source", None),
            ("POST", "/v1/identify", lambda t: {"userId": t["user"]}), ("POST", "/v1/visitors", {}),
            ("GET", "/v1/jobs/job_1", None), ("GET", "/v1/jobs/job_1/result", None),
            ("POST", "/v1/merges/mrg_1/undo", {"reason": "r"}),
        ]:
            doors.append(self.call(method, path, body, token))

        def shut(step):
            def tried(target):
                answer = step(target)
                self.assertIn(answer.status, (401, 403, 404, 405), answer.body)
                return answer
            return tried
        return [shut(door) for door in doors]

    def test_tokens_that_were(self):
        """A token of before an undo, a sign-out, its end: nothing that the other one has is seen with it."""
        merge = self.merged("user_id:vera", "user_id:eve")
        meanwhile = self.token("user_id:eve")
        self.assertEqual(self.ask("GET", ME + "/state/form", key=meanwhile).status, 200)
        self.ask("POST", f"/v1/merges/{merge}/undo", {"reason": "they are two"}, self.admin)
        ended = [self.own_token, meanwhile, self.victims_token]
        short = self.token("user_id:vera", expiresIn=1)
        signed_out = self.token("user_id:vera")
        self.assertEqual(self.ask("DELETE", ME + "/tokens", key=signed_out).status, 204)
        self.victims_token = self.token("user_id:vera")
        time.sleep(1.1)
        with self.attempt("tokens after an undo, a sign-out, and their time") as attack:
            attack(*[step for old in [*ended, signed_out, short] for step in
                     [*self.mine(old), self.call("PUT", ME + "/state/form", {"value": 1}, old),
                      self.call("POST", ME + "/identifiers", {"anonymousId": "b-9"}, old),
                      self.call("DELETE", ME + "/tokens", token=old),
                      self.event(anonymousId="old", traits={"firstName": "Mallory"}, context={"token": old})]])
        for old in [*ended, signed_out, short]:
            self.assertProblem(self.throughline.get(ME, old), 401)
        # The stranger's own, after the undo, tells nothing of with whom he was merged, nor of why he was parted.
        now = self.token("user_id:eve")
        told = "".join(self.ask("GET", ME + path, key=now).body.decode() for path in (
            "", "/timeline?limit=500", "/timeline?type=undo", "/timeline?type=merge", "/state", "/consents"))
        for word in "vera", "Vera", VICTIM["phone"], "Long Lane", self.id(VICTIM), merge, "they are two":
            self.assertNotIn(word, told)
        self.assertProblem(self.throughline.get(f"{ME}?asOf={self.ask('GET', ME, key=now).json['timeline'][0]['sequence']}", now), 403)
