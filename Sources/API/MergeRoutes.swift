import Base
import Customers
import HTTP
import SQL

/// Merges of customers: by a person, before and after, and taken back.
struct MergeRoutes {
  let services: Services

  private static let path = "/v1/customers/{customer}/merges"

  var list: Endpoint {
    Endpoint(.get, Self.path, Documentation.merges, by: services) { [services] request, _ in
      let page = try PageQuery(request)
      return try .reading(request, services) { _, leader, session in
        // One event may make several merges, so a place alone is no cursor.
        var ranked: [(merge: Merge, rank: Int64)] = []
        for merge in try Merge.all(ofCustomer: leader, in: session) {
          let isNext = ranked.last?.merge.sequence == merge.sequence
          ranked.append((merge, isNext ? (ranked.last?.rank ?? 0) + 1 : 1))
        }
        let end = page.cursor
        ranked.removeAll { $0.merge.sequence > end.sequence || $0.merge.sequence == end.sequence && $0.rank <= end.at }
        let id = try Profile.publicID(of: leader, in: session)
        return try page.answer(
          ranked, at: "/v1/customers/\(id)/merges",
          cursor: { Timeline.Cursor(at: $0.rank, sequence: $0.merge.sequence) }
        ) { row, writer in writer.object { row.merge.write(to: &$0) } }
      }
    }
  }

  var merge: Endpoint {
    Endpoint(
      .post, Self.path, Documentation.postMerge, options: RouteOptions(maximumBody: ActRequest.longestBody),
      by: services
    ) { [services] request, key in
      let act = try ActRequest(request, by: key, services)
      let country = try services.country(of: request)
      guard let with = act.body["with"]?.string.flatMap({ CustomerName($0, country: country) }) else {
        throw Failure(
          .invalid, "with names no customer", faults: [.init("/with", "is neither an id nor type:value")])
      }
      return try .acting(request, services) { name, leader, session in
        guard case .customer(let other) = try Lookup.find(with, in: session),
          let id = try Lookup.id(of: with, in: session)
        else { throw Failure(.invalid, "with names no customer", faults: [.init("/with", "is no customer")]) }
        let first = try Lookup.stand(name, ofCustomer: leader, in: session)
        let second = try Lookup.stand(with, ofCustomer: other, in: session)
        return try act.perform(.merge, [("with", id)], of: [first, second], in: session) {
          _ = try $0.merge(first, second, into: &$1)
        }
      }
    }
  }

  var undo: Endpoint {
    Endpoint(
      .post, "/v1/merges/{id}/undo", Documentation.undoMerge,
      options: RouteOptions(maximumBody: ActRequest.longestBody), by: services
    ) { [services] request, key in
      let act = try ActRequest(request, by: key, services)
      let id = request.parameter("id") ?? ""
      let keep = try Self.keep(act.body["keep"], country: services.country(of: request))
      return Disclosure(road: .writing(weight: request.bodyCount)) { session in
        guard let merge = try Merge.find(id, in: session) else { throw Failure(.notFound, "there is no such merge") }
        let keepers = try keep.map { identifier, keeper in
          (identifier: identifier, keeper: try Self.keeper(keeper, of: identifier, session))
        }
        return try act.perform(
          .undo, [("merge", id)], keep: act.body["keep"], of: [merge.pair.first, merge.pair.second], in: session
        ) { try $0.undo(merge, keep: keepers, into: &$1) }
      }
    }
  }

  private static func keep(_ json: JSON?, country: String?) throws -> [(Identifier, String)] {
    guard let json else { return [] }
    guard json.kind == .object else {
      throw Failure(.invalid, "keep is an object", faults: [.init("/keep", "is no object")])
    }
    return try json.members.map { name, keeper in
      let pointer = "/keep/\(JSON.pointerToken(name))"
      guard case .identifier(let identifier)? = CustomerName(name, country: country) else {
        throw Failure(.invalid, "keep names no identifier", faults: [.init(pointer, "is no type:value")])
      }
      guard let text = keeper.string else {
        throw Failure(.invalid, "keep says nobody", faults: [.init(pointer, "is neither a customer's id nor shared")])
      }
      return (identifier, text)
    }
  }

  private static func keeper(_ text: String, of identifier: Identifier, _ session: any Session) throws -> Merging.Keeper
  {
    if text == "shared" { return .shared }
    guard case .id? = CustomerName(text), let origin = try Lookup.origin(ofID: text, in: session) else {
      let pointer = "/keep/\(JSON.pointerToken("\(identifier.type.name):\(identifier.value)"))"
      throw Failure(.invalid, "keep says nobody", faults: [.init(pointer, "is neither a customer's id nor shared")])
    }
    return .side(of: origin)
  }
}
