"""The console in the shop's own network, without TLS."""

import socket

from playwright.sync_api import expect

from console import ConsoleCase


class NetworkTest(ConsoleCase):
    """In the shop's own network over plain HTTP, where browsers say nothing of whence a request comes."""

    def test_it_is_live_there_too(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("198.51.100.1", 9))
            except OSError:
                self.skipTest("this machine has no address but its own")
            address = probe.getsockname()[0]
        self.throughline.stop()
        self.throughline.flags = ["--host", "0.0.0.0"]
        self.throughline.start()
        home = f"http://{address}:{self.throughline.port}"
        bob = self.identify("u-2", traits={"name": "Bob"})
        self.request = lambda url: url.startswith((home, "data:")) or self.elsewhere.append(url)
        seen = []
        self.page.on("request", lambda request: seen.append(request.headers) if "/v1/live" in request.url else None)
        self.page.goto(f"{home}/#/customers/{bob}")
        self.page.get_by_label("Your key").fill(self.agent)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.locator(".mode")).to_have_text("live")
        self.assertFalse(self.page.evaluate("isSecureContext"))
        self.assertNotIn("sec-fetch-site", seen[0])
        self.identify("u-2", path="/v1/track", event="Called Us")
        expect(self.page.locator(".event-line").filter(has_text="Called Us")).to_be_visible(timeout=5000)
        # Browsers say of every page there that this header counts over TLS alone.
        self.complaints = [text for text in self.complaints if "Cross-Origin-Opener-Policy" not in text]
