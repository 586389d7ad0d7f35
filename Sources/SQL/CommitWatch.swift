/// How somebody follows what has become durable, without a look at it for each commit.
package struct CommitWatch: Sendable {
  /// Says, at the end of a transaction that wrote, how far the database goes with it.
  package var mark: @Sendable (any Session) throws -> Int64
  /// Is told the greatest mark that is durable, before its callers have their answers; it must not block.
  package var durable: @Sendable (Int64) -> Void

  package init(
    mark: @escaping @Sendable (any Session) throws -> Int64, durable: @escaping @Sendable (Int64) -> Void
  ) {
    self.mark = mark
    self.durable = durable
  }
}
