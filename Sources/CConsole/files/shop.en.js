// English for cart, orders and points.
export default {
  cart: {
    title: "Cart", none: "The cart is empty.", abandoned: "abandoned", checkingOut: "being checked out: it is frozen",
    goods: "Goods", discount: "Discount", points: "Paid with points", due: "Due", coupons: "Coupons", later: "Saved for later",
    available: "{available} left", changeOpen: "Quantity…", change: "Change the quantity",
    quantity: "Quantity (0 takes it out)", save: "Save", saved: "The cart is changed.",
    removeOpen: "Remove…", remove: "Take it out of the cart", removeDo: "Remove", removed: "It is out of the cart.",
  },
  issue: {
    priceUnknown: "no price", priceChanged: "new price", unavailable: "not enough", offStep: "not sold in that quantity",
    unknownSku: "unknown article", foreignCurrency: "other currency",
  },
  stock: {
    store: "Store", available: "Available", onHand: "On the shelf", reserved: "{reserved} reserved",
    asOf: "told {time}", stale: "may be outdated", closed: "closed now", none: "No store has it.",
  },
  orders: {
    title: "Open orders", none: "Nothing is on order.",
  },
  order: {
    code: "code", way: "How", collector: "Collected by", address: "Address", carrier: "Carrier", placed: "Placed", paid: "Paid",
    points: "Points", note: "Note", qrOpen: "QR code…", qr: "Pickup code", qrOf: "QR code of {code}",
    cancelOpen: "Cancel…", cancel: "Cancel the order", cancelDo: "Cancel it for good", cancelled: "The order is cancelled.",
    cancelHint: "This cannot be taken back. Goods go back to the shelf, points to the customer.",
  },
  orderState: {
    placed: "placed", reserved: "reserved", picking: "being picked", ready: "ready", packed: "packed", collected: "collected",
    shipped: "on its way", delivered: "delivered", returned: "returned", expired: "expired", cancelled: "cancelled",
    refunded: "refunded",
  },
  way: {
    pickup: "pickup", delivery: "delivery", counter: "at the counter",
  },
  points: {
    title: "Points", balance: "Balance", pending: "Pending", held: "Held", owed: "Owed", tier: "Tier", next: "Next tier",
    missing: "{sum} to go", expiry: "Expire next", household: "Household", shared: "shares its points",
    ledgerOpen: "Ledger…", ledger: "Ledger of points", what: "What", change: "Change", after: "After", older: "Older",
    never: "There were never any points.", adjustOpen: "Adjust…", adjust: "Adjust points", adjustDo: "Adjust",
    adjustHint: "Below 0 takes points away. It stays in the ledger with its reason.", now: "Balance now: {balance}",
    adjusted: "The balance is {balance}.",
  },
  posting: {
    earn: "earned", burn: "spent", refund: "refund", hold: "held", capture: "taken from a hold", void: "hold released",
    lapse: "hold ended", adjust: "adjusted", expire: "expired", undo: "taken back", settle: "owed, now paid",
    forfeit: "forfeited",
  },
};
