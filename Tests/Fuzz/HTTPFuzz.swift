// Built by `Scripts/fuzz http` together with the parsing part of HTTP; not a target of the package.

/// Feeds any bytes to the head parser and, from the second byte on, to the decoder of chunks, and holds both to this:
/// however the bytes are cut, they mean the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  checkHead(bytes)
  if let step = bytes.first { checkChunks(Array(bytes.dropFirst()), slice: Int(step % 9) + 1) }
  return 0
}

// MARK: Heads

private let bounds = HeadParser.Bounds(bytes: 512, headers: 8, targetBytes: 128)

private struct Reading: Equatable {
  var outcome: HeadOutcome
  var head: RequestHead
  var slots: [HeaderSlot]
}

private func read(_ bytes: ArraySlice<UInt8>) -> Reading {
  let none = HeaderSlot(nameOffset: 0, nameLength: 0, valueOffset: 0, valueLength: 0)
  var slots = [HeaderSlot](repeating: none, count: bounds.headers)
  var head = RequestHead()
  let outcome = slots.withUnsafeMutableBufferPointer { slots in
    bytes.withUnsafeBufferPointer { input in
      guard let start = slots.baseAddress else { fatalError("there is room for fields") }
      return HeadParser.parse(input, bounds: bounds, slots: start, into: &head)
    }
  }
  return Reading(outcome: outcome, head: head, slots: Array(slots[..<head.headerCount]))
}

private func checkHead(_ bytes: [UInt8]) {
  let whole = read(bytes[...])
  if whole.outcome == .complete {
    precondition(whole.head.length <= min(bytes.count, bounds.bytes), "a head lies inside its bytes")
    for slot in whole.slots {
      precondition(Int(slot.valueOffset) + Int(slot.valueLength) <= whole.head.length, "a field lies inside the head")
      precondition(slot.nameLength > 0, "a field has a name")
    }
    precondition(!(whole.head.isChunked && whole.head.contentLength != nil), "a body has one length")
  }
  var settled: Reading?
  for length in 0..<bytes.count {
    let part = read(bytes[..<length])
    if let settled {
      precondition(part.outcome == settled.outcome, "what is settled stays so")
    } else if part.outcome != .incomplete {
      settled = part
    }
  }
  if let settled {
    precondition(whole.outcome == settled.outcome, "the whole means what its beginning meant")
    if whole.outcome == .complete { precondition(whole == settled, "a head reads the same with what follows it") }
  }
}

// MARK: Chunks

private struct Body: Equatable {
  var bytes: [UInt8] = []
  var used = 0
  var end = ChunkedDecoder.Step.needsMore
}

private func decode(_ bytes: [UInt8], slice: Int) -> Body {
  var decoder = ChunkedDecoder(extensionBytes: 16, trailerBytes: 32)
  var body = Body()
  while body.used < bytes.count, body.end == .needsMore {
    let part = bytes[body.used..<min(bytes.count, body.used + slice)]
    part.withUnsafeBufferPointer { input in
      var at = 0
      while true {
        let step = decoder.next(input, at: &at)
        guard case .data(let range) = step else {
          body.end = step
          break
        }
        body.bytes += input[range]
      }
      precondition(at <= input.count, "no more is read than there is")
      body.used += at
      precondition(at == input.count || body.end != .needsMore, "what is not settled reads all there is")
    }
  }
  return body
}

private func checkChunks(_ bytes: [UInt8], slice: Int) {
  let whole = decode(bytes, slice: max(bytes.count, 1))
  let parts = decode(bytes, slice: slice)
  precondition(parts.end == whole.end, "a body ends the same in every slicing")
  precondition(parts.bytes == whole.bytes, "a body is the same in every slicing")
  if whole.end == .end { precondition(parts.used == whole.used, "a body ends at the same place") }
}
