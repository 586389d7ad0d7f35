package import Base
import Glibc

/// A place on the Earth, in millionths of a degree (11 cm) of WGS 84.
package struct Coordinates: Hashable, Sendable {
  private static let decimals = 6
  private static let mostLatitude: Int64 = 90_000_000
  private static let mostLongitude: Int64 = 180_000_000

  package let latitude: Int64
  package let longitude: Int64

  /// The place of two decimal literals of degrees, north and east of 0; nil where they are none.
  package init?(latitude: String, longitude: String) {
    guard
      let latitude = DecimalLiteral.scaled(latitude, decimals: Self.decimals, most: Self.mostLatitude),
      let longitude = DecimalLiteral.scaled(longitude, decimals: Self.decimals, most: Self.mostLongitude)
    else { return nil }
    (self.latitude, self.longitude) = (latitude, longitude)
  }

  /// The place that `{"lat": 56.95, "lon": 24.1}` says; nil where it says none.
  package init?(_ json: JSON) {
    guard let latitude = json["lat"]?.number, let longitude = json["lon"]?.number else { return nil }
    self.init(latitude: latitude, longitude: longitude)
  }

  /// The place that a query such as `56.95,24.1` says; nil where it says none.
  package init?(_ text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { String(String($0).trimmed) }
    guard parts.count == 2 else { return nil }
    self.init(latitude: parts[0], longitude: parts[1])
  }

  /// As the tables keep it.
  init(millionths latitude: Int64, _ longitude: Int64) { (self.latitude, self.longitude) = (latitude, longitude) }

  /// How many metres it is from here to there, along a great circle of the mean Earth: right to half a percent.
  package func distance(to other: Coordinates) -> Int64 {
    let radius = 6_371_008.8
    func radians(_ millionths: Int64) -> Double { Double(millionths) / 1_000_000 * .pi / 180 }
    let (from, to) = (radians(latitude), radians(other.latitude))
    let north = sin((to - from) / 2)
    let east = sin((radians(other.longitude) - radians(longitude)) / 2)
    let haversine = north * north + cos(from) * cos(to) * east * east
    return Int64((2 * radius * asin(min(1, haversine.squareRoot()))).rounded())
  }

  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      for (name, value) in [("lat", latitude), ("lon", longitude)] {
        writer.key(name)
        writer.raw(Array(Self.literal(value).utf8))
      }
    }
  }

  private static func literal(_ value: Int64) -> String {
    var (value, digits) = (value, decimals)
    while digits > 0, value % 10 == 0 { (value, digits) = (value / 10, digits - 1) }
    return DecimalLiteral.text(value, decimals: digits)
  }
}
