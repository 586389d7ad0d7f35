import Base

/// A person of the practice town, the same whenever he is asked for: what he is called and by which doors he comes.
struct PracticePerson {
  let isRussian: Bool
  let firstName: String
  let lastName: String
  let city: String
  /// The store that is nearest to him.
  let store: String
  /// What he is known as to the shop's server, if he has registered.
  let userID: String?
  let email: String
  let phone: String
  let card: String?
  let browsers: [String]
  /// His telephone's own app of the shop.
  let app: String
  /// His number with Telegram; who has none writes by WhatsApp.
  let telegram: String?
  /// Who has one telephone with him: the numbers of a family's people, or his own alone.
  let household: Range<Int>

  /// How many people a family has that shares a telephone.
  static let family = 3

  /// - Parameter town: what parts the names of one town from those of another.
  init(_ number: Int, of town: String, seed: UInt64) {
    var own = PracticeChance(seed, 1, UInt64(number))
    // What a family has in common comes of its first one.
    let first = number - number % Self.family
    var shared = PracticeChance(seed, 2, UInt64(first))
    isRussian = shared.happens(60)
    let isFamily = shared.happens(30)
    var roots = isFamily ? shared : own
    let isWoman = own.happens(50)
    let names = isRussian ? PracticeNames.russian : PracticeNames.english
    let (given, latin) = own.one(of: isWoman ? names.women : names.men)
    let root = roots.one(of: names.families)
    firstName = given
    lastName = root.name + (isWoman ? names.womensEnding : "")
    let place = roots.number(0..<names.cities.count)
    (city, store) = (names.cities[place], PracticeStore.nearest[place])
    let line = isFamily ? first : number
    // No country sets apart as many numbers as a town has, so these may be somebody's: none is ever called or written to.
    phone = (isRussian ? "+7999" : "+447570") + PracticeNames.digits(line % 1_000_000, isRussian ? 7 : 6)
    email = "\(latin).\(root.latin).\(number)@\(own.one(of: ["example.com", "example.org", "example.net"]))"
    userID = own.happens(75) ? "\(town)-\(number)" : nil
    card = own.happens(60) ? "77" + town.filter { $0.isNumber } + PracticeNames.digits(number, 8) : nil
    browsers = (0..<own.number(1..<4)).map { "b-\(town)-\(number)-\($0)" }
    app = "a-\(town)-\(number)"
    telegram = own.happens(60) ? "\(5_000_000_000 + number)" : nil
    household = isFamily ? first..<first + Self.family : number..<number + 1
  }
}

/// What people are called, with the Latin spelling of their addresses, and where they live.
enum PracticeNames {
  struct Language {
    var men: [(String, String)]
    var women: [(String, String)]
    var families: [(name: String, latin: String)]
    var womensEnding: String
    var cities: [String]
  }

  static let russian = Language(
    men: [
      ("Алексей", "alexey"), ("Дмитрий", "dmitry"), ("Пётр", "petr"), ("Фёдор", "fedor"), ("Сергей", "sergey"),
      ("Юрий", "yury"), ("Михаил", "mikhail"), ("Андрей", "andrey"),
    ],
    women: [
      ("Анна", "anna"), ("Елена", "elena"), ("Ольга", "olga"), ("Наталья", "natalia"), ("Алёна", "alyona"),
      ("Мария", "maria"), ("Юлия", "yulia"), ("Татьяна", "tatiana"),
    ],
    families: [
      ("Иванов", "ivanov"), ("Смирнов", "smirnov"), ("Кузнецов", "kuznetsov"), ("Попов", "popov"),
      ("Соловьёв", "solovyov"), ("Королёв", "korolev"), ("Морозов", "morozov"), ("Волков", "volkov"),
      ("Щербаков", "shcherbakov"), ("Зайцев", "zaitsev"),
    ], womensEnding: "а", cities: ["Рига", "Юрмала", "Елгава", "Лиепая", "Даугавпилс"])

  static let english = Language(
    men: [
      ("James", "james"), ("Oliver", "oliver"), ("Harry", "harry"), ("George", "george"), ("Seán", "sean"),
      ("William", "william"), ("Thomas", "thomas"),
    ],
    women: [
      ("Emma", "emma"), ("Olivia", "olivia"), ("Zoë", "zoe"), ("Grace", "grace"), ("Charlotte", "charlotte"),
      ("Alice", "alice"), ("Ruby", "ruby"),
    ],
    families: [
      ("Smith", "smith"), ("Jones", "jones"), ("Taylor", "taylor"), ("O'Brien", "obrien"), ("Walker", "walker"),
      ("Wright", "wright"), ("Clarke", "clarke"), ("Evans", "evans"), ("Hughes", "hughes"),
    ], womensEnding: "", cities: ["Riga", "Jūrmala", "Jelgava", "Liepāja", "Daugavpils"])

  /// A number with zeros before it.
  static func digits(_ number: Int, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }

  /// A word as somebody types it in a hurry: two of its letters change places.
  static func mistyped(_ word: String, _ chance: inout PracticeChance) -> String {
    var letters = Array(word)
    guard letters.count > 2 else { return word }
    let place = chance.number(1..<letters.count - 1)
    letters.swapAt(place, place + 1)
    return String(letters)
  }
}
