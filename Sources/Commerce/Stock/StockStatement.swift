import SQL

/// What decisions read of stock, and what its fold writes.
enum StockStatement: Int, StatementSet {
  case level, movedAfter, item, counted, reservation, reservationsOfOrder, shortages, openShortages, lapsed, received
  case addMovement, addOnHand, addReserved, putDelivery, putReservation, putShortage, putStore

  private static let columnsOfReservation = "order_id, store, sku, quantity, remaining, ends_at, state"
  private static let columnsOfShortage = "sequence, part, store, sku, quantity, remaining, at, order_id"

  var sql: String {
    switch self {
    case .level:
      """
      SELECT on_hand, reserved, as_of, counted_at, incoming, expected_at, expected_as_of FROM stock_level
      WHERE sku = ?1 AND store = ?2
      """
    // Whatever is later than the newest snapshot had its whole effect.
    case .movedAfter:
      """
      SELECT coalesce(sum(quantity), 0) FROM stock_movement
      WHERE sku = ?1 AND store = ?2 AND at > ?3 AND cause <> 'snapshot'
      """
    case .item: "SELECT sku, store, cause, at, told FROM stock_movement WHERE source = ?1 AND item = ?2"
    case .counted:
      """
      SELECT 1 FROM stock_movement
      WHERE sku = ?1 AND store = ?2 AND at = ?3 AND cause = 'snapshot' AND told = ?4 AND source = ?5 AND item IS NULL
      LIMIT 1
      """
    case .reservation:
      "SELECT \(Self.columnsOfReservation) FROM stock_reservation WHERE order_id = ?1 AND store = ?2 AND sku = ?3"
    case .reservationsOfOrder:
      "SELECT \(Self.columnsOfReservation) FROM stock_reservation WHERE order_id = ?1 AND remaining > 0 ORDER BY store, sku"
    case .shortages:
      """
      SELECT \(Self.columnsOfShortage) FROM stock_shortage WHERE sku = ?1 AND store = ?2 AND remaining > 0
      ORDER BY sequence, part
      """
    case .openShortages:
      """
      SELECT sequence, part, store, sku, quantity, remaining, at, \(OrderID.shown("order_id")) FROM stock_shortage
      WHERE remaining > 0 AND (sequence, part) > (?1, ?2) AND (store = ?3 OR ?3 IS NULL) AND (sku = ?4 OR ?4 IS NULL)
      ORDER BY sequence, part LIMIT ?5
      """
    case .lapsed:
      """
      SELECT order_id, store, min(ends_at) FROM stock_reservation WHERE remaining > 0 AND ends_at IS NOT NULL
      GROUP BY order_id, store ORDER BY order_id, store
      """
    case .received: "SELECT received_at FROM event ORDER BY sequence DESC LIMIT 1"
    case .addMovement:
      """
      INSERT INTO stock_movement (sku, store, sequence, part, quantity, cause, at, told, order_id, source, item)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
      """
    case .addOnHand:
      """
      INSERT INTO stock_level (sku, store, on_hand, reserved, as_of, counted_at) VALUES (?1, ?2, ?3, 0, ?4, ?5)
      ON CONFLICT (sku, store) DO UPDATE SET on_hand = stock_level.on_hand + excluded.on_hand,
        as_of = CASE WHEN stock_level.as_of IS NULL OR excluded.as_of > stock_level.as_of
          THEN excluded.as_of ELSE stock_level.as_of END,
        counted_at = CASE WHEN stock_level.counted_at IS NULL OR excluded.counted_at > stock_level.counted_at
          THEN excluded.counted_at ELSE stock_level.counted_at END
      """
    case .addReserved:
      """
      INSERT INTO stock_level (sku, store, on_hand, reserved) VALUES (?1, ?2, 0, ?3)
      ON CONFLICT (sku, store) DO UPDATE SET reserved = stock_level.reserved + excluded.reserved
      """
    case .putDelivery:
      """
      INSERT INTO stock_level (sku, store, on_hand, reserved, incoming, expected_at, expected_as_of, expected_by)
      VALUES (?1, ?2, 0, 0, ?3, ?4, ?5, ?6)
      ON CONFLICT (sku, store) DO UPDATE SET incoming = excluded.incoming, expected_at = excluded.expected_at,
        expected_as_of = excluded.expected_as_of, expected_by = excluded.expected_by
      WHERE stock_level.expected_by IS NULL OR excluded.expected_by >= stock_level.expected_by
      """
    case .putReservation:
      """
      INSERT INTO stock_reservation (order_id, store, sku, quantity, remaining, ends_at, state, sequence)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      ON CONFLICT (order_id, store, sku) DO UPDATE SET quantity = excluded.quantity, remaining = excluded.remaining,
        ends_at = excluded.ends_at, state = excluded.state, sequence = excluded.sequence
      WHERE excluded.sequence >= stock_reservation.sequence
      """
    case .putShortage:
      """
      INSERT INTO stock_shortage (sequence, part, store, sku, quantity, remaining, at, order_id, changed)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      ON CONFLICT (sequence, part) DO UPDATE SET remaining = excluded.remaining, changed = excluded.changed
      WHERE excluded.changed >= stock_shortage.changed
      """
    case .putStore:
      """
      INSERT INTO store (id, name, latitude, longitude, time_zone, hours, pickup, safety_stock, offline_allowance, sequence)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, latitude = excluded.latitude,
        longitude = excluded.longitude, time_zone = excluded.time_zone, hours = excluded.hours,
        pickup = excluded.pickup, safety_stock = excluded.safety_stock,
        offline_allowance = excluded.offline_allowance, sequence = excluded.sequence
      WHERE excluded.sequence > store.sequence
      """
    }
  }
}
