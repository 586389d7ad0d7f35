// Embeds the console's files: each has its bytes here and its line in the list below.
#include "CConsole.h"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed (C23, 6.10.4), which this compiler has in every dialect

static const unsigned char index_html[] = {
#embed "files/index.html"
};
static const unsigned char style_css[] = {
#embed "files/style.css"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char app_js[] = {
#embed "files/app.js"
};
static const unsigned char api_js[] = {
#embed "files/api.js"
};
static const unsigned char dom_js[] = {
#embed "files/dom.js"
};
static const unsigned char words_js[] = {
#embed "files/words.js"
};
static const unsigned char en_js[] = {
#embed "files/en.js"
};
static const unsigned char ru_js[] = {
#embed "files/ru.js"
};
static const unsigned char signin_js[] = {
#embed "files/signin.js"
};
static const unsigned char search_js[] = {
#embed "files/search.js"
};
static const unsigned char customer_js[] = {
#embed "files/customer.js"
};
static const unsigned char identity_js[] = {
#embed "files/identity.js"
};
static const unsigned char timeline_js[] = {
#embed "files/timeline.js"
};
static const unsigned char acts_js[] = {
#embed "files/acts.js"
};
static const unsigned char reviews_js[] = {
#embed "files/reviews.js"
};
static const unsigned char live_js[] = {
#embed "files/live.js"
};
static const unsigned char keys_js[] = {
#embed "files/keys.js"
};
static const unsigned char traits_js[] = {
#embed "files/traits.js"
};
static const unsigned char undo_js[] = {
#embed "files/undo.js"
};
static const unsigned char shop_js[] = {
#embed "files/shop.js"
};
static const unsigned char goods_js[] = {
#embed "files/goods.js"
};
static const unsigned char orders_js[] = {
#embed "files/orders.js"
};
static const unsigned char points_js[] = {
#embed "files/points.js"
};
static const unsigned char shop_en_js[] = {
#embed "files/shop.en.js"
};
static const unsigned char shop_ru_js[] = {
#embed "files/shop.ru.js"
};
static const unsigned char shop_css[] = {
#embed "files/shop.css"
};
static const unsigned char docs_html[] = {
#embed "files/docs.html"
};
static const unsigned char docs_css[] = {
#embed "files/docs.css"
};
static const unsigned char docs_js[] = {
#embed "files/docs.js"
};

#define FILE(name, bytes) {name, bytes, sizeof bytes}
static const struct console_file files[] = {
    FILE("index.html", index_html),
    FILE("style.css", style_css),
    FILE("icon.svg", icon_svg),
    FILE("app.js", app_js),
    FILE("api.js", api_js),
    FILE("dom.js", dom_js),
    FILE("words.js", words_js),
    FILE("en.js", en_js),
    FILE("ru.js", ru_js),
    FILE("signin.js", signin_js),
    FILE("search.js", search_js),
    FILE("customer.js", customer_js),
    FILE("identity.js", identity_js),
    FILE("timeline.js", timeline_js),
    FILE("acts.js", acts_js),
    FILE("reviews.js", reviews_js),
    FILE("live.js", live_js),
    FILE("keys.js", keys_js),
    FILE("traits.js", traits_js),
    FILE("undo.js", undo_js),
    FILE("shop.js", shop_js),
    FILE("goods.js", goods_js),
    FILE("orders.js", orders_js),
    FILE("points.js", points_js),
    FILE("shop.en.js", shop_en_js),
    FILE("shop.ru.js", shop_ru_js),
    FILE("shop.css", shop_css),
    FILE("docs.html", docs_html),
    FILE("docs.css", docs_css),
    FILE("docs.js", docs_js),
};

struct console_file console_file_at(size_t index) {
  const struct console_file none = {NULL, NULL, 0};
  return index < sizeof files / sizeof *files ? files[index] : none;
}
