package import Base
package import SQL

enum QualityListStatement: Int, StatementSet {
  case leaders, withCode

  var sql: String {
    switch self {
    case .leaders:
      """
      SELECT number, number, public_id, standing, type, value FROM origin
      WHERE number = customer AND number < ?1 ORDER BY number DESC LIMIT ?2
      """
    // A customer stands where his newest origin with such a row does, once.
    case .withCode:
      """
      SELECT d.origin, l.number, l.public_id, l.standing, l.type, l.value
      FROM (SELECT DISTINCT origin FROM quality_defect WHERE code = ?3 AND origin < ?1) AS d
      JOIN origin o ON o.number = d.origin JOIN origin l ON l.number = o.customer
      WHERE NOT EXISTS (
        SELECT 1 FROM origin n JOIN quality_defect e ON e.origin = n.number
        WHERE n.customer = o.customer AND n.number > d.origin AND e.code = ?3)
      ORDER BY d.origin DESC LIMIT ?2
      """
    }
  }
}

/// The work list of data quality: customers with something wrong, the newest first.
///
/// Who is on it is decided at the moment of reading by the same rules as in the whole picture, one customer after the
/// other, so that a page looks at a bounded number of them.
package struct QualityList: Sendable {
  /// How many customers a page looks at: it may have fewer rows than asked for, even none, and yet a next one.
  package static let mostExamined = 1_000

  /// A customer with something wrong.
  package struct Row: Sendable {
    package var leader: Origin.Number
    package var publicID: String
    package var isKnown: Bool
    package var quality: Quality

    /// Writes it as the API shows it, as an object.
    package func write(to writer: inout JSONWriter) {
      writer.object { writer in
        writer.field("customer", publicID)
        writer.field("known", isKnown)
        quality.write(to: &writer)
      }
    }
  }

  package private(set) var rows: [Row] = []
  /// Where the next page begins, or nil at the end.
  package private(set) var next: Int64?

  private struct Candidate {
    /// Where he stands in the list.
    var place: Int64
    var leader: Origin.Number
    var publicID: String
    var isKnown: Bool
    var isErased: Bool
  }

  /// A page of the list.
  ///
  /// - Parameters:
  ///   - code: only those with this defect.
  ///   - place: where a former page ended; the newest ones are below the greatest number.
  package init(
    of code: Quality.Code? = nil, below place: Int64 = .max, limit: Int, now: Instant, in session: any Session
  ) throws {
    let candidates = try Self.candidates(code, place, session)
    for (index, candidate) in candidates.prefix(Self.mostExamined).enumerated() {
      if try !candidate.isErased && hasAny(code, candidate, now, session) {
        let quality = try Quality(ofCustomer: candidate.leader, now: now, in: session)
        rows.append(
          Row(
            leader: candidate.leader, publicID: candidate.publicID, isKnown: candidate.isKnown, quality: quality))
      }
      if rows.count == limit || index + 1 == Self.mostExamined {
        next = index + 1 < candidates.count ? candidate.place : nil
        return
      }
    }
  }

  private func hasAny(
    _ code: Quality.Code?, _ candidate: Candidate, _ now: Instant, _ session: any Session
  ) throws -> Bool {
    let codes = code.map { Set([$0]) } ?? Set(Quality.Code.allCases)
    return try !Quality(ofCustomer: candidate.leader, now: now, codes: codes, in: session).defects.isEmpty
  }

  /// Those who may be on the page and one more.
  private static func candidates(
    _ code: Quality.Code?, _ place: Int64, _ session: any Session
  ) throws -> [Candidate] {
    func read(_ row: any SQL.Row) -> Candidate {
      let standing = Origin.Standing(rawValue: row.integer(3)) ?? .claim
      return Candidate(
        place: row.integer(0), leader: row.integer(1), publicID: row.text(2),
        isKnown: Origin.isKnown(standing, row.text(4)), isErased: ErasedName.isValue(row.text(5)))
    }
    let most = Int64(mostExamined + 1)
    switch code {
    case .invalidPhone, .invalidEmail, .bouncedAddress:
      return try session.rows(
        of: QualityListStatement.withCode, .integer(place), .integer(most), .text(code?.rawValue)
      ) { read($0) }
    case .likelyDuplicate, .stale, .noContact, nil:
      return try session.rows(of: QualityListStatement.leaders, .integer(place), .integer(most)) { read($0) }
    }
  }
}
