import Base

/// What a run has done, and how far it is.
struct RetentionReceipt: Equatable {
  /// A place in the order in which a run goes through the log: by origin, time and place.
  struct Place: Equatable {
    var origin: Origin.Number = 0
    var at = Int64.min
    var sequence: Int64 = 0
  }

  /// How many events became parts of summaries.
  var events: Int64 = 0
  /// At how many origins they stood.
  var origins: Int64 = 0
  /// How long their bodies were, in bytes.
  var bytes: Int64 = 0
  /// How many old ones stay as they came, because more hangs on them than their bodies.
  var kept: Int64 = 0
  /// Computed traits by which the class was left alone.
  var forbiddenBy: [String] = []
  /// Up to where the run has come.
  var place = Place()
  /// The origin that was counted last.
  var lastOrigin: Origin.Number = 0
  /// The run's place in the log, when it has ended.
  var sequence: Int64?

  init() {}

  /// The one that a job has kept.
  init(recorded json: JSON) {
    func number(_ name: StaticString) -> Int64 { json[name]?.integer ?? 0 }
    (events, origins, bytes, kept) = (number("events"), number("origins"), number("bytes"), number("kept"))
    forbiddenBy = json["forbiddenBy"]?.elements.compactMap { $0.string } ?? []
    sequence = json["sequence"]?.integer
    lastOrigin = number("lastOrigin")
    let place = json["place"].map { $0.elements.compactMap { $0.integer } } ?? []
    if place.count == 3 { self.place = Place(origin: place[0], at: place[1], sequence: place[2]) }
  }

  /// As it is told when the run has ended.
  func write(to writer: inout JSONWriter) {
    writer.field("events", events)
    writer.field("origins", origins)
    writer.field("bytes", bytes)
    writer.field("kept", kept)
    writer.key("forbiddenBy")
    writer.array { writer in for name in forbiddenBy { writer.value(name) } }
    writer.field("sequence", ifPresent: sequence)
  }

  /// As a job keeps it.
  var json: [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.object { writer in
      write(to: &writer)
      guard sequence == nil else { return }
      writer.field("lastOrigin", lastOrigin)
      writer.key("place")
      writer.array { writer in for number in [place.origin, place.at, place.sequence] { writer.value(number) } }
    }
    return writer.bytes
  }
}
