"""What a customer did with orders, carts and points, as his timeline says it to an agent."""

import contextlib
import datetime
import re

from playwright.sync_api import expect

from browser import PICTURES
from orders import pickup
from server import wait_for
from test_console_shop import ShopCase

# What each of these does is a line of his timeline, in the words of whoever reads it: what it begins with, and what it tells.
TOLD = {
    "en-GB": {"order placed": "A-18", "order ready": "A-17", "order collected": "A-17", "order not collected in time": "A-18",
              "cart changed": "", "cart priced": "", "points adjusted": "500", "points held": "100$", "points spent": "",
              "points released": ""},
    "ru-RU": {"заказ оформлен": "A-18", "заказ готов": "A-17", "заказ получен": "A-17", "заказ не забрали в срок": "A-18",
              "корзина изменена": "", "корзина оценена": "", "баллы исправлены": "500", "баллы отложены": "100$",
              "баллы списаны": "", "баллы освобождены": ""},
}
SIGN_IN = {"en-GB": ("Your key", "Sign in"), "ru-RU": ("Ваш ключ", "Войти")}


class TimelineTest(ShopCase):
    def setUp(self):
        super().setUp()
        until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.ask("POST", "/v1/orders", pickup("A-18", "user_id:eve", fulfilment={"until": until}))
        for act in "ready", "collect":
            self.ask("POST", f"/v1/orders/A-17/{act}", {})
        self.ask("POST", f"{self.path}/quotes", {"currency": "RUB", "lines": [{"sku": "lamp"}]})
        for end in "capture", "void":
            hold = self.ask("POST", f"{self.path}/loyalty/holds", {"points": 100})["id"]
            self.ask("POST", f"/v1/loyalty/holds/{hold}/{end}", {})
        wait_for(lambda: self.ask("GET", "/v1/orders/A-18")["status"] == "expired", "the end of the order")

    def test_what_happened_to_orders_carts_and_points_is_said_as_agents_say_it(self):
        for locale, told in TOLD.items():
            with self.subTest(locale), contextlib.closing(self.browser.new_context(locale=locale)) as context:
                page = context.new_page()
                key, enter = SIGN_IN[locale]
                page.goto(f"{self.throughline.url}/#/customers/{self.eve}")
                page.get_by_label(key).fill(self.agent)
                page.get_by_role("button", name=enter).click()
                expect(page.locator(".event-line").first).to_be_visible()
                said = page.locator(".event-line .what").all_inner_texts()
                for words, more in told.items():
                    self.assertTrue([one for one in said if re.match(rf"{words}\b.*{more}", one)], (words, said))
                # No name of the API, and no word twice.
                for one in said:
                    self.assertNotRegex(one, r"\b(place|collect|expire|quote|Hold|Capture|Void|Adjustment|checkout)\b|(\b\w+\b) \2\b")
                    self.assertNotIn("user_id:", one)
                if PICTURES:
                    page.locator("#timeline").screenshot(path=f"{PICTURES}/timeline-{locale}.png")
