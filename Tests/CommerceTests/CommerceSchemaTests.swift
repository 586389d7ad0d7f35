import Customers
import Foundation
import SQL
import TestKit
import Testing

@testable import Commerce

@Test func `migrations of all floors have numbers of their own`() {
  let numbers = (Schema.migrations + Commerce.migrations).map { $0.number }
  #expect(Set(numbers).count == numbers.count)
}

@Test(
  .enabled(
    if: PostgreSQLServer.programs != nil || ProcessInfo.processInfo.environment["CI"] != nil,
    "PostgreSQL is not installed: apt-get install postgresql"))
func `PostgreSQL prepares every statement of commerce`() throws {
  let server = try PostgreSQLServer(programs: try #require(PostgreSQLServer.programs, "CI needs PostgreSQL"))
  let schema = (Schema.migrations + Commerce.migrations).map { PostgreSQLDialect.text($0.script) }
  let statements = Commerce.statementSets.flatMap { PostgreSQLServer.preparations($0) }
  #expect(try server.ask((schema + statements).joined(separator: "\n")) == [])
}
