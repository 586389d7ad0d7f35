// English.
export default {
  language: "Language", close: "Close", loading: "Loading…", again: "Try again", all: "show all", known: "known",
  visitor: "visitor", proved: "proved", claimed: "claimed", shared: "shared", has: "yes", since: "since {day}",
  until: "until {day}", hidden: "Your role may not see this.", more: "{n} more", skip: "Skip to the content",
  nav: "Console", docs: "API reference", shop: "Cart, orders, points…",
  signin: {
    title: "Sign in", key: "Your key", enter: "Sign in", leave: "Sign out",
    hint: "A person's key, which begins with tk_. Whoever runs the server makes one:",
    wrong: "This is no key that holds now. Copy it whole, or ask for a new one.",
    machine: "This key is a program's, or this page came from elsewhere. Ask for a key of your own.",
    often: "Too many wrong keys. Try again in {n} s.",
    out: "You have signed out.", again: "Your session has ended. Sign in to go on where you were.",
  },
  session: {
    ending: "Still there?", left: "You will be signed out in two minutes.", stay: "Stay signed in",
  },
  search: {
    label: "Find a customer", placeholder: "Name, phone, e-mail, card, order",
    none: "Nobody has all of these words. Try fewer, or a part of the number.",
    many: "Many share these words: add one.", short: "Too short or too long: a word, or four digits.",
    found: "{n} found", more: "The first {n}: add a word.", mistake: "similar", active: "active {day}",
  },
  start: {
    title: "Whom do you serve?",
    how: "Press / and type what you know: a name in any script, four digits of a phone, an e-mail address, a card, an order. Mistakes are forgiven.",
    empty: "No customers yet", first: "The first event makes the first customer. Post one:",
    key: "A source's write key is made by:",
  },
  missing: {
    title: "There is no such page", text: "The address leads nowhere, or your role may not see it.",
    back: "Back to the start",
  },
  customer: {
    nobody: "Somebody without a name", claimsHint: "They say that what is proved here is theirs. It proves nothing.",
    former: {one: "{n} former id", other: "{n} former ids"},
    claims: {one: "{n} other claims the same", other: "{n} others claim the same"},
  },
  identifiers: {
    title: "Identifiers",
  },
  why: {
    title: "Why they belong together", alone: "There is only one.",
    claims: "Nothing is proved yet: a visitor's claims stand together until somebody is known.",
  },
  tie: {
    with: "is the same person as", person: "{who} decided so", event: "event {type}",
  },
  rule: {
    person: "a person's decision", login: "a login", "one event proved both": "one event proved both",
  },
  claims: {
    title: "Only claimed", hint: "Said and not shown: it carries nothing.",
  },
  claim: {
    by: "by",
  },
  traits: {
    title: "Traits", none: "Nothing is known yet.", lost: {one: "{n} other value", other: "{n} other values"},
    edit: "Edit…", save: "Save", saved: "Saved.", name: "Other trait", value: "its value",
  },
  consents: {
    title: "Consents", none: "None given and none withdrawn.", everywhere: "all channels",
  },
  consent: {
    granted: "granted", withdrawn: "withdrawn",
  },
  quality: {
    title: "Data quality", score: "{score} of 100", none: "Nothing is wrong.",
  },
  defect: {
    invalid_phone: "phone reaches nobody", invalid_email: "e-mail reaches nobody", bounced_address: "mail bounces",
    likely_duplicate: "likely the same as", stale: "silent for long", no_contact: "no contact",
  },
  state: {
    title: "Unfinished", none: "Nothing is begun and unfinished.",
  },
  merges: {
    title: "Merges", none: "Never merged.", undone: "taken back", undoneBy: "Taken back by",
  },
  merge: {
    open: "Merge with…", title: "Merge two customers", with: "The other customer",
    choose: "Find the other customer first.", do: "Merge",
    done: "They are one customer now. It can be undone under Merges.",
  },
  undo: {
    open: "Undo…", title: "Take the merge back",
    hint: "What came meanwhile stays with whom it came from. No rule brings the two together again.",
    keep: "Who keeps which identifier", stays: "as before",
    shared: "shared by several", done: "They are two customers again.",
  },
  act: {
    reason: "Reason", preview: "Preview", would: "What it would do",
  },
  compare: {
    title: "Comparison", before: "before", after: "after", now: "now",
  },
  reviews: {
    title: "Reviews", hint: "One person or two? Is the phone number right? You decide.",
    state: "State", open: "Open", merged: "One person", apart: "Two people", kept: "Keep", score: "Likelihood",
    older: "More", none: "Nothing is in doubt.", never: "None was decided so.",
  },
  reviewReason: {
    limit: "together they would have too many: {type}", separation: "a person told them apart before",
    numbering: "outdated phone number",
  },
  review: {
    merge: "One person…", apart: "Two people…", keep: "Keep…", keepDone: "Kept.",
    mergeDone: "They are one customer now.", apartDone: "They stay two customers.",
  },
  timeline: {
    title: "Timeline", filter: "Filter", channel: "All channels", type: "All types", words: "Words in events",
    older: "Older events", shown: {one: "{n} event shown", other: "{n} events shown"},
    end: {one: "{n} event, that is all", other: "{n} events, that is all"},
    nothing: "No event is like that. Take a filter away.", none: "No events.",
    further: "None so far; there are older ones.", wrong: "These words cannot be searched for: write fewer.",
  },
  event: {
    source: "source", receivedAt: "received", originalTimestamp: "by the sender's clock", sentAt: "sent",
    messageId: "message", sequence: "place in the log",
  },
  mode: {
    live: "live", quiet: "looks every 15 s",
  },
  keys: {
    title: "Keyboard", "/": "search", g: "reviews", t: "timeline", m: "merge with…", "?": "this help",
    "↑ ↓": "move in a list", Enter: "open", Esc: "close", single: "Single keys work (/ g t m ?)",
  },
  problem: {
    "0": "The server does not answer. Check the network and try again.", "400": "Something in it is wrong.",
    "401": "Your session has ended. Sign in again.", "403": "Your role may not do this. Ask an administrator.",
    "404": "There is nothing of that name, or you may not know of it.",
    "409": "It contradicts what stands. Look again.", "410": "This customer has been erased.",
    "413": "That is too long.", "422": "That was sent before with other content.",
    "429": "Too much at once. Try again in {n} s.",
    "500": "The server failed. Try again; if it stays so, tell whoever runs it.",
    "503": "Not now. Try again in {n} s.",
  },
  role: {
    owner: "owner", admin: "admin", marketer: "marketer", agent: "agent", store: "store", readonly: "read only",
  },
  channel: {
    web: "web", app: "app", site: "site", chat: "chat", email: "e-mail", sms: "SMS", phone: "phone", store: "store",
    push: "push", api: "console",
  },
  type: {
    track: "event", identify: "profile", page: "page", screen: "screen", group: "group", alias: "alias",
    consent: "consent", state: "stopped at", traits: "traits changed", identifier: "identifier changed",
    merge: "merge", undo: "merge undone", review: "review", sign_out: "signed out", timer: "timer", order: "order",
    cart: "cart", points: "points",
  },
  entry: {
    "order place": "placed", "order pick": "being picked", "order ready": "ready",
    "order collect": "collected", "order ship": "on its way", "order deliver": "delivered", "order cancel": "cancelled",
    "order return": "returned", "order refund": "refunded", "order expire": "not collected in time",
    "order remind": "still waits", "order pay": "paid", "cart changed": "changed", "cart emptied": "emptied",
    "cart shared": "sent as a link", "cart restored": "taken from a link", "cart checkout": "being paid",
    "cart quote": "priced", "points Hold": "held", "points Capture": "spent",
    "points Void": "released", "points Hold Expired": "free again", "points Adjustment": "adjusted",
    "points Points Expired": "expired", "points Household Joined": "shared with a household",
    "points Household Left": "no longer shared", "track Cart Abandoned": "cart left behind",
    "track Points Expiring": "points expire soon", "stock Reservation Expired": "reservation ended",
  },
  identifier: {
    user_id: "user", card: "card", email: "e-mail", phone: "phone", anonymous_id: "browser", device: "device",
    telegram: "Telegram", whatsapp: "WhatsApp", viber: "Viber",
  },
  became: {
    attached: "attached", claimed: "only said", parked: "too many, parked", doubted: "in doubt",
    shared: "several use it", blocked: "identifies nobody",
  },
  purpose: {
    marketing: "marketing", service: "service", analytics: "analytics", personalisation: "personalisation",
  },
  trait: {
    name: "name", firstName: "first name", lastName: "last name", email: "e-mail", phone: "phone",
    birthday: "birthday", address: "address", order: "order", card: "card", city: "city",
  },
};
