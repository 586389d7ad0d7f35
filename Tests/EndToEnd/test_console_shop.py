"""A customer's cart, orders, points and the stock of an article on the agents' page."""

from playwright.sync_api import expect

from browser import PICTURES, WIDTHS
from console import ConsoleCase
from orders import pickup, stocked
from server import bearer

PROGRAMME = {
    "currency": "RUB", "earn": {"points": 1, "per": 10000}, "pendingDays": 14, "pointValue": 100, "maxShare": 30, "expiryDays": 365,
    "tiers": [{"name": "silver", "threshold": 10000000, "percent": 150}]}
LATER = {"shop.js", "goods.js", "orders.js", "points.js", "shop.css", "shop.en.js"}


class ShopCase(ConsoleCase):
    def setUp(self):
        super().setUp()
        self.admin = self.throughline.key("admin", name="Root")
        self.ask("PUT", "/v1/documents/programme/default", PROGRAMME)
        stocked(self, self.admin)
        self.ask("PUT", "/v1/stores", [{"id": "cesis", "name": "Cēsis", "timeZone": "Europe/Riga"}])
        self.ask("PUT", "/v1/stock", [{"store": "cesis", "sku": "mug-12", "onHand": 0}])
        self.eve = self.identify("eve", traits={"name": "Eve Ozola"})
        self.path = f"/v1/customers/{self.eve}"
        self.ask("PATCH", f"{self.path}/cart", {"lines": [
            {"sku": "mug-12", "quantity": 2}, {"sku": "a-thing-nobody-sells", "quantity": 1}]})
        self.ask("PATCH", f"{self.path}/cart", {"lines": [{"sku": "lamp", "savedQuantity": 1}]})
        self.ask("POST", "/v1/orders", pickup("A-17", "user_id:eve", fulfilment={"collector": {"name": "Jānis"}}))
        # The order takes its goods out of the cart.
        self.ask("PATCH", f"{self.path}/cart", {"lines": [{"sku": "mug-12", "quantity": 2}]})
        self.ask("POST", f"{self.path}/loyalty/adjustments", {"points": 500, "reason": "a gift"})

    def ask(self, method, path, body=None):
        answer = self.throughline.call(method, path, body, bearer(self.admin))
        self.assertIn(answer.status, (200, 201), answer.body)
        return answer.json

    def picture(self):
        return self.ask("GET", self.path)

    def quantities(self):
        return {line["sku"]: line["quantity"] for line in self.picture()["cart"]["lines"]}

    def part(self, key):
        return self.page.locator(f"#part-{key}")

    def opened(self, key, text):
        """A line with what is behind it."""
        line = self.part(key).locator("details.line").filter(has_text=text).first
        if line.get_attribute("open") is None:
            line.locator("> summary").click()
        return line

    def dialog(self):
        return self.page.get_by_role("dialog")


class ShopTest(ShopCase):
    def setUp(self):
        super().setUp()
        self.sign_in(hash=f"#/customers/{self.eve}")
        expect(self.part("cart")).to_be_visible()

    def test_cart_orders_and_points_are_shown(self):
        cart, orders, points = self.part("cart"), self.part("orders"), self.part("points")
        mug = cart.locator("summary").filter(has_text="mug-12")
        expect(mug).to_contain_text("2 × RUB 450.00")
        expect(mug).to_contain_text("RUB 900.00")
        expect(cart.locator("summary").filter(has_text="a-thing")).to_contain_text("unknown article")
        expect(cart).to_contain_text("Saved for later")
        expect(cart.locator("dl")).to_contain_text("Due")
        order = self.picture()["openOrders"][0]
        line = orders.locator("summary").filter(has_text="A-17")
        for text in "reserved", "RUB 900.00", order["code"], "Riga", "2 × A mug":
            expect(line).to_contain_text(text)
        more = self.opened("orders", "A-17")
        for text in "pickup", "Jānis", "Placed", "Paid":
            expect(more).to_contain_text(text)
        expect(points).to_contain_text("Balance500 ≈ RUB 500.00")
        for text in "Pending9", "silver", "RUB 100,000.00 to go", "Expire next":
            expect(points).to_contain_text(text)
        points.get_by_role("button", name="Ledger…").click()
        for text in "adjusted", "a gift", "+500":
            expect(self.dialog()).to_contain_text(text)

    def test_stock_by_store_stands_behind_an_article(self):
        for key in "cart", "orders":
            if key == "orders":
                self.opened("orders", "A-17")
            line = self.part(key).locator("details.line details.line" if key == "orders" else "details.line").filter(has_text="mug-12")
            line.locator("> summary").click()
            rows = line.locator("tbody tr")
            expect(rows).to_have_count(3)
            # What is there comes first.
            expect(rows.nth(1)).to_contain_text("Riga")
            expect(rows.nth(1)).to_contain_text("998")
            expect(rows.nth(1)).to_contain_text("2 reserved")
            expect(rows.last).to_contain_text("Cēsis")
            expect(line).to_contain_text("A mug")
        unknown = self.opened("cart", "a-thing")
        expect(unknown).to_contain_text("No store has it.")

    def test_a_quantity_is_changed_and_a_line_removed(self):
        keys = []
        self.page.on("request", lambda request: keys.append(request.headers.get("idempotency-key"))
                     if request.method == "PATCH" else None)
        self.opened("cart", "mug-12").get_by_role("button", name="Quantity…").click()
        quantity = self.dialog().get_by_label("Quantity")
        expect(quantity).to_be_focused()
        self.page.keyboard.type("5")
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_text("The cart is changed.")).to_be_visible()
        expect(self.part("cart").locator("summary").filter(has_text="mug-12")).to_contain_text("5 × RUB 450.00")
        self.assertEqual(self.quantities()["mug-12"], 5)
        # The line is open as before, and the focus at a place that is still there.
        expect(self.part("cart").locator("details.line[open]")).to_have_count(1)
        expect(self.part("cart").locator("> summary")).to_be_focused()
        self.opened("cart", "a-thing").get_by_role("button", name="Remove…").click()
        self.assertIn("a-thing-nobody-sells", self.quantities())
        self.dialog().get_by_role("button", name="Remove").click()
        expect(self.part("cart").locator("summary").filter(has_text="a-thing")).to_have_count(0)
        self.assertEqual(self.quantities(), {"mug-12": 5})
        self.assertEqual(len(keys), 2)
        self.assertEqual(len(set(keys)), 2)
        self.assertNotIn(None, keys)

    def test_a_quantity_that_is_refused_says_why(self):
        self.opened("cart", "mug-12").get_by_role("button", name="Quantity…").click()
        self.dialog().get_by_label("Quantity").fill("0.0001")
        self.dialog().get_by_role("button", name="Save").click()
        expect(self.dialog().get_by_role("alert")).to_contain_text("Something in it is wrong.")
        self.assertEqual(self.quantities()["mug-12"], 2)

    def test_an_order_is_shown_as_a_code_and_cancelled(self):
        line = self.opened("orders", "A-17")
        line.get_by_role("button", name="QR code…").click()
        code = self.picture()["openOrders"][0]["code"]
        image = self.dialog().get_by_role("img", name=f"QR code of {code}")
        expect(image).to_be_visible()
        self.assertGreater(image.evaluate("(image) => image.naturalWidth"), 0)
        self.page.keyboard.press("Escape")
        line.get_by_role("button", name="Cancel…").click()
        expect(self.dialog()).to_contain_text("This cannot be taken back.")
        perform = self.dialog().get_by_role("button", name="Cancel it for good")
        perform.click()  # no reason yet
        self.assertEqual(len(self.picture()["openOrders"]), 1)
        self.page.keyboard.type("he changed his mind")
        perform.click()
        expect(self.part("orders")).to_contain_text("Nothing is on order.")
        order = self.ask("GET", "/v1/orders/A-17")
        self.assertEqual((order["status"], order["history"][-1]["reason"]), ("cancelled", "he changed his mind"))

    def test_points_are_adjusted_with_a_reason(self):
        self.part("points").get_by_role("button", name="Adjust…").click()
        self.page.keyboard.type("-120")
        self.dialog().get_by_role("button", name="Adjust").click()
        self.assertEqual(self.picture()["loyalty"]["balance"], 500)
        self.dialog().get_by_label("Reason").fill("counted twice")
        self.dialog().get_by_role("button", name="Adjust").click()
        expect(self.page.get_by_text("The balance is 380.")).to_be_visible()
        expect(self.part("points")).to_contain_text("Balance380")
        row = self.ask("GET", f"{self.path}/loyalty/ledger")["data"][0]
        self.assertEqual((row["points"], row["reason"]), (-120, "counted twice"))

    def test_a_change_elsewhere_comes_by_itself(self):
        expect(self.page.locator(".mode")).to_contain_text("live")
        self.ask("PATCH", f"{self.path}/cart", {"lines": [{"sku": "mug-12", "quantity": 7}]})
        expect(self.part("cart").locator("summary").filter(has_text="mug-12")).to_contain_text("7 ×", timeout=5000)
        self.ask("POST", "/v1/orders/A-17/ready", {})
        expect(self.part("orders").locator("summary").filter(has_text="A-17")).to_contain_text("ready", timeout=5000)
        self.ask("POST", f"{self.path}/loyalty/adjustments", {"points": 1, "reason": "x"})
        expect(self.part("points")).to_contain_text("Balance501", timeout=5000)


class LaterTest(ShopCase):
    def test_it_loads_where_there_is_something_or_when_it_is_asked_for(self):
        loaded = []
        self.page.on("request", lambda request: loaded.append(request.url.rsplit("/", 1)[1]))
        bare = self.identify("bare", traits={"name": "Nothing Yet"})
        self.sign_in(hash=f"#/customers/{bare}")
        button = self.page.get_by_role("button", name="Cart, orders, points…")
        expect(button).to_be_visible()
        self.assertEqual(LATER & set(loaded), set())
        button.focus()
        self.page.keyboard.press("Enter")
        expect(self.part("cart")).to_contain_text("The cart is empty.")
        expect(self.part("cart").locator("> summary")).to_be_focused()
        self.assertEqual(LATER & set(loaded), LATER)
        self.part("points").get_by_role("button", name="Adjust…").click()
        self.page.keyboard.type("10")
        self.dialog().get_by_label("Reason").fill("welcome")
        self.dialog().get_by_role("button", name="Adjust").click()
        expect(self.part("points")).to_contain_text("Balance10")

    def test_who_only_reads_changes_nothing(self):
        self.sign_in(self.throughline.key("readonly", name="Rita"), hash=f"#/customers/{self.eve}")
        self.opened("cart", "mug-12")
        expect(self.part("cart")).to_contain_text("Riga")
        expect(self.opened("orders", "A-17").get_by_role("button", name="QR code…")).to_be_visible()
        expect(self.part("points").get_by_role("button", name="Ledger…")).to_be_visible()
        for name in "Quantity…", "Remove…", "Cancel…", "Adjust…":
            expect(self.page.get_by_role("button", name=name)).to_have_count(0)


class ShopPageTest(ShopCase):
    """At three widths, light and dark: nothing runs out of the page, and axe-core finds nothing serious."""

    options = {"bypass_csp": True}

    def test_every_part(self):
        self.ask("PATCH", f"{self.path}/cart", {"lines": [{"sku": "x" * 64, "quantity": 3}]})
        self.sign_in(hash=f"#/customers/{self.eve}")
        expect(self.opened("cart", "mug-12").locator("tbody tr")).to_have_count(3)
        line = self.opened("orders", "A-17")
        line.locator("details.line > summary").click()
        expect(line.locator("tbody tr")).to_have_count(3)
        self.look("page")
        self.part("cart").get_by_role("button", name="Quantity…").click()
        self.look("quantity")
        self.page.keyboard.press("Escape")
        line.get_by_role("button", name="QR code…").click()
        expect(self.dialog().get_by_role("img")).to_be_visible()
        self.look("code")
        self.page.keyboard.press("Escape")
        line.get_by_role("button", name="Cancel…").click()
        self.look("cancel")
        self.page.keyboard.press("Escape")
        self.part("points").get_by_role("button", name="Adjust…").click()
        self.look("adjust")
        self.page.keyboard.press("Escape")
        self.part("points").get_by_role("button", name="Ledger…").click()
        expect(self.dialog()).to_contain_text("a gift")
        self.look("ledger")


class ShopInRussianTest(ShopCase):
    options = {"locale": "ru-RU"}

    def test_in_russian(self):
        page = self.page
        page.goto(f"{self.throughline.url}/#/customers/{self.eve}")
        page.get_by_label("Ваш ключ").fill(self.agent)
        page.get_by_role("button", name="Войти").click()
        expect(self.part("cart")).to_contain_text("Корзина")
        expect(self.part("cart")).to_contain_text("неизвестный товар")
        expect(self.part("cart").locator("summary").filter(has_text="mug-12")).to_contain_text("900,00\u00a0₽")
        expect(self.opened("orders", "A-17")).to_contain_text("самовывоз")
        self.part("points").get_by_role("button", name="Изменить…").click()
        page.keyboard.type("5")
        self.dialog().get_by_label("Причина").fill("подарок")
        self.dialog().get_by_role("button", name="Изменить").click()
        expect(page.get_by_text("Баланс: 505.")).to_be_visible()
        # The words come along when the language changes.
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            self.assertFits()
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/shop-russian-{width}.png", full_page=True)
        page.get_by_role("button", name="English").click()
        expect(self.part("cart")).to_contain_text("unknown article")
