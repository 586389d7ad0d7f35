import Base

/// An article of the practice shop.
struct PracticeProduct: Sendable {
  let sku: String
  let russian: String
  let english: String
  /// For one unit, in euro cents.
  let price: Int64
  let category: String
  let brand: String
  /// What quantities count; nil for pieces.
  let unit: String?

  private init(
    _ sku: String, _ russian: String, _ english: String, _ price: Int64, _ category: String, _ brand: String,
    unit: String? = nil
  ) {
    (self.sku, self.russian, self.english, self.price) = (sku, russian, english, price)
    (self.category, self.brand, self.unit) = (category, brand, unit)
  }

  /// The number under its bar code.
  ///
  /// Those that begin with 20 to 29 are a shop's own to give (GS1 General Specifications, 1.4).
  func gtin(_ number: Int) -> String {
    let digits = "20" + PracticeNames.digits(number, 10)
    let sum = digits.utf8.enumerated().reduce(0) { $0 + (Int($1.element) - 0x30) * ($1.offset % 2 == 0 ? 1 : 3) }
    return digits + "\((10 - sum % 10) % 10)"
  }

  /// All that it sells.
  static let all = [
    Self("boots-1", "Ботинки зимние", "Winter boots", 8_990, "clothing/shoes", "Norde"),
    Self("dress-2", "Платье летнее", "Summer dress", 4_590, "clothing/dresses", "Alba"),
    Self("kettle-3", "Чайник электрический", "Electric kettle", 3_299, "kitchen/appliances", "Varme"),
    Self("lamp-4", "Настольная лампа", "Desk lamp", 2_190, "home/light", "Lumo"),
    Self("tree-5", "Ёлка искусственная", "Artificial tree", 5_490, "home/seasonal", "Lumo"),
    Self("bag-6", "Сумка кожаная", "Leather bag", 12_490, "clothing/bags", "Alba"),
    Self("book-7", "Книга о вкусной еде", "Book of good food", 990, "books/cooking", "Page & Co"),
    Self("toy-8", "Медвежонок плюшевый", "Teddy bear", 1_490, "toys/soft", "Mishka"),
    Self("coat-9", "Пальто шерстяное", "Wool coat", 18_990, "clothing/coats", "Norde"),
    Self("phone-10", "Телефон", "Phone", 34_990, "electronics/phones", "Tessa"),
    Self("rug-11", "Ковёр", "Rug", 7_890, "home/textiles", "Lumo"),
    Self("mug-12", "Кружка", "Mug", 450, "kitchen/tableware", "Varme"),
    Self("scarf-13", "Шарф шерстяной", "Wool scarf", 2_450, "clothing/accessories", "Norde"),
    Self("gloves-14", "Перчатки кожаные", "Leather gloves", 3_950, "clothing/accessories", "Alba"),
    Self("sneakers-15", "Кроссовки", "Running shoes", 7_490, "clothing/shoes", "Stride"),
    Self("socks-16", "Носки шерстяные", "Wool socks", 690, "clothing/accessories", "Norde"),
    Self("shirt-17", "Рубашка льняная", "Linen shirt", 3_690, "clothing/shirts", "Alba"),
    Self("jeans-18", "Джинсы", "Jeans", 5_990, "clothing/trousers", "Stride"),
    Self("pan-19", "Сковорода чугунная", "Cast-iron pan", 4_290, "kitchen/cookware", "Varme"),
    Self("pot-20", "Кастрюля, 3 л", "Saucepan, 3 l", 3_590, "kitchen/cookware", "Varme"),
    Self("knife-21", "Нож поварской", "Chef's knife", 2_990, "kitchen/cookware", "Varme"),
    Self("plate-22", "Тарелка", "Dinner plate", 590, "kitchen/tableware", "Varme"),
    Self("glass-23", "Бокалы, 6 шт.", "Wine glasses, set of 6", 1_990, "kitchen/tableware", "Varme"),
    Self("toaster-24", "Тостер", "Toaster", 3_490, "kitchen/appliances", "Varme"),
    Self("coffee-25", "Кофе в зёрнах", "Coffee beans", 2_490, "food/coffee", "Rits", unit: "kg"),
    Self("tea-26", "Чай листовой", "Loose-leaf tea", 5_900, "food/tea", "Rits", unit: "kg"),
    Self("honey-27", "Мёд липовый", "Linden honey", 890, "food/sweets", "Rits"),
    Self("sweets-28", "Конфеты на развес", "Sweets by weight", 1_290, "food/sweets", "Rits", unit: "kg"),
    Self("lamp-29", "Торшер", "Floor lamp", 6_990, "home/light", "Lumo"),
    Self("blanket-30", "Плед", "Blanket", 3_290, "home/textiles", "Lumo"),
    Self("towel-31", "Полотенце банное", "Bath towel", 1_590, "home/textiles", "Lumo"),
    Self("ribbon-32", "Лента атласная", "Satin ribbon", 120, "home/seasonal", "Lumo", unit: "m"),
    Self("candle-33", "Свеча", "Candle", 390, "home/seasonal", "Lumo"),
    Self("book-34", "Сказки на ночь", "Bedtime stories", 1_290, "books/children", "Page & Co"),
    Self("book-35", "Атлас мира", "World atlas", 2_990, "books/reference", "Page & Co"),
    Self("puzzle-36", "Пазл, 1000 деталей", "Jigsaw, 1000 pieces", 1_690, "toys/games", "Mishka"),
    Self("blocks-37", "Кубики деревянные", "Wooden blocks", 2_290, "toys/games", "Mishka"),
    Self("doll-38", "Кукла", "Doll", 2_690, "toys/soft", "Mishka"),
    Self("headphones-39", "Наушники", "Headphones", 7_990, "electronics/audio", "Tessa"),
    Self("charger-40", "Зарядное устройство", "Charger", 1_990, "electronics/phones", "Tessa"),
  ]
}
