package import Base
import Customers

/// What the shop sells: a document of the kind `product`.
///
/// ```json
/// {"sku": "K-17", "gtin": "4006381333931", "name": "Kettle", "category": "kitchen/kettles", "brand": "Norma",
///  "attributes": {"colour": "red"}, "imageUrl": "https://shop.example/k-17.jpg", "unit": "piece", "step": 1}
/// ```
package struct Product: Sendable, Equatable {
  package static let documentKind = "product"
  /// Shops' article numbers have up to about 40 characters.
  package static let longestSKU = 64
  /// What fits into a line of a receipt, and twice that.
  package static let longestName = 300
  /// A path of several names.
  package static let longestCategory = 200
  package static let longestBrand = 100
  /// In bytes of JSON: a hundred attributes.
  package static let longestAttributes = 16 << 10
  /// What proxies and servers take, in bytes.
  package static let longestURL = 2000
  package static let longestUnit = 16
  /// What is sold by the piece.
  package static let piece = "piece"

  package let sku: String
  /// 8, 12, 13 or 14 digits, the last of which checks the others (GS1 General Specifications, 7.9).
  package let gtin: String?
  package let name: String
  /// A name, or a path of names: `kitchen/kettles`.
  package let category: String?
  package let brand: String?
  /// An object, as JSON.
  package let attributes: [UInt8]
  package let imageURL: String?
  /// What quantities count: `piece`, `kg`, `m`.
  package let unit: String
  /// It is sold in multiples of that.
  package let step: Quantity
  /// Whether it is sold.
  package let isActive: Bool

  private static let fields: Set = [
    "sku", "gtin", "name", "category", "brand", "attributes", "imageUrl", "unit", "step", "active",
  ]

  /// The product that a document holds.
  ///
  /// - Throws: `invalid` with every field at fault.
  package init(document: JSON) throws {
    var fields = try FieldReader(document, "a product", known: Self.fields)
    sku = fields.text("sku", upTo: Self.longestSKU, isNeeded: true) ?? ""
    gtin = fields.text("gtin", upTo: 14)
    if let gtin, let reason = GTIN.fault(gtin) { fields.check(false, "/gtin", reason) }
    name = fields.text("name", upTo: Self.longestName, isNeeded: true) ?? ""
    category = fields.text("category", upTo: Self.longestCategory)
    brand = fields.text("brand", upTo: Self.longestBrand)
    let attributes = fields.given("attributes")
    fields.check(
      attributes.map { $0.kind == .object && $0.range.count <= Self.longestAttributes } ?? true, "/attributes",
      "is no object of at most \(Self.longestAttributes) bytes")
    self.attributes = attributes?.bytes ?? Array("{}".utf8)
    imageURL = fields.text("imageUrl", upTo: Self.longestURL)
    if let imageURL {
      let isAddress = ["https://", "http://"].contains { imageURL.hasPrefix($0) && imageURL.utf8.count > $0.utf8.count }
      fields.check(
        isAddress && imageURL.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "/imageUrl",
        "is no address that begins with https:// or http://")
    }
    unit = fields.text("unit", upTo: Self.longestUnit) ?? Self.piece
    let step = fields.given("step").map { Quantity($0) } ?? Self.usualStep(unit)
    fields.check(
      step.map { $0 > .zero } ?? false, "/step", "is no quantity above 0 of at most three decimals")
    self.step = step ?? .one
    isActive = fields.flag("active", usual: true)
    try fields.finish()
  }

  init(
    sku: String, gtin: String?, name: String, category: String?, brand: String?, attributes: [UInt8], imageURL: String?,
    unit: String, step: Quantity, isActive: Bool
  ) {
    (self.sku, self.gtin, self.name, self.category, self.brand) = (sku, gtin, name, category, brand)
    (self.attributes, self.imageURL, self.unit, self.step, self.isActive) = (attributes, imageURL, unit, step, isActive)
  }

  /// Pieces are whole; what is weighed or measured goes by the thousandth.
  private static func usualStep(_ unit: String) -> Quantity { unit == piece ? .one : Quantity(thousandths: 1) }

  /// The document that holds it.
  package var document: [UInt8] {
    var writer = JSONWriter()
    writer.object { write(to: &$0) }
    return writer.bytes
  }

  /// Writes it into an open object.
  package func write(to writer: inout JSONWriter) {
    writer.field("sku", sku)
    writer.field("gtin", orNull: gtin)
    writer.field("name", name)
    writer.field("category", orNull: category)
    writer.field("brand", orNull: brand)
    writer.key("attributes")
    writer.raw(attributes)
    writer.field("imageUrl", orNull: imageURL)
    writer.field("unit", unit)
    writer.field("step", step)
    writer.field("active", isActive)
  }

  /// The words by which it is found, each once, under its own spelling and its romanised one.
  package var words: Set<String> {
    let texts = [sku, name] + [gtin, brand, category].compactMap { $0 }
    return Set(
      texts.flatMap { FoldedText.words(of: $0, limit: Self.mostWords) }.flatMap { SearchWord($0).keys })
  }

  /// The words of one of its texts that are searched: each costs a row.
  private static let mostWords = 24
}
