"""An agent at work in the console: signs in, finds, reads, decides, and is out when it is over."""

import http.server
import threading
import urllib.parse

from playwright.sync_api import expect

from console import ConsoleCase
from contract import Contract
from server import bearer, wait_for


class SignInTest(ConsoleCase):
    def test_a_key_lets_in_and_the_cookie_is_out_of_reach(self):
        self.sign_in()
        expect(self.page.get_by_role("heading", name="No customers yet")).to_be_visible()
        expect(self.page.locator("pre").first).to_contain_text("/v1/identify")
        cookie = self.cookie()
        self.assertEqual((cookie["httpOnly"], cookie["sameSite"], cookie["path"]), (True, "Strict", "/"))
        self.assertNotIn(self.agent, cookie["value"])
        self.assertEqual(self.page.evaluate("document.cookie"), "")
        kept = self.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        self.assertNotIn(self.agent, kept)
        self.page.reload()
        expect(self.page.get_by_text("Ann", exact=True)).to_be_visible()

    def test_a_wrong_key_is_told_and_the_field_is_ready_again(self):
        self.page.goto(self.throughline.url)
        for key, words in [("tk_wrong", "no key that holds"), (self.throughline.key("storefront"), "a program's")]:
            self.page.get_by_label("Your key").fill(key)
            self.page.keyboard.press("Enter")
            expect(self.page.get_by_role("alert")).to_contain_text(words)
            expect(self.page.get_by_label("Your key")).to_be_focused()
        self.assertIsNone(self.cookie())

    def test_sign_out_and_the_way_back_to_where_he_was(self):
        ann = self.identify("u-1", traits={"name": "Ann Lee"})
        self.sign_in(hash=f"#/customers/{ann}")
        expect(self.page.locator(".head h1")).to_have_text("Ann Lee")
        copy = self.cookie()
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.page.get_by_text("You have signed out.")).to_be_visible()
        self.assertIsNone(self.cookie())
        self.assertEqual(self.page.get_by_text("Ann Lee").count(), 0)
        self.context.add_cookies([copy])
        self.page.reload()
        expect(self.page.get_by_label("Your key")).to_be_visible()
        self.page.get_by_label("Your key").fill(self.agent)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".head h1")).to_have_text("Ann Lee")

    def test_a_revoked_key_ends_it_at_the_next_look(self):
        self.identify("u-1", traits={"name": "Ann Lee"})
        self.sign_in()
        self.throughline.made("key", "revoke", "Ann")
        self.page.locator("#search").fill("ann")
        expect(self.page.get_by_text("Your session has ended")).to_be_visible()
        expect(self.page.get_by_label("Your key")).to_be_visible()

    def test_whoever_is_away_is_asked_and_then_signed_out(self):
        self.page.clock.install()
        self.sign_in()
        self.page.clock.fast_forward("28:30")
        dialog = self.page.get_by_role("dialog", name="Still there?")
        dialog.get_by_role("button", name="Stay signed in").click()
        expect(dialog).to_have_count(0)
        self.page.clock.fast_forward("20:00")
        expect(dialog).to_have_count(0)
        self.page.clock.fast_forward("10:30")
        expect(self.page.get_by_text("Your session has ended")).to_be_visible()

    def test_who_may_not_decide_sees_no_way_to(self):
        ann = self.identify("u-1", traits={"name": "Ann Lee"})
        self.sign_in(self.throughline.key("readonly"))
        self.open(ann)
        expect(self.page.locator(".event-line").first).to_be_visible()
        for name in "Merge with…", "Undo…", "Reviews":
            self.assertEqual(self.page.get_by_role("button", name=name).count(), 0)
            self.assertEqual(self.page.get_by_role("link", name=name).count(), 0)
        self.page.goto(self.throughline.url + "/#/reviews")
        expect(self.page.get_by_role("heading", name="There is no such page")).to_be_visible()


class OtherOriginTest(ConsoleCase):
    def test_a_page_of_another_origin_can_do_nothing_with_it(self):
        """Another site, and another port of this host, which cookies do not tell apart."""
        ann = self.identify("u-1", traits={"name": "Ann Lee"})
        self.sign_in()

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<!doctype html><title>Other</title>")

            def log_message(self, *_):
                pass

        other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=other.serve_forever, daemon=True).start()
        self.addCleanup(other.server_close)
        self.addCleanup(other.shutdown)
        for host in "127.0.0.1", "localhost":
            page = self.context.new_page()
            page.goto(f"http://{host}:{other.server_port}/")
            for method, path, mark in [
                ("GET", f"/v1/customers/{ann}", False), ("POST", f"/v1/customers/{ann}/merges", False),
                ("DELETE", "/session", False), ("GET", f"/v1/customers/{ann}", True),
            ]:
                answer = page.evaluate(
                    """([url, method, mark]) => fetch(url, {method, credentials: 'include', headers: mark ?
                       {'Throughline-Console': '1'} : {}}).then((answer) => answer.text(), () => 'unread')""",
                    [self.throughline.url + path, method, mark])
                self.assertEqual(answer, "unread")
            page.evaluate(
                """([url]) => { const form = document.createElement('form'); form.method = 'POST'; form.action = url;
                   document.body.append(form); form.submit(); }""",
                [f"{self.throughline.url}/v1/customers/{ann}/merges"])
            page.wait_for_url(self.throughline.url + "/**")
            self.assertIn('"status":403' if host == "127.0.0.1" else '"status":401', page.content().replace(" ", ""))
            page.close()
        self.assertEqual(self.throughline.call("GET", "/session", headers=self.borrowed()).status, 200)

    def borrowed(self):
        cookie = self.cookie()
        return {"Cookie": f"{cookie['name']}={cookie['value']}", "Sec-Fetch-Site": "same-origin"}


class WorkTest(ConsoleCase):
    def setUp(self):
        super().setUp()
        self.shop()
        self.sign_in()

    def asked(self):
        """The addresses that the page asks for from now on."""
        asked = []
        self.page.on("request", lambda request: asked.append(request.url))
        return asked

    def test_search_as_one_types(self):
        asked = self.asked()
        self.page.locator("#search").press_sequentially("bob sto")
        option = self.page.get_by_role("option")
        expect(option).to_have_count(1)
        expect(option).to_contain_text("Bob Stone")
        option.click()
        expect(self.page.locator(".head h1")).to_have_text("Bob Stone")
        self.assertEqual(urllib.parse.urlsplit(self.page.url).fragment, f"/customers/{self.bob}")
        self.assertFalse([url for url in asked if "bob" in url.lower().replace(self.bob, "")], asked)
        self.page.locator("#search").press_sequentially("zzzzzz")
        expect(self.page.get_by_text("Nobody has all of these words")).to_be_visible()
        self.page.go_back()
        expect(self.page.get_by_role("heading", name="Whom do you serve?")).to_be_visible()

    def test_the_customer(self):
        self.open(self.ann)
        identifiers = self.page.locator("#part-identifiers")
        expect(identifiers).to_contain_text("Why they belong together")
        expect(identifiers).to_contain_text("a login")
        expect(identifiers.locator("li", has_text="ann@example.test").first).to_contain_text("claimed")
        traits = self.page.locator("#part-traits")
        expect(traits).to_contain_text("Cambridge")
        traits.get_by_text("1 other value").click()
        expect(traits.locator("s")).to_have_text("Boston")
        expect(self.page.locator("#part-consents")).to_contain_text("granted")
        expect(self.page.locator("#part-state")).to_contain_text("17")
        expect(self.page.locator("#part-quality")).to_contain_text("of 100")

    def test_nobody_of_that_name(self):
        self.page.goto(self.throughline.url + "/#/customers/cus_nobody")
        expect(self.page.get_by_role("alert")).to_contain_text("There is nothing of that name")

    def test_the_timeline_is_filtered_searched_and_turned(self):
        self.open(self.ann)
        lines = self.page.locator(".event-line")
        expect(lines).to_have_count(50)
        self.page.get_by_role("button", name="Older events").click()
        expect(lines).to_have_count(64)
        expect(self.page.get_by_text("64 events, that is all")).to_be_visible()
        expect(lines.nth(50)).to_be_focused()
        self.page.get_by_label("All channels").select_option("store")
        expect(lines).to_have_count(1)
        lines.first.click()
        expect(self.page.locator(".event-body")).to_contain_text("A-77")
        expect(self.page.locator(".event-body")).to_contain_text("sku-1")
        self.page.get_by_label("All channels").select_option("")
        self.page.get_by_label("Words in events").fill("sku-42")
        expect(lines).to_have_count(1)
        self.page.get_by_label("Words in events").fill("nothing at all")
        expect(self.page.get_by_text("No event is like that")).to_be_visible()
        self.page.get_by_label("Words in events").fill("")
        self.page.get_by_label("All types").select_option("traits")
        expect(lines).to_have_count(1)

    def test_merge_and_undo(self):
        self.open(self.ann)
        self.page.get_by_role("button", name="Merge with…").click()
        dialog = self.page.get_by_role("dialog")
        merge = dialog.get_by_role("button", name="Merge", exact=True)
        expect(merge).to_be_disabled()
        dialog.get_by_role("combobox").press_sequentially("bob")
        dialog.get_by_role("option").click()
        dialog.get_by_label("Reason").fill("same person, case 7")
        dialog.get_by_role("button", name="Preview").click()
        expect(dialog.get_by_role("heading", name="What it would do")).to_be_focused()
        expect(dialog.locator("td.after").first).to_be_visible()
        expect(dialog.locator("th.after")).to_have_count(1)
        self.assertEqual(self.throughline.customer(self.bob, self.agent)["id"], self.bob)
        merge.click()
        expect(self.page.get_by_text("They are one customer now").first).to_be_visible()
        self.assertEqual(self.throughline.customer(self.bob, self.agent)["id"], self.ann)
        merges = self.page.locator("#part-merges")
        expect(merges).to_contain_text("same person, case 7")

        merges.get_by_role("button", name="Undo…").first.click()
        dialog.get_by_label("Reason").fill("they are not")
        dialog.get_by_text("Who keeps which identifier").click()
        # The two are called by their names, as they would be afterwards.
        sides = dialog.locator(".plain > li")
        expect(sides.nth(0)).to_contain_text("Ann Lee")
        expect(sides.nth(1)).to_contain_text("Bob Stone · u-2")
        self.assertNotIn("cus_", dialog.locator("form").inner_text())
        keeper = dialog.get_by_label("user u-2")
        keeper.select_option(label=next(text for text in keeper.locator("option").all_inner_texts() if "Bob" in text))
        dialog.get_by_role("button", name="Preview").click()
        expect(dialog.locator("th.after")).to_have_count(2)
        # What was previewed is what is done: a change asks for another look.
        undo = dialog.get_by_role("button", name="Take the merge back")
        expect(undo).to_be_enabled()
        dialog.get_by_label("user u-2").select_option("as before")
        expect(undo).to_be_disabled()
        dialog.get_by_role("button", name="Preview").click()
        undo.click()
        expect(self.page.get_by_text("They are two customers again").first).to_be_visible()
        expect(self.page.locator("#part-merges")).to_contain_text("they are not")
        self.assertEqual(self.throughline.customer(self.bob, self.agent)["id"], self.bob)

    def test_traits_are_edited(self):
        self.open(self.ann)
        traits, dialog = self.page.locator("#part-traits"), self.page.get_by_role("dialog")
        traits.get_by_role("button", name="Edit…").click()
        expect(dialog.get_by_label("name", exact=True)).to_be_focused()
        expect(dialog.get_by_label("name", exact=True)).to_have_value("Ann Lee")
        dialog.get_by_label("name", exact=True).fill("Ann Lee-Stone")
        dialog.get_by_label("city").fill("")
        dialog.get_by_label("Other trait").fill("shoe size")
        dialog.get_by_label("its value").fill("<b>41</b>")
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_text("Saved.")).to_be_visible()
        expect(self.page.locator(".head h1")).to_have_text("Ann Lee-Stone")
        expect(traits).to_contain_text("<b>41</b>")
        told = self.throughline.customer(self.ann, self.agent)["traits"]
        self.assertEqual((told["name"]["value"], "city" in told, told["email"]["lost"]), ("Ann Lee-Stone", False, []))
        (event,) = self.throughline.timeline(self.ann, self.agent, type="traits")[:1]
        self.assertEqual(sorted(event["properties"]["traits"]), ["city", "name", "shoe size"])

    def test_a_button_pressed_again_is_the_same_request(self):
        """The answer is lost; what was done counts once."""
        keys = []
        def lose(route):
            keys.append(route.request.headers["idempotency-key"])
            if len(keys) > 1:
                return route.continue_()
            route.fetch()
            route.abort()
        self.page.route("**/traits", lose)
        self.open(self.ann)
        self.page.locator("#edit").click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("city").fill("Oslo")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog.get_by_role("alert")).to_contain_text("The server does not answer")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_have_count(0)
        self.assertEqual(len(keys), 2)
        self.assertEqual(keys[0], keys[1])
        self.assertEqual(len(self.throughline.timeline(self.ann, self.agent, type="traits")), 2)
        self.page.locator("#edit").click()
        dialog.get_by_label("city").fill("Bergen")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_have_count(0)
        self.assertNotEqual(keys[1], keys[2])

    def test_a_stream_that_was_cut_comes_back(self):
        answers = iter([503, 400, None, None])
        def answer(route):
            status = next(answers, None)
            return route.continue_() if status is None else route.fulfill(status=status, body="{}")
        self.page.route("**/v1/live?customer=*", answer)
        self.open(self.bob)
        expect(self.page.locator(".mode")).to_have_text("looks every 15 s")
        expect(self.page.locator(".mode")).to_have_text("live", timeout=10_000)
        self.identify("u-2", path="/v1/track", event="Called Us")
        expect(self.page.locator(".event-line").filter(has_text="Called Us")).to_be_visible(timeout=5000)
        self.throughline.stop()
        expect(self.page.locator(".mode")).to_have_text("looks every 15 s")
        self.throughline.port = int(self.page.url.split(":")[2].split("/")[0])
        self.throughline.start()
        expect(self.page.locator(".mode")).to_have_text("live", timeout=30_000)

    def test_reviews(self):
        self.page.get_by_role("link", name="Reviews").click()
        row = self.page.locator(".reviews li")
        expect(row).to_have_count(1)
        expect(row).to_contain_text("together they would have too many: user")
        row.get_by_role("button", name="Two people…").click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_contain_text("Twin u-3")
        expect(dialog).to_contain_text("Twin u-4")
        dialog.get_by_label("Reason").fill("father and son")
        dialog.get_by_role("button", name="Two people").click()
        expect(self.page.get_by_text("Nothing is in doubt.")).to_be_visible()
        self.page.get_by_role("button", name="Two people").click()
        expect(row).to_have_count(1)
        reviews = self.throughline.get("/v1/reviews?state=apart", self.agent).json["data"]
        self.assertEqual(len(reviews), 1)

    def test_a_review_of_one_customer(self):
        """No shop can be brought to a newer numbering plan here, so the server's answers are put in its place."""
        review = {"id": "rev_1", "customers": [self.ann], "reasons": ["numbering"], "score": 0, "state": "open",
                  "since": "2026-01-02T03:04:05.000Z", "sequence": 1}
        contract = Contract(self.throughline.get("/openapi.json").json)
        self.assertEqual(contract.schema_errors({"$ref": "#/components/schemas/Review"}, review), [])
        open, decisions = [review], []

        def decide(route):
            decisions.append(route.request.post_data_json)
            open.clear()
            route.fulfill(json={"dryRun": False, "diff": {"before": [], "after": []}})

        self.page.route("**/v1/reviews?*", lambda route: route.fulfill(json={"data": open, "next": None}))
        self.page.route("**/v1/reviews/rev_1", decide)
        self.page.get_by_role("link", name="Reviews").click()
        row = self.page.locator(".reviews li")
        expect(row).to_contain_text("outdated phone number")
        self.assertEqual((row.get_by_role("link").count(), row.locator("meter").count()), (1, 0))
        row.get_by_role("button", name="Keep…").click()
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_contain_text("Ann Lee")
        dialog.get_by_label("Reason").fill("he rang from it")
        dialog.get_by_role("button", name="Keep").click()
        expect(self.page.get_by_text("Nothing is in doubt.")).to_be_visible()
        self.assertEqual([(one["decision"], one["reason"]) for one in decisions], [("apart", "he rang from it")])

    def test_what_happens_meanwhile_comes_by_itself(self):
        self.open(self.bob)
        expect(self.page.locator(".mode")).to_have_text("live")
        expect(self.page.locator(".event-line")).to_have_count(1)
        self.page.locator(".event-line").click()
        self.identify("u-2", path="/v1/track", event="Called Us")
        self.identify("u-2", traits={"city": "Oslo"})
        expect(self.page.locator(".event-line").filter(has_text="Called Us")).to_be_visible(timeout=5000)
        expect(self.page.locator("#part-traits")).to_contain_text("Oslo", timeout=5000)
        # What was open stays open.
        self.assertEqual(self.page.locator(".event-line[aria-expanded='true']").count(), 1)

    def test_an_entry_of_the_live_stream_is_looked_at_at_once(self):
        def told(route):
            self.identify("u-2", path="/v1/track", event="Called Us", messageId="call")
            route.fulfill(content_type="text/event-stream", body='retry: 60000\n\nid: 9\nevent: entry\ndata: {"sequence": 9}\n\n')
        self.page.route("**/v1/live?customer=*", told)
        self.open(self.bob)
        expect(self.page.locator(".event-line").filter(has_text="Called Us")).to_be_visible(timeout=5000)

    def test_reads_are_audited_with_what_for(self):
        self.open(self.ann)
        expect(self.page.locator(".event-line").first).to_be_visible()
        admin = self.throughline.key("admin")
        rows = wait_for(lambda: self.throughline.call(
            "GET", "/v1/audit?actor=Ann&limit=100", headers=bearer(admin)).json["data"], "rows")
        self.assertTrue({"console"} <= {row.get("reason") for row in rows}, rows)
        self.assertTrue(all(row["actor"]["name"] == "Ann" for row in rows))
