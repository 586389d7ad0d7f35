"""Visitors, customers' tokens and sources' secrets, through the public interface alone."""

import json
import os
import shutil
import stat
import time
import uuid

from server import basic, bearer, run
from tokens import TokenCase, claims, user_hash

ME = "/v1/customers/me"


class SecretTest(TokenCase):
    def proves(self, secret, user, **fields):
        """Whether a page's event with that hash proves the user id."""
        self.identify(userId=user, anonymousId=f"b-{user}", context={"userHash": user_hash(secret, user)}, **fields)
        return self.throughline.get(f"/v1/customers/user_id:{user}", self.agent).json["known"]

    def test_a_page_proves_its_user_by_the_hash_that_the_shop_made(self):
        self.assertTrue(self.proves(self.secret, "ann", traits={"firstName": "Ann"}))
        picture = self.ask("GET", "/v1/customers/user_id:ann").json
        self.assertEqual(picture["traits"]["firstName"]["value"], "Ann")
        self.assertFalse(self.proves("another secret", "bob"))
        self.assertFalse(self.proves(user_hash(self.secret, "x"), "eve"))
        # A number is the text that spells it, and the hash may be in capitals.
        self.identify(userId=17, context={"userHash": user_hash(self.secret, "17").upper()})
        self.assertTrue(self.ask("GET", "/v1/customers/user_id:17").json["known"])
        # Any other call proves as well, and a batch's context holds for its events.
        self.post("/v1/batch", {"context": {"userHash": user_hash(self.secret, "dan")}, "batch": [
            {"type": "track", "event": "E", "userId": "dan"}, {"type": "track", "event": "E", "userId": "not-dan"}]})
        self.assertTrue(self.ask("GET", "/v1/customers/user_id:dan").json["known"])
        self.assertFalse(self.ask("GET", "/v1/customers/user_id:not-dan").json["known"])

    def test_a_secret_is_another_sources_for_nobody(self):
        other = self.throughline.source("other", trust="anonymous")
        context = {"userHash": user_hash(self.secret, "ann")}
        self.identify(other, context, userId="ann")
        self.throughline.made("source", "secret", "other")
        self.identify(other, context, userId="ann")
        self.assertFalse(self.ask("GET", "/v1/customers/user_id:ann").json["known"])

    def test_a_secret_is_rotated_shown_once_and_kept_sealed(self):
        self.assertTrue(self.proves(self.secret, "ann"))
        new = self.throughline.made("source", "secret", "page")
        self.assertNotEqual(new, self.secret)
        self.assertFalse(self.proves(self.secret, "bob"))
        self.assertTrue(self.proves(new, "eve"))
        self.throughline.stop()
        # Also by a command while nobody serves.
        third = self.throughline.made("source", "secret", "page")
        self.throughline.start()
        self.assertTrue(self.proves(third, "dan"))
        self.assertFalse(self.proves(new, "fay"))
        refused = run("source", "secret", "nobody", "--data", self.throughline.data)
        self.assertEqual(refused.returncode, 1)
        master = self.throughline.data / "master.key"
        self.assertEqual(stat.S_IMODE(os.stat(master).st_mode), 0o600)
        export = self.command("export", "--canonical")
        self.assertIn("left out: secret", export.stderr)
        token = self.token("user_id:ann")
        self.identify(userId="ann", context={"token": token, "userHash": user_hash(third, "ann")})
        self.throughline.stop()
        hashes = [user_hash(third, user) for user in ("ann", "dan")]
        kept = [export.stdout, self.throughline.log(), self.command("export", "--canonical").stdout]
        kept += [path.read_bytes().decode("latin-1") for path in self.throughline.data.iterdir() if path.is_file()]
        for text in kept:
            for secret in [new, third, master.read_text().strip(), token, token.split(".")[2], *hashes]:
                if text != master.read_text():
                    self.assertNotIn(secret, text)

    def test_a_backup_is_read_again_with_the_master_key_and_not_without(self):
        self.identify(self.backend, userId="ann")
        token = self.token("user_id:ann")
        backup = self.directory / "shop.backup"
        self.command("backup", backup)
        for name, has_key in ("with", True), ("without", False):
            with self.subTest(name):
                other = self.server(name, start=False)
                done = run("restore", backup, "--data", other.data)
                self.assertEqual(done.returncode, 0, done.stderr)
                if has_key:
                    shutil.copy(self.throughline.data / "master.key", other.data / "master.key")
                other.start()
                self.assertEqual(other.get(ME, token).status, 401)
                given = other.call("POST", "/v1/customers/user_id:ann/tokens", None, bearer(self.front))
                self.assertEqual(given.status, 201 if has_key else 503, given.body)
                self.assertEqual("master key" in other.log(), not has_key)
                # Events go on, and are claims.
                hashed = {"userId": "new", "context": {"userHash": user_hash(self.secret, "new")}}
                self.assertEqual(other.post("/v1/identify", hashed, self.page).status, 200)
                known = other.get("/v1/customers/user_id:new", self.agent).json["known"]
                self.assertEqual(known, has_key)
                if not has_key:
                    refused = run("source", "secret", "page", "--data", other.data)
                    self.assertEqual(refused.returncode, 1)
                    self.assertIn("secret forget", refused.stderr)
                    self.assertEqual(run("secret", "forget", "--data", other.data).returncode, 0)
                    self.assertEqual(other.call(
                        "POST", "/v1/customers/user_id:ann/tokens", None, bearer(self.front)).status, 201)
                    self.assertTrue(other.made("source", "secret", "page"))

    def test_a_call_that_is_refused_keeps_no_token(self):
        token = self.token("user_id:ann")
        evidence = {"context": {"token": token, "userHash": user_hash(self.secret, "ann"), "app": {"name": "kept"}}}
        events = [{"type": "track", "event": "E", "userId": "ann", **evidence}] * 2
        for body in {**evidence, "writeKey": self.page, "batch": []}, {"batch": events, "context": {"a": "b" * 40000}}:
            self.assertGreaterEqual(self.post("/v1/batch", body).status, 400)
        cut_off = json.dumps({**evidence, "writeKey": self.page, "id": str(uuid.UUID(int=7))}).encode()[:-1]
        answer = self.throughline.call("POST", "/v1/batch", cut_off, {**basic(self.page), "Content-Type": "text/plain"})
        self.assertProblem(answer, 400)
        self.throughline.stop()
        kept = b"".join(path.read_bytes() for path in self.throughline.data.iterdir() if path.is_file())
        self.assertIn(b'"kept"', kept)
        self.assertIn(str(uuid.UUID(int=7)).encode(), kept)
        for secret in token, user_hash(self.secret, "ann"), self.page:
            self.assertNotIn(secret.encode(), kept)

    def test_a_restore_brings_no_token_back(self):
        self.identify(self.backend, userId="ann")
        ended = self.token("user_id:ann")
        self.command("backup", self.directory / "shop.backup")
        self.assertEqual(self.ask("DELETE", "/v1/customers/user_id:ann/tokens").status, 204)
        later = self.token("user_id:ann")
        self.throughline.stop()
        self.command("restore", self.directory / "shop.backup", "--force")
        self.throughline.start()
        # The log has no sign-out any more, and will have another one at a place that the later token has seen.
        for token in ended, later:
            self.assertEqual(self.throughline.get(ME, token).status, 401)
        self.assertEqual(self.throughline.get(ME, self.token("user_id:ann")).status, 200)

    def test_the_configuration_may_have_the_master_key(self):
        key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        other = self.server("configured", environment={"THROUGHLINE_MASTER_KEY": key})
        front = other.key("storefront")
        token = other.call("POST", "/v1/customers/user_id:ann/tokens", None, bearer(front)).json["token"]
        self.assertFalse((other.data / "master.key").exists())
        other.stop()
        other.start()
        self.assertEqual(other.get(ME, token).status, 200)
        other.stop()
        other.start(THROUGHLINE_MASTER_KEY=key.replace("AAEC", "AAED"))
        self.assertEqual(other.get(ME, token).status, 401)
        other.stop()
        bad = run("serve", "--data", other.data, env={**os.environ, "THROUGHLINE_MASTER_KEY": "short"})
        self.assertEqual(bad.returncode, 2)
        self.assertIn("masterKey", bad.stderr)
        self.assertNotIn("short", bad.stderr)


class TokenTest(TokenCase):
    def test_a_customer_reaches_himself(self):
        self.identify(self.backend, userId="ann", traits={"email": "ann@example.test"})
        token = self.token("user_id:ann")
        mine = self.ask("GET", ME, key=token)
        self.assertEqual(mine.json["id"], self.ask("GET", "/v1/customers/user_id:ann").json["id"])
        self.assertEqual(mine.headers["Cache-Control"], "no-store")
        self.assertEqual([e["type"] for e in self.ask("GET", f"{ME}/timeline", key=token).json["data"]], ["identify"])
        put = self.ask("PUT", f"{ME}/state/form", {"value": 1}, token)
        self.assertEqual(put.status, 200, put.body)
        self.assertEqual(self.ask("GET", f"{ME}/state/form", key=token).json["value"], 1)
        self.assertEqual(self.ask("GET", f"{ME}/state", key=token).json["data"][0]["key"], "form")
        self.assertEqual(self.ask("GET", "/v1/customers/user_id:ann/state/form").json["value"], 1)
        change = [{"purpose": "marketing", "state": "withdrawn"}]
        self.assertEqual(self.ask("PUT", f"{ME}/consents", change, token).json["consents"][0]["state"], "withdrawn")
        self.assertEqual(len(self.ask("GET", f"{ME}/consents", key=token).json["history"]), 1)
        self.assertEqual(self.ask("DELETE", f"{ME}/state/form", key=token).status, 204)
        page = self.ask("GET", f"{ME}/timeline?limit=1", key=token)
        self.assertIn("/v1/customers/me/timeline?", page.headers["Link"])
        # One request under one key counts once, and another customer's key is his own.
        for _ in range(2):
            again = self.ask("PUT", f"{ME}/state/film", {"value": 2}, token, Idempotency_Key="k")
            self.assertEqual(again.status, 200)
        other = self.token("user_id:bob")
        self.assertEqual(self.ask("PUT", f"{ME}/state/film", {"value": 3}, other, Idempotency_Key="k").status, 200)

    def test_a_token_makes_a_customer_of_a_user_whom_nobody_has(self):
        self.identify(userId="ann", traits={"email": "ann@example.test"}, anonymousId="b-1")
        given = self.ask("POST", "/v1/customers/user_id:ann/tokens", {"expiresIn": 60}, self.front).json
        picture = self.ask("GET", "/v1/customers/user_id:ann").json
        self.assertEqual((given["customer"], picture["known"]), (picture["id"], True))
        # Whoever claimed the id before has given him nothing.
        self.assertEqual(picture["traits"], {})
        self.assertEqual(self.ask("POST", "/v1/customers/user_id:ann/tokens", {}, self.front).json["customer"], picture["id"])
        self.assertEqual(claims(given["token"])["sub"], picture["id"])
        for name, status in [
            ("user_id:null", 409), ("email:ann@example.test", 404), ("anonymous_id:b-1", 409), ("cus_none", 404),
            ("card:1", 404), ("nonsense", 404), ("me", 404),
        ]:
            with self.subTest(name):
                self.assertProblem(self.ask("POST", f"/v1/customers/{name}/tokens", {}, self.front), status)
        for role in "owner", "admin", "agent", "marketer", "store", "readonly":
            answer = self.ask("POST", "/v1/customers/user_id:ann/tokens", {}, self.throughline.key(role))
            self.assertProblem(answer, 403)

    def test_how_long_a_token_is_good(self):
        path = "/v1/customers/user_id:ann/tokens"
        for seconds, status in (1, 201), (2_592_000, 201), (0, 400), (2_592_001, 400), (-1, 400), ("60", 400), (1.5, 400):
            answer = self.throughline.call("POST", path, {"expiresIn": seconds}, bearer(self.front))
            self.assertEqual(answer.status, status, seconds)
            if status == 400:
                self.assertProblem(answer, 400, "/expiresIn")
        token = self.token("user_id:ann", expiresIn=1)
        self.assertEqual(self.ask("GET", ME, key=token).status, 200)
        time.sleep(1.1)
        self.assertProblem(self.ask("GET", ME, key=token), 401)

    def test_a_sign_out_ends_every_token(self):
        tokens = [self.token("user_id:ann"), self.token("user_id:ann")]
        other = self.token("user_id:bob")
        done = self.ask("DELETE", f"{ME}/tokens", key=tokens[0])
        self.assertEqual(done.status, 204)
        self.assertTrue(done.headers["Throughline-Sequence"])
        for token in tokens:
            self.assertProblem(self.ask("GET", ME, key=token), 401)
        self.assertEqual(self.ask("GET", ME, key=other).status, 200)
        again = self.token("user_id:ann")
        self.assertEqual(self.ask("GET", ME, key=again).status, 200)
        self.assertEqual(self.ask("DELETE", "/v1/customers/user_id:ann/tokens", key=self.front).status, 204)
        self.assertProblem(self.ask("GET", ME, key=again), 401)
        self.assertProblem(self.ask("DELETE", "/v1/customers/user_id:none/tokens", key=self.front), 404)

    def test_a_merge_goes_on_and_its_undo_ends(self):
        tokens = {user: self.token(f"user_id:{user}") for user in ("ann", "bob", "eve")}
        merge = self.merged("user_id:ann", "user_id:bob")
        ids = {user: self.ask("GET", ME, key=tokens[user]).json["id"] for user in tokens}
        self.assertEqual(ids["ann"], ids["bob"])
        # What the taken one writes stands with him after the undo.
        self.ask("PUT", f"{ME}/state/form", {"value": "bob's"}, tokens["bob"])
        self.ask("POST", f"/v1/merges/{merge}/undo", {"reason": "r"}, self.admin)
        for user, status in ("ann", 401), ("bob", 401), ("eve", 200):
            self.assertEqual(self.ask("GET", ME, key=tokens[user]).status, status, user)
        self.assertEqual(self.ask("GET", f"{ME}/state/form", key=self.token("user_id:bob")).json["value"], "bob's")
        self.assertProblem(self.ask("GET", f"{ME}/state/form", key=self.token("user_id:ann")), 404)

    def test_an_undo_leaves_the_same_export_but_for_the_two_acts(self):
        for user in "ann", "bob":
            self.token(f"user_id:{user}")
            self.ask("DELETE", f"/v1/customers/user_id:{user}/tokens", key=self.front)
        before = self.command("export", "--canonical").stdout
        merge = self.merged("user_id:ann", "user_id:bob")
        self.ask("POST", f"/v1/merges/{merge}/undo", {"reason": "r"}, self.admin)
        self.assertEqual(self.command("export", "--canonical", "--without-merge", merge).stdout, before)

    def test_a_visitor_keeps_his_own_and_signs_in(self):
        anonymous, token = self.visitor()
        state = f"{ME}/state/form"
        self.assertEqual(self.ask("PUT", state, {"value": {"step": 2}}, token).status, 200)
        self.assertEqual(self.ask("GET", state, key=token).json["value"], {"step": 2})
        self.assertEqual(len(self.ask("GET", f"{ME}/state", key=token).json["data"]), 1)
        self.identify(anonymousId=anonymous, traits={"email": "ann@example.test"})
        customer = self.token("user_id:ann")
        done = self.ask("POST", f"{ME}/identifiers", {"anonymousId": anonymous}, customer)
        self.assertEqual((done.status, done.json), (200, {"anonymousId": anonymous}))
        self.assertEqual(self.ask("GET", state, key=customer).json["value"], {"step": 2})
        self.assertIn(f"anonymous_id:{anonymous}", self.names("user_id:ann"))
        self.assertProblem(self.ask("GET", state, key=token), 401)
        self.assertEqual(self.ask("GET", ME, key=customer).status, 200)
        for body in {}, {"anonymousId": "null"}, {"anonymousId": 5}, {"anonymousId": "x" * 300}:
            self.assertProblem(self.ask("POST", f"{ME}/identifiers", body, customer), 400, "/anonymousId")

    def test_a_key_of_idempotency_holds_for_one_customers_tokens(self):
        first = self.ask("POST", "/v1/customers/user_id:new/tokens", {}, self.front, Idempotency_Key="k")
        self.assertEqual(first.status, 201, first.body)
        other = self.ask("POST", "/v1/customers/user_id:newer/tokens", {}, self.front, Idempotency_Key="k")
        self.assertEqual(other.status, 201, other.body)
        self.assertNotEqual(other.json["customer"], first.json["customer"])
        again = self.ask("POST", "/v1/customers/user_id:new/tokens", {}, self.front, Idempotency_Key="k")
        self.assertEqual(again.json["customer"], first.json["customer"])

    def test_a_login_by_the_shops_server_ends_the_visitor_too(self):
        anonymous, token = self.visitor()
        self.identify(self.backend, userId="ann", anonymousId=anonymous)
        self.assertProblem(self.ask("GET", f"{ME}/state", key=token), 401)

    def test_who_opens_a_visitor(self):
        self.assertEqual(self.throughline.call("POST", "/v1/visitors", None, basic(self.page)).status, 201)
        self.assertEqual(self.throughline.call("POST", "/v1/visitors", {"writeKey": self.page}).status, 201)
        page = self.throughline.call(
            "POST", "/v1/visitors", None, {**basic(self.page), "Origin": "https://shop.test", "Content-Type": "text/plain"})
        self.assertEqual(page.status, 201)
        self.assertEqual(page.headers["Access-Control-Allow-Origin"], "https://shop.test")
        refused = self.throughline.call(
            "POST", "/v1/visitors", None, {**basic(self.backend), "Origin": "https://shop.test"})
        self.assertProblem(refused, 403)
        self.assertEqual(self.throughline.call("POST", "/v1/visitors", None, basic(self.backend)).status, 201)
        self.assertProblem(self.throughline.call("POST", "/v1/visitors"), 401)
        self.assertProblem(self.throughline.call("POST", "/v1/visitors", None, bearer(self.front)), 403)
        asked = self.throughline.call(
            "OPTIONS", f"{ME}/state/form", None, {"Origin": "https://shop.test", "Access-Control-Request-Method": "PUT",
                                                  "Access-Control-Request-Headers": "authorization,if-match"})
        self.assertIn("if-match", asked.headers["Access-Control-Allow-Headers"])
        slow = {"name": "page", "channel": "web", "trust": "anonymous", "eventsPerSecond": 2}
        self.assertEqual(self.ask("PUT", "/v1/documents/source/page", slow, self.admin).status, 200)
        statuses = [self.throughline.call("POST", "/v1/visitors", None, basic(self.page)).status for _ in range(5)]
        self.assertIn(429, statuses)

    def test_a_page_with_a_token_speaks_for_its_customer(self):
        token = self.token("user_id:ann")
        self.identify(anonymousId="b-1", traits={"firstName": "Ann"}, context={"token": token})
        picture = self.ask("GET", "/v1/customers/user_id:ann").json
        self.assertEqual(picture["traits"]["firstName"]["value"], "Ann")
        # It proves the customer, and ties no browser to him: that is the login's.
        self.identify(anonymousId="b-1")
        self.assertFalse(self.ask("GET", "/v1/customers/anonymous_id:b-1").json["known"])
        self.ask("DELETE", f"{ME}/tokens", key=token)
        self.identify(anonymousId="b-2", traits={"firstName": "Eve"}, context={"token": token})
        self.assertEqual(self.ask("GET", "/v1/customers/user_id:ann").json["traits"]["firstName"]["value"], "Ann")

    def test_what_a_customer_reads_of_himself_is_counted(self):
        token = self.token("user_id:ann")
        for _ in range(3):
            self.ask("GET", ME, key=token)
        end = time.monotonic() + 5
        while time.monotonic() < end:
            rows = self.ask("GET", "/v1/audit?customer=user_id:ann", key=self.admin).json["data"]
            counts = {row["actor"]["role"]: row["count"] for row in rows}
            if counts.get("customer") == 3:
                return
            time.sleep(0.1)
        self.fail(rows)
