/// Server-sent events as they go over the line (the HTML standard, 9.2), so that what many readers get is made once.
public struct EventText: Sendable {
  /// What is sent.
  public private(set) var bytes: [UInt8] = []
  /// Where each event ends in it.
  public private(set) var ends: [Int] = []

  /// No events.
  public init() {}

  /// Adds an event.
  ///
  /// Line breaks in the data are kept; one in `id` or `event` would end the field, so they are left out there.
  public mutating func append(id: String? = nil, event: String? = nil, data: some Collection<UInt8>) {
    bytes.reserveCapacity(bytes.count + data.count + 64)
    if let id { append("id: ", id) }
    if let event { append("event: ", event) }
    bytes.append(contentsOf: "data: ".utf8)
    var previous: UInt8 = 0
    for byte in data {
      // CR LF, LF and CR are all ends of lines; each begins a new data field.
      if byte == 0x0A || byte == 0x0D {
        if !(byte == 0x0A && previous == 0x0D) { bytes.append(contentsOf: "\ndata: ".utf8) }
      } else {
        bytes.append(byte)
      }
      previous = byte
    }
    bytes.append(0x0A)
    end()
  }

  /// Adds an id alone: the reader notes it, to come back with, and is told no event.
  public mutating func append(id: String) {
    append("id: ", id)
    end()
  }

  /// Adds something that readers ignore.
  mutating func append(comment: String) { append(": ", comment) }

  private mutating func end() {
    bytes.append(0x0A)
    ends.append(bytes.count)
  }

  private mutating func append(_ field: StaticString, _ text: String) {
    field.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text.utf8.lazy.filter { $0 != 0x0A && $0 != 0x0D && $0 != 0 })
    bytes.append(0x0A)
  }
}
