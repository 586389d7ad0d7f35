import Base

/// A request by which the practice shop is fitted out, or by which somebody works in it.
package struct PracticeRequest: Sendable {
  package let method: String
  package let path: String
  package let body: [UInt8]

  init(_ method: String, _ path: String, _ body: [UInt8]) { (self.method, self.path, self.body) = (method, path, body) }

  init(_ method: String, _ path: String, _ body: String) { self.init(method, path, Array(body.utf8)) }

  /// One with a body that is written.
  init(_ method: String, _ path: String, write: (inout JSONWriter) -> Void) {
    var writer = JSONWriter(capacity: 16 << 10)
    write(&writer)
    self.init(method, path, writer.bytes)
  }
}

/// What the practice shop sells, for how much, and what it gives on top.
package enum PracticeOffer {
  static let currency = "EUR"
  static let code = "WELCOME10"

  /// What is there before anything happens.
  package static var requests: [PracticeRequest] {
    [
      PracticeRequest("PUT", "/v1/products") { writer in
        writer.array { writer in
          for (index, product) in PracticeProduct.all.enumerated() {
            writer.object { write(product, index + 1, to: &$0) }
          }
        }
      },
      PracticeRequest("PUT", "/v1/prices") { writer in
        writer.array { writer in
          for product in PracticeProduct.all {
            writer.object { writer in
              writer.field("sku", product.sku)
              writer.key("price")
              writer.object { writer in
                writer.field("amount", product.price)
                writer.field("currency", currency)
              }
            }
          }
        }
      },
    ] + documents.map { PracticeRequest("PUT", "/v1/documents/\($0)", $1) }
  }

  private static func write(_ product: PracticeProduct, _ number: Int, to writer: inout JSONWriter) {
    writer.field("sku", product.sku)
    writer.field("gtin", product.gtin(number))
    writer.field("name", product.english)
    writer.field("category", product.category)
    writer.field("brand", product.brand)
    writer.key("attributes")
    writer.object { $0.field("nameRu", product.russian) }
    writer.field("unit", ifPresent: product.unit)
  }

  /// Kind and id, and the document: what is on offer, points, and how long carts and stock are good.
  ///
  /// Whoever opens the shop some days after it was filled still finds stock to promise.
  private static let documents = [
    (
      "promotion/kitchen-week",
      #"{"name": "kitchen-week", "title": "Kitchen week", "percent": 15, "categories": ["kitchen"]}"#
    ),
    (
      "promotion/favourites",
      #"{"name": "favourites", "title": "Five percent off your favourites", "percent": 5, "favourites": 3, "priority": 50}"#
    ),
    (
      "promotion/welcome",
      #"{"name": "welcome", "title": "Welcome", "percent": 10, "scope": "cart", "code": "\#(code)", "limitPerCustomer": 1}"#
    ),
    (
      "programme/default",
      #"""
      {"currency": "\#(currency)", "earn": {"points": 1, "per": 100}, "pointValue": 5, "maxShare": 50, "pendingDays": 14,
       "expiryDays": 730, "noticeDays": 30, "categories": [{"category": "food/coffee", "percent": 200}],
       "tiers": [{"name": "silver", "threshold": 50000, "percent": 125}, {"name": "gold", "threshold": 150000, "percent": 150}]}
      """#
    ),
    ("cart-policy/default", #"{"login": "sum", "abandonedAfterMinutes": 1440}"#),
    ("stock-policy/default", #"{"staleAfter": 10080, "promisedFor": 527040}"#),
  ]
}
