"""Documents: stored by `apply` and by REST alike, all or nothing, and each version answered as what it is."""

import concurrent.futures

from contract import ContractCase
from server import ServerTest, bearer, run

SHOP = """
// What the shop is made of.
{
  source: [
    {name: 'web-shop', channel: 'web', trust: 'verified'},
    {name: "till", channel: "store", trust: "verified", eventsPerSecond: +0x20,},
  ],
  limits: {email: 3},
  blocked_values: {user_id: ['0', "null"], email: ['Team@']},
}
"""


class ApplyTest(ServerTest):
    def file(self, text, name="shop.json5"):
        path = self.directory / name
        path.write_text(text)
        return path

    def apply(self, data, text=SHOP, *flags):
        return run("apply", self.file(text), "--data", data, *flags)

    def test_a_file_is_applied_once_served_or_not(self):
        for when in "served", "at-rest":
            with self.subTest(when):
                server = self.server(when)
                admin = server.key("admin")
                if when == "at-rest":
                    server.stop()
                dry = self.apply(server.data, SHOP, "--dry-run")
                done = self.apply(server.data)
                self.assertEqual(done.stdout.splitlines(), [
                    "created    source web-shop", "created    source till", "created    limits default",
                    "created    blocked_values default", "4 created, 0 changed, 0 unchanged"], done.stderr)
                self.assertEqual(dry.stdout, done.stdout[:-1] + "; nothing was written\n", dry.stderr)
                self.assertEqual(self.apply(server.data).stdout.splitlines()[-1], "0 created, 0 changed, 4 unchanged")
                changed = SHOP.replace("email: 3", "email: 4").replace("'0', ", "")
                dry = self.apply(server.data, changed, "--dry-run")
                done = self.apply(server.data, changed)
                self.assertEqual(done.stdout.splitlines(), [
                    "unchanged  source web-shop", "unchanged  source till", "changed    limits default",
                    "           /email: 3 → 4", "changed    blocked_values default",
                    '           /user_id: ["0","null"] → ["null"]', "0 created, 2 changed, 2 unchanged"])
                self.assertEqual(dry.stdout, done.stdout[:-1] + "; nothing was written\n")
                if when == "at-rest":
                    server.start()
                # The server goes by the new documents.
                limits = server.get("/v1/documents/limits/default", admin)
                self.assertEqual((limits.json["email"], limits.headers["ETag"]), (4, '"v2"'))
                key = server.key("source", source="web-shop")
                self.assertEqual(server.post("/v1/track", {"userId": "u", "event": "E"}, key).status, 200)

    def test_all_or_nothing_and_every_fault_is_named(self):
        server = self.server()
        bad = """{source: [{name: 'good', channel: 'web'}, {name: 'web-shop', channel: 'fax'}, {channel: 'web'}, 7,
                           {name: 'good', channel: 'app'}],
                  limits: {email: 0, shoe: 1}, blocked_values: {phone: ['x']}, programme: {}}"""
        file = self.directory / "shop.json5"
        expected = [
            "source web-shop: /channel is not a channel", "source without a name: /name is missing or no text",
            "source without a name: it is no object", "source good comes twice",
            "limits default: /email is no whole number from 1 to 10000", "limits default: /shoe is no type of identifier",
            "blocked_values default: /phone/0 is no value that the type phone can have",
            "programme is no kind of document; the kinds are source, limits, blocked_values, computed-trait, retention, webhook",
        ]
        for when in "served", "at rest":
            for flags in [], ["--dry-run"]:
                with self.subTest(when, flags=flags):
                    done = self.apply(server.data, bad, *flags)
                    self.assertEqual((done.returncode, done.stdout), (2, ""))
                    told = done.stderr.removeprefix("throughline: ").splitlines()
                    # The kinds of the floors above come behind those of the ground floor.
                    self.assertEqual(told[:-1], [f"{file}: {line}" for line in expected[:-1]])
                    self.assertTrue(told[-1].startswith(f"{file}: {expected[-1]}"), told[-1])
            if when == "served":
                self.assertEqual(server.get("/v1/documents/source", server.key("admin")).json["data"], [])
                server.stop()

    def test_what_is_no_json5(self):
        data = self.server().data
        for text, says in [
            ("{\n\n  limits: {email: NaN}}", "line 3: a digit is missing"), ("{", "line 1: the text ends"),
            ("{limits: {email: 3}} more", "line 1: something follows"), ("{limits: {}, limits: {}}", "two members of the same name"),
            ("7", "is no object of documents by kind"), ("[{}, []]", "is no object of documents by kind"), ("", "the text is empty"),
        ]:
            with self.subTest(text):
                done = self.apply(data, text)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(says, done.stderr)
        done = run("apply", self.directory / "none", "--data", data)
        self.assertEqual((done.returncode, "cannot be read" in done.stderr), (1, True))
        self.assertEqual(self.apply(data, '[{"limits": {}}, {"limits": {}}]').returncode, 2)
        self.assertEqual(self.apply(data, '[{"limits": {}}, {"source": []}]').stdout.splitlines()[-1], "1 created, 0 changed, 0 unchanged")

    def test_the_longest_file(self):
        server = self.server()
        for when in "served", "at rest":
            for size, code in (8 << 20, 0), ((8 << 20) + 1, 2):
                done = self.apply(server.data, "{limits: {}}".ljust(size))
                self.assertEqual(done.returncode, code, (when, size, done.stderr))
            server.stop()

    def test_long_values_are_cut_where_they_are_shown(self):
        data = self.server().data
        self.apply(data, "{blocked_values: {user_id: []}}")
        for length, shown in (196, "x" * 196 + '"]'), (197, "x" * 197 + '"…'):
            done = self.apply(data, '{blocked_values: {user_id: ["' + "x" * length + '"]}}', "--dry-run")
            self.assertIn(f'           /user_id: [] → ["{shown}\n', done.stdout)

    def test_a_dry_run_makes_no_directory(self):
        done = self.apply(self.directory / "none", SHOP, "--dry-run")
        self.assertEqual((done.returncode, (self.directory / "none").exists()), (1, False), done.stdout)


class DocumentRoutesTest(ContractCase):
    def ask(self, method, path, body=None, key=None, **headers):
        return super().ask(method, path, body, key or self.admin, **headers)

    def test_the_usual_document_holds_until_there_is_one(self):
        for kind, member, usual in [("limits", "anonymous_id", 1000), ("blocked_values", "phone", [])]:
            path = f"/v1/documents/{kind}/default"
            first = self.ask("GET", path)
            self.assertEqual((first.status, first.headers["ETag"], first.json[member]), (200, '"v0"', usual))
            self.assertEqual(self.ask("GET", f"/v1/documents/{kind}").json["data"], [first.json])
            self.assertEqual(self.ask("GET", path + "/versions").json, {"data": [], "next": None})
            self.assertEqual(self.ask("GET", path, If_None_Match='"v0"').status, 304)
            self.assertEqual(self.ask("GET", path, key=self.agent).status, 200)
            self.assertProblem(self.ask("PUT", path, {}, key=self.agent), 403)
            self.assertProblem(self.ask("PUT", path, {}, If_Match='"v1"'), 412)
            stored = self.ask("PUT", path, {}, If_Match='"v0"')
            self.assertEqual((stored.status, stored.headers["ETag"], stored.json), (200, '"v1"', first.json))
            self.assertProblem(self.ask("PUT", path, {}, If_Match='"v0"'), 412)
            self.assertProblem(self.throughline.get(f"/v1/documents/{kind}/other", self.admin), 404)
        self.assertProblem(self.throughline.get("/v1/documents/programme", self.admin), 404)

    def test_faults_are_named(self):
        for kind, body, pointers in [
            ("limits", {"email": 0, "phone": 10_001, "card": 1.5, "shoe": 1, "a/b~": 1}, ["/email", "/phone", "/card", "/shoe", "/a~1b~0"]),
            ("limits", [], [""]), ("blocked_values", {"email": "x", "shoe": [], "phone": ["x", 7]}, ["/email", "/shoe", "/phone/0", "/phone/1"]),
            ("blocked_values", {"user_id": ["x"] * 1001}, ["/user_id"]),
        ]:
            self.assertProblem(self.ask("PUT", f"/v1/documents/{kind}/default", body), 400, *pointers)

    def test_the_longest_document(self):
        for size, status in (1 << 20, 200), ((1 << 20) + 1, 413):
            answer = self.throughline.call(
                "PUT", "/v1/documents/limits/default", b"{}".ljust(size), {**bearer(self.admin), "Content-Type": "application/json"})
            self.assertEqual(answer.status, status)

    def test_versions(self):
        path = "/v1/documents/limits/default"
        for number in range(1, 6):
            answer = self.ask("PUT", path, {"email": number})
            self.assertEqual(answer.headers["ETag"], f'"v{number}"')
        again = self.ask("PUT", path, {"email": 5, "user_id": 1})
        self.assertEqual((again.headers["ETag"], again.headers["Throughline-Sequence"]), ('"v5"', answer.headers["Throughline-Sequence"]))
        seen, next_page = [], path + "/versions?limit=2"
        while next_page:
            page = self.ask("GET", next_page)
            seen += page.json["data"]
            next_page = page.headers["Link"] and page.headers["Link"].split(">")[0][1:]
            self.assertEqual(next_page is None, page.json["next"] is None)
        self.assertEqual([(one["version"], one["document"]["email"]) for one in seen], [(n, n) for n in range(5, 0, -1)])
        self.assertEqual({one["author"] for one in seen}, {"api:root"})
        for query in "limit=0", "limit=501", "limit=x", "cursor=0", "cursor=x":
            self.assertProblem(self.ask("GET", f"{path}/versions?{query}"), 400, "/" + query.split("=")[0])
        self.assertProblem(self.ask("GET", "/v1/documents/source/none/versions"), 404)

    def test_a_put_answers_the_version_that_it_made(self):
        """Many change one document at once; each must be told its own version and body."""
        path = "/v1/documents/limits/default"
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda number: (number, self.ask("PUT", path, {"device": number})), range(1, 101)))
        tags = {answer.headers["ETag"] for _, answer in answers}
        self.assertEqual(tags, {f'"v{number}"' for number in range(1, 101)})
        versions = {f'"v{one["version"]}"': one for one in self.ask("GET", path + "/versions?limit=500").json["data"]}
        for number, answer in answers:
            one = versions[answer.headers["ETag"]]
            self.assertEqual((answer.json["device"], one["document"]["device"]), (number, number))
            self.assertEqual(answer.headers["Throughline-Sequence"], str(one["sequence"]))
