#!/usr/bin/env python3
"""Works out by hand what 100 carts cost, and writes carts.json: a catalogue, promotions, customers, and what to expect.

It shares no code with the product, and counts in exact fractions: the rules are written down once more here.

    python3 Tests/Golden/carts.py            writes carts.json beside itself
    python3 Tests/Golden/carts.py --check    ends with 1 where carts.json is not what it would write
"""

import json
import pathlib
import random
import sys
from fractions import Fraction

NOW = "2026-01-02T03:04:05.000Z"
FAR, PAST, SOON = "2026-12-31T00:00:00.000Z", "2025-06-01T00:00:00.000Z", "2026-01-02T03:04:05.001Z"

PRODUCTS = [
    {"sku": "K-1", "name": "Kettle", "category": "kitchen/kettles", "brand": "Norma"},
    {"sku": "K-2", "name": "Чайник", "category": "kitchen/kettles", "brand": "Zarya"},
    {"sku": "P-1", "name": "Pan", "category": "kitchen/pans", "brand": "Norma"},
    {"sku": "P-2", "name": "Lid", "category": "kitchenware", "brand": "Norma"},
    {"sku": "C-1", "name": "Coffee", "category": "food", "brand": "Zarya", "unit": "kg"},
    {"sku": "C-2", "name": "Cheese", "category": "food/dairy", "unit": "kg", "step": 0.05},
    {"sku": "T-1", "name": "Cloth", "category": "textile", "unit": "m", "step": 0.1},
    {"sku": "B-1", "name": "Button", "category": "textile/small", "brand": "Zarya"},
    {"sku": "G-1", "name": "Gift", "category": "gifts"},
    {"sku": "O-1", "name": "Old model", "category": "kitchen/kettles", "active": False},
    {"sku": "N-1", "name": "Not priced yet", "category": "gifts"},
    {"sku": "E-1", "name": "Sold in euros alone", "category": "gifts"},
]


def price(sku, amount, currency="RUB", **more):
    return {"sku": sku, "price": {"amount": amount, "currency": currency}, **more}


PRICES = [
    price("K-1", 129900), price("K-1", 119900, list="region", region="KZN"),
    price("K-1", 109900, list="vip", segment="trait:vip=true"),
    price("K-1", 99900, list="vip", segment="trait:vip=true", region="KZN"),
    price("K-1", 1399, currency="EUR"),
    price("K-2", 84950), price("K-2", 79950, list="sale", **{"from": PAST, "to": FAR}),
    price("K-2", 1, list="tomorrow", **{"from": SOON}), price("K-2", 2, list="over", **{"from": PAST, "to": NOW}),
    price("P-1", 33333), price("P-1", 33330, list="later"), price("P-2", 10),
    price("C-1", 129999), price("C-1", 125000, list="city", segment="trait:city=Kazan"),
    price("C-2", 89990), price("T-1", 45055), price("B-1", 5), price("G-1", 0), price("O-1", 100),
    price("E-1", 500, currency="EUR"), price("N-1", 700, list="elsewhere", region="MSK"),
    price("T-1", 5051, currency="JPY"),
]


def rub(amount):
    return {"amount": amount, "currency": "RUB"}


PROMOTIONS = [
    {"name": "norma", "priority": 10, "percent": 10, "brands": ["Norma"], "categories": ["kitchen"]},
    {"name": "kitchen", "priority": 20, "percent": 3.33, "categories": ["kitchen"]},
    {"name": "big", "priority": 30, "scope": "cart", "percent": 5, "minimum": rub(500000)},
    {"name": "vip", "priority": 30, "percentOf": "trait:discount"},
    {"name": "cloth", "priority": 5, "amount": rub(1000), "skus": ["T-1"]},
    {"name": "food", "priority": 40, "scope": "cart", "amount": rub(10000), "categories": ["food"], "minimum": rub(100000)},
    {"name": "favourite", "priority": 15, "percent": 7, "favourites": 2},
    {"name": "alone", "priority": 1, "percent": 50, "brands": ["Zarya"], "categories": ["textile"], "stacks": False},
    {"name": "kazan", "priority": 50, "percent": 1, "region": "KZN", "segment": "trait:city=Kazan"},
    {"name": "off", "percent": 90, "active": False},
    {"name": "over", "percent": 90, "to": NOW},
    {"name": "coming", "percent": 90, "from": SOON},
    {"name": "nobody", "percent": 90, "segment": "segment:nobody"},
    {"name": "euro", "priority": 60, "amount": {"amount": 100, "currency": "EUR"}, "skus": ["K-1", "E-1"]},
    {"name": "code15", "priority": 70, "percent": 15, "code": "spring15", "stacks": False},
    {"name": "code500", "priority": 80, "scope": "cart", "amount": rub(50000), "code": "MINUS500"},
    {"name": "pan", "priority": 90, "percent": 12.5, "skus": ["P-1", "P-2"], "code": "PAN"},
    {"name": "ended", "percent": 50, "code": "LAST", "to": NOW},
    {"name": "all", "priority": 1000, "percent": 100, "code": "FREE", "skus": ["B-1"]},
]

CUSTOMERS = {
    "plain": {"traits": {}, "bought": {}},
    "vip": {"traits": {"vip": True, "discount": 7.5}, "bought": {"C-1": "12.5", "K-1": "2", "P-1": "2"}},
    "kazan": {"traits": {"city": "Kazan", "vip": False}, "bought": {"P-2": "1", "B-1": "300", "C-2": "0.5"}},
    "odd": {"traits": {"city": "kazan", "discount": "7.5", "vip": "true"}, "bought": {"T-1": "3"}},
    "dear": {"traits": {"discount": 0.005, "vip": True, "city": "Kazan"}, "bought": {"K-2": "1", "T-1": "1", "P-1": "1"}},
}


# The rules.


def half_away(value):
    """The whole number next to a fraction; halves go away from zero."""
    value = Fraction(value)
    whole = abs(value).numerator // abs(value).denominator
    if abs(value) - whole >= Fraction(1, 2):
        whole += 1
    return -whole if value < 0 else whole


def is_within(document):
    return document.get("from", "0") <= NOW < document.get("to", "9")


def holds(condition, traits):
    kind, _, rest = condition.partition(":")
    if kind != "trait":
        return False
    name, _, wanted = rest.partition("=")
    value = traits.get(name)
    if isinstance(value, bool):
        return wanted == str(value).lower()
    return isinstance(value, str) and value == wanted


def list_price(sku, cart, traits):
    best = None
    for place, entry in enumerate(PRICES):
        if entry["sku"] != sku or entry["price"]["currency"] != cart["currency"] or not is_within(entry):
            continue
        if "region" in entry and entry["region"] != cart.get("region"):
            continue
        if "segment" in entry and not holds(entry["segment"], traits):
            continue
        rank = ("segment" in entry, "region" in entry, entry.get("from", ""), place)
        if best is None or rank > best[0]:
            best = (rank, entry)
    return best and best[1]


def covers(promotion, product):
    if "skus" in promotion and product["sku"] not in promotion["skus"]:
        return False
    if "brands" in promotion and product.get("brand") not in promotion["brands"]:
        return False
    paths = (product["category"] + "/").split("/")
    above = {"/".join(paths[: depth + 1]) for depth in range(len(paths) - 1)}
    return "categories" not in promotion or bool(above & set(promotion["categories"]))


def favourites(bought, count):
    return sorted(bought, key=lambda sku: (-Fraction(bought[sku]), sku.encode()))[:count]


def share(promotion, traits):
    """The part of one that is taken off, or None where it is an amount; 0 where this customer has none."""
    if "percent" in promotion:
        return Fraction(str(promotion["percent"])) / 100
    if "percentOf" in promotion:
        value = traits.get(promotion["percentOf"].partition(":")[2])
        if isinstance(value, (bool, str)) or value is None:
            return Fraction(0)
        part = Fraction(str(value)) / 100
        # Hundredths of a percent are the finest.
        return part if part > 0 and part <= 1 and (part * 10000).denominator == 1 else Fraction(0)
    return None


def work_out(cart):
    customer = CUSTOMERS.get(cart.get("customer"))
    traits = customer["traits"] if customer else {}
    bought = customer["bought"] if customer else {}
    products = {product["sku"]: product for product in PRODUCTS}
    lines, trace, left = [], [], {}
    for place, (sku, quantity) in enumerate(cart["lines"]):
        line = {"sku": sku, "unitPrice": None, "total": None, "discounts": [], "issues": []}
        lines.append(line)
        product, amount = products.get(sku), Fraction(quantity)
        if product is None:
            line["issues"].append("unknown")
        elif not product.get("active", True):
            line["issues"].append("inactive")
        elif amount <= 0:
            line["issues"].append("quantity")
        else:
            usual = 1 if product.get("unit", "piece") == "piece" else Fraction(1, 1000)
            step = Fraction(str(product.get("step", usual)))
            if (amount / step).denominator != 1:
                line["issues"].append("step")
            entry = list_price(sku, cart, traits)
            if entry is None:
                currencies = {one["price"]["currency"] for one in PRICES if one["sku"] == sku}
                line["issues"].append("price" if not currencies or cart["currency"] in currencies else "currency")
                continue
            line["unitPrice"] = entry["price"]["amount"]
            left[place] = half_away(line["unitPrice"] * amount)
            trace.append([f'price:{entry.get("list", "retail")}', place, left[place]])
    goods = dict(left)
    coupons, codes = [], {}
    for text in cart.get("coupons", []):
        code = text.strip().upper()
        named = [one for one in PROMOTIONS if one.get("code", "").upper() == code]
        if code in codes:
            coupons.append([code, "twice"])
            continue
        codes[code] = len(coupons)
        state = "nothing" if any(is_within(one) for one in named) else "ended" if named else "unknown"
        coupons.append([code, state])
    standing = [
        one for one in PROMOTIONS
        if one.get("active", True) and is_within(one) and ("code" not in one or one["code"].upper() in codes)]
    closed = set()
    for promotion in sorted(standing, key=lambda one: (one.get("priority", 100), one["name"])):
        if "region" in promotion and promotion["region"] != cart.get("region"):
            continue
        if "segment" in promotion and not holds(promotion["segment"], traits):
            continue
        about = [place for place in left if covers(promotion, products[lines[place]["sku"]])]
        if "favourites" in promotion:
            best = favourites(bought, promotion["favourites"])
            about = [place for place in about if lines[place]["sku"] in best]
        minimum = promotion.get("minimum")
        if minimum and (minimum["currency"] != cart["currency"] or sum(goods[place] for place in about) < minimum["amount"]):
            continue
        alone = not promotion.get("stacks", True)
        open_lines = [
            place for place in about
            if place not in closed and left[place] > 0 and not (alone and lines[place]["discounts"])]
        part = share(promotion, traits)
        if part is None and promotion["amount"]["currency"] != cart["currency"]:
            continue

        def cut(amount):
            return half_away(amount * part) if part is not None else min(amount, promotion["amount"]["amount"])

        cuts = {}
        if promotion.get("scope") == "cart":
            whole = sum(left[place] for place in open_lines)
            off, reached = cut(whole), 0
            for place in open_lines:
                before = half_away(Fraction(off * reached, whole))
                reached += left[place]
                cuts[place] = half_away(Fraction(off * reached, whole)) - before
        else:
            cuts = {place: cut(left[place]) for place in open_lines}
        for place, off in cuts.items():
            if off == 0:
                continue
            left[place] -= off
            lines[place]["discounts"].append([promotion["name"], off])
            trace.append([f'promotion:{promotion["name"]}', place, -off])
            if alone:
                closed.add(place)
            if "code" in promotion:
                coupons[codes[promotion["code"].upper()]][1] = "applied"
    for place, amount in left.items():
        lines[place]["total"] = amount
    whole, due = sum(goods.values()), sum(left.values())
    return {
        "lines": lines, "coupons": coupons, "trace": trace,
        "totals": {"goods": whole, "discount": whole - due, "due": due}}


# The carts.


def carts():
    """Those that somebody thought of, then as many that a seed made up as make a hundred."""
    def cart(*lines, customer=None, currency="RUB", region=None, coupons=()):
        return {"customer": customer, "currency": currency, "region": region, "coupons": list(coupons),
                "lines": [[sku, quantity] for sku, quantity in lines]}

    yield cart()
    yield cart(("K-1", "1"))
    yield cart(("K-1", "1"), region="KZN")
    yield cart(("K-1", "1"), customer="vip")
    yield cart(("K-1", "1"), customer="vip", region="KZN")
    yield cart(("K-1", "3"), currency="EUR")
    yield cart(("K-2", "2"))
    yield cart(("P-1", "3"))
    yield cart(("P-2", "1"))
    yield cart(("C-1", "0.333"))
    yield cart(("C-1", "0.333"), customer="kazan", region="KZN")
    yield cart(("C-2", "0.15"), ("C-2", "0.17"))
    yield cart(("T-1", "0.1"))
    yield cart(("T-1", "1"), currency="JPY")
    yield cart(("B-1", "1"))
    yield cart(("B-1", "3"), coupons=["free"])
    yield cart(("G-1", "5"), coupons=["SPRING15"])
    yield cart(("O-1", "1"), ("X-9", "1"), ("N-1", "1"), ("E-1", "1"), ("K-1", "0"), ("K-1", "-1"), ("K-1", "1.5"))
    yield cart(("N-1", "1"), region="MSK")
    yield cart(("K-1", "4"), ("P-2", "7"), ("G-1", "1"))
    yield cart(("K-1", "1"), coupons=["spring15", "SPRING15 ", "nothing", "LAST"])
    yield cart(("G-1", "1"), coupons=["PAN"])
    yield cart(("P-1", "1"), ("P-2", "3"), coupons=["PAN", "MINUS500"])
    yield cart(("P-2", "1"), ("P-2", "1"), ("P-2", "1"), coupons=["MINUS500"])
    yield cart(("C-1", "1"), ("C-2", "1"), customer="dear")
    yield cart(("T-1", "2"), ("B-1", "11"), ("C-1", "1"), customer="odd")
    yield cart(("P-1", "1"), ("K-1", "1"), ("K-2", "1"), customer="dear", region="KZN", coupons=["spring15"])
    yield cart(("B-1", "1000000"), customer="kazan")
    chance = random.Random(20260102)
    skus = ["K-1", "K-2", "P-1", "P-2", "C-1", "C-2", "T-1", "B-1", "G-1"]
    while True:
        lines = []
        for _ in range(chance.randint(1, 7)):
            sku = chance.choice(skus + ["E-1", "X-9"] if chance.random() < 0.1 else skus)
            thousandths = {"C-1": chance.randint(1, 3000), "C-2": 50 * chance.randint(1, 60), "T-1": 100 * chance.randint(1, 90)}
            lines.append((sku, str(Fraction(thousandths.get(sku, 1000 * chance.randint(1, 9)), 1000).limit_denominator(1000))))
        lines = [(sku, decimal(quantity)) for sku, quantity in lines]
        yield cart(
            *lines, customer=chance.choice([None, *CUSTOMERS]), region=chance.choice([None, "KZN", "MSK"]),
            currency="EUR" if chance.random() < 0.05 else "RUB",
            coupons=chance.sample(["SPRING15", "MINUS500", "PAN", "FREE"], chance.choice([0, 0, 1, 2])))


def decimal(fraction):
    """A fraction of thousandths as a decimal literal."""
    thousandths = int(Fraction(fraction) * 1000)
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}.{rest:03}".rstrip("0").rstrip(".")


def table():
    made = carts()
    hundred = [next(made) for _ in range(100)]
    return {
        "now": NOW, "products": PRODUCTS, "prices": PRICES, "promotions": PROMOTIONS,
        "customers": [{"user": name, **customer} for name, customer in CUSTOMERS.items()],
        "carts": [{**cart, "expect": work_out(cart)} for cart in hundred]}


def text():
    whole = table()
    parts = []
    for name, value in whole.items():
        if isinstance(value, list):
            rows = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in value)
            parts.append(f'  "{name}": [\n{rows}\n  ]')
        else:
            parts.append(f'  "{name}": {json.dumps(value)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    place = pathlib.Path(__file__).with_name("carts.json")
    if sys.argv[1:] == ["--check"]:
        sys.exit(place.read_text() != text())
    place.write_text(text())
