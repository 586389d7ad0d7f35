import Base
import Customers
import SQL
import TestKit
import Testing

@testable import API

@Suite struct LiveHubTests {
  @Test func `there is room for so many streams and no more`() throws {
    let store = try TestStore()
    let tail = try LogTail(store.database)
    try LiveHub(database: store.database, tail: tail, room: 1).checkRoom()
    #expect { try LiveHub(database: store.database, tail: tail, room: 0).checkRoom() } throws: {
      ($0 as? Failure)?.code == .unavailable && ($0 as? Failure)?.retryAfter != nil
    }
  }
}
