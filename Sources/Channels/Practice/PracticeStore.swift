import Base

/// A store of the practice shop, and what it has.
struct PracticeStore: Sendable {
  let id: String
  let name: String
  let place: (latitude: String, longitude: String)
  /// Opening and closing on weekdays and on Saturday; none is open on Sunday but the first.
  let week: (String, String)
  let saturday: (String, String)
  let isOpenOnSunday: Bool
  let safetyStock: Int

  static let all = [
    PracticeStore(
      id: "riga-1", name: "Riga, Old Town", place: ("56.9496", "24.1052"), week: ("09:00", "21:00"),
      saturday: ("10:00", "20:00"), isOpenOnSunday: true, safetyStock: 1),
    PracticeStore(
      id: "riga-2", name: "Riga, Teika", place: ("56.9712", "24.1894"), week: ("10:00", "20:00"),
      saturday: ("10:00", "18:00"), isOpenOnSunday: false, safetyStock: 1),
    PracticeStore(
      id: "jelgava-1", name: "Jelgava, Market Street", place: ("56.6511", "23.7214"), week: ("09:00", "19:00"),
      saturday: ("10:00", "16:00"), isOpenOnSunday: false, safetyStock: 1),
    PracticeStore(
      id: "liepaja-1", name: "Liepāja, Harbour", place: ("56.5047", "21.0108"), week: ("09:00", "19:00"),
      saturday: ("10:00", "16:00"), isOpenOnSunday: false, safetyStock: 1),
    PracticeStore(
      id: "daugavpils-1", name: "Daugavpils, Unity Square", place: ("55.8714", "26.5161"), week: ("09:00", "19:00"),
      saturday: ("10:00", "16:00"), isOpenOnSunday: false, safetyStock: 2),
  ]

  /// Where people of each city go, in the order of `PracticeNames.Language.cities`.
  static let nearest = ["riga-1", "riga-2", "jelgava-1", "liepaja-1", "daugavpils-1"]

  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", id)
      writer.field("name", name)
      writer.key("location")
      writer.raw(Array(#"{"lat": \#(place.latitude), "lon": \#(place.longitude)}"#.utf8))
      writer.field("timeZone", "Europe/Riga")
      writer.key("hours")
      writer.array { writer in
        span(["mon", "tue", "wed", "thu", "fri"], week, to: &writer)
        span(isOpenOnSunday ? ["sat", "sun"] : ["sat"], saturday, to: &writer)
      }
      writer.field("safetyStock", safetyStock)
    }
  }

  private func span(_ days: [String], _ hours: (String, String), to writer: inout JSONWriter) {
    writer.object { writer in
      writer.key("days")
      writer.array { for day in days { $0.value(day) } }
      writer.field("open", hours.0)
      writer.field("close", hours.1)
    }
  }

  // MARK: Stock

  /// When it was counted before the histories end; some shelves nobody has looked at for days.
  private static let counted = Duration.seconds(12 * 3600)
  private static let countedLast = Duration.seconds(10 * 86_400)
  /// The sku of which nothing is left where a till will sell it.
  static let missing = "honey-27"
  static let short = "jelgava-1"

  /// How much of each article each store has counted: the first all and plenty, the others most, little or nothing.
  static func stock(until end: Instant, to writer: inout JSONWriter) {
    writer.array { writer in
      for (row, store) in all.enumerated() {
        for (column, product) in PracticeProduct.all.enumerated() where row == 0 || (column + 3 * row) % 9 != 0 {
          let isMissing = store.id == short && product.sku == missing
          let isLow = row > 0 && (column * 5 + row) % 7 == 0
          let isOld = row > 0 && (column + row) % 13 == 0 && !isMissing
          let usual = 6 + (column * 7 + row * 5) % 19
          writer.object { writer in
            writer.field("store", store.id)
            writer.field("sku", product.sku)
            writer.field("onHand", isMissing ? 0 : isLow ? (column + row) % 3 : row == 0 ? 2 * usual : usual)
            writer.field("asOf", (end - (isOld ? countedLast : counted)).text)
            writer.field("source", "stocktaking")
          }
        }
      }
    }
  }
}
