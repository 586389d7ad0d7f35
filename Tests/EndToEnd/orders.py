"""Orders in each state in which something can be done with them, made by public requests alone."""

from server import bearer


def line(sku="mug-12", quantity=2, price=45000):
    return {"sku": sku, "quantity": quantity, "price": {"amount": price, "currency": "RUB"}}


def pickup(order, customer, *lines, store="riga", **more):
    """What is asked for: an order that waits in a store."""
    return {"id": order, "customer": customer, "fulfilment": {"type": "pickup", "store": store, **more.pop("fulfilment", {})},
            "lines": list(lines) or [line()], **more}


def delivery(order, customer, *lines):
    """What is asked for: an order that is sent."""
    return {"id": order, "customer": customer, "fulfilment": {"type": "delivery"}, "lines": list(lines) or [line()]}


def stocked(test, key):
    """A shop in Riga that has enough of what these orders ask for, at the price that they name."""
    for path, body in [
        ("stores", {"id": "riga", "name": "Riga", "timeZone": "Europe/Riga"}), ("products", {"sku": "mug-12", "name": "A mug"}),
        ("prices", {"sku": "mug-12", "price": {"amount": 45000, "currency": "RUB"}}),
        ("stock", {"store": "riga", "sku": "mug-12", "onHand": 1000}),
        ("stores", {"id": "jelgava", "name": "Jelgava", "timeZone": "Europe/Riga"}),
        ("stock", {"store": "jelgava", "sku": "mug-12", "onHand": 5}),
    ]:
        answer = test.throughline.call("PUT", f"/v1/{path}", [body], bearer(key))
        test.assertEqual(answer.status, 200, answer.body)


def prepared(test, customer, key):
    """For each path of an act an order of that customer on which it is allowed; the other paths have one that waits."""
    stocked(test, key)

    def make(name, *acts, way="pickup"):
        body = {**pickup(name, customer), "fulfilment": {"type": way, "store": "riga"}}
        answer = test.throughline.call("POST", "/v1/orders", body, bearer(key))
        test.assertEqual(answer.status, 201, answer.body)
        for act in acts:
            body = {"carrier": "DPD"} if act == "ship" else {}
            answer = test.throughline.call("POST", f"/v1/orders/{name}/{act}", body, bearer(key))
            test.assertEqual(answer.status, 200, answer.body)
        return name
    paths = {
        "": make("p-1"), "/qr": make("p-2"), "/pick": make("p-3"), "/ready": make("p-4"),
        "/collect": make("p-5", "ready"), "/ship": make("p-6", "ready", way="delivery"),
        "/deliver": make("p-7", "ready", "ship", way="delivery"), "/cancel": make("p-8"),
        "/return": make("p-9", "ready", "collect"), "/refund": make("p-10", "ready", "collect"), "/pay": make("p-11"),
        "/move": make("p-12")}
    return {f"/v1/orders/{{id}}{end}": order for end, order in paths.items()}
