import Base

extension JSONWriter {
  mutating func field(_ name: String, orNull money: Money?) {
    key(name)
    if let money { money.write(to: &self) } else { null() }
  }
}
