package import Base
package import SQL

/// How good what is known of a customer is: what is wrong with it, exact at the moment of reading, and a score.
///
/// The score is 100 less the weight of each code that he has, however often he has it; all of them together make 0.
package struct Quality: Sendable {
  /// What can be wrong.
  package enum Code: String, Sendable, CaseIterable {
    /// The `phone` that holds is no number that can be dialled, or means nothing, such as a row of one digit.
    case invalidPhone = "invalid_phone"
    /// The `email` that holds is no address, or one that no person reads, such as `noreply@…`.
    case invalidEmail = "invalid_email"
    /// The last that was heard of mail to his address is that it bounced. His address is the `email` that holds, else
    /// every one among his identifiers; an `Email Bounced` that tells no address is about the one he had then.
    case bouncedAddress = "bounced_address"
    /// Another customer has the same name, and agrees in a second sign; see `LikelyDuplicates`.
    case likelyDuplicate = "likely_duplicate"
    /// Nothing has happened for longer than `mostSilence`; told of known customers.
    case stale
    /// He has neither an address of mail, nor a telephone number, nor a messenger; told of known customers.
    case noContact = "no_contact"

    /// What it takes off the score.
    package var weight: Int64 {
      switch self {
      case .invalidPhone, .invalidEmail: 15
      case .bouncedAddress, .likelyDuplicate, .noContact: 20
      case .stale: 10
      }
    }
  }

  /// One thing that is wrong.
  package struct Defect: Sendable, Equatable {
    package var code: Code
    package var detail: String
    /// The id of another customer whom it is about.
    package var customer: String?
  }

  /// After how long without an event a customer is stale: whoever buys once a year is not, also when the holiday moves.
  package static let mostSilence = Duration.seconds(400 * 86_400)

  /// In the order of the codes.
  package let defects: [Defect]

  /// From 0, the worst, to 100.
  package var score: Int64 { 100 - Set(defects.map { $0.code }).reduce(0) { $0 + $1.weight } }

  /// What is wrong with what is known of the customer that `leader` leads.
  ///
  /// - Parameters:
  ///   - now: when it is read.
  ///   - codes: what is looked for.
  package init(
    ofCustomer leader: Origin.Number, now: Instant, codes: Set<Code> = Set(Code.allCases), in session: any Session
  ) throws {
    var reading = QualityReading(leader, .now(now), in: session)
    defects = try reading.defects(codes)
  }

  /// The same, of traits and names that have been read already.
  ///
  /// - Parameter isOwn: whether he looks at it himself: then it tells of nobody else.
  init(
    ofCustomer leader: Origin.Number, _ traits: TraitSet, _ names: IdentifierSet, _ moment: QualityReading.Moment,
    isOwn: Bool, in session: any Session
  ) throws {
    var reading = QualityReading(leader, moment, in: session)
    (reading.traits, reading.names) = (traits, names)
    defects = try reading.defects(isOwn ? Set(Code.allCases).subtracting([.likelyDuplicate]) : Set(Code.allCases))
  }

  /// Writes it as the API shows it, into an object that is open already.
  package func write(to writer: inout JSONWriter) {
    writer.field("score", score)
    writer.key("defects")
    writer.array { writer in
      for defect in defects {
        writer.object { writer in
          writer.field("code", defect.code.rawValue)
          writer.field("detail", defect.detail)
          writer.field("customer", ifPresent: defect.customer)
        }
      }
    }
  }
}
