"""How long the console takes in Chromium from a customer's address to the first page of his timeline on the screen.

    paint.py URL AGENT_KEY CUSTOMER RUNS   prints milliseconds, a line a run; nothing is kept from one to the next
"""

import os
import sys
import time

from playwright.sync_api import sync_playwright

url, key, customer, runs = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
# The frame after the one that has the page of 50 events: it is on the screen then.
WATCH = """
  const frame = (work) => requestAnimationFrame(work)
  const look = () => document.querySelectorAll('.event-line').length < 50 ? frame(look)
    : frame(() => { window.painted = performance.now() })
  frame(look)
"""

with sync_playwright() as driver:
    browser = driver.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
    # The first is for the memory of pages.
    for run in range(runs + 1):
        context = browser.new_context()
        page = context.new_page()
        page.goto(url)
        page.get_by_label("Your key").fill(key)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_selector("#main")
        session = context.storage_state()
        context.close()
        # A browser that has loaded nothing yet.
        context = browser.new_context(storage_state=session)
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(f"{url}/#/customers/{customer}")
        page.locator(".event-line").nth(49).wait_for()
        while not (painted := page.evaluate("window.painted")):
            time.sleep(0.01)
        if run:
            print("%.0f" % painted)
        context.close()
    browser.close()
