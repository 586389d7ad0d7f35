// Scans one event of about 1 KB again and again with the product's scanner and with Foundation's JSONDecoder, in turns.
//
//   json SECONDS      prints "json.scan NS json.fields NS json.decoder NS", medians of the turns, for each event
//
// json.scan checks the whole text; json.fields also takes out the nine fields that the decoder takes, which are compared
// with the decoder's. Built by Tests/Bench/json/build
// together with Sources/Base, outside the package, because a yardstick is no part of the product.
import FoundationEssentials
import Glibc

struct Picked: Decodable, Equatable {
  struct Context: Decodable, Equatable {
    var locale: String
    var ip: String
  }
  struct Properties: Decodable, Equatable {
    var sku: String
    var quantity: Int
  }
  var type: String
  var event: String
  var messageId: String
  var userId: String
  var anonymousId: String
  var context: Context
  var properties: Properties
}

let text = Array(
  """
  {"type":"track","event":"Product Added","messageId":"3b43667e-3f20-4ba6-8188-000000000065","userId":"u60089",\
  "anonymousId":"a-60089","timestamp":"2026-11-22T03:39:19.975Z","integrations":{"All":true},\
  "properties":{"product_id":"p-1093","sku":"SKU-1093","name":"Кроссовки беговые","category":"Shoes",\
  "brand":"Example","price":129.90,"currency":"RUB","quantity":1,"list_id":"spring","coupon":null,\
  "url":"https://shop.example/catalogue/shoes/p-1093","image_url":"https://shop.example/images/p-1093.webp"},\
  "context":{"library":{"name":"analytics.js","version":"next-1.81.0"},"locale":"ru-RU","timezone":"Europe/Moscow",\
  "ip":"203.0.113.17","userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
  Chrome/126.0 Safari/537.36","page":{"path":"/catalogue/shoes","referrer":"https://search.example/","search":"",\
  "title":"Shoes \\"for all\\"","url":"https://shop.example/catalogue/shoes"},\
  "screen":{"width":1920,"height":1080,"density":1},"campaign":{"name":"spring","source":"mail","medium":"email"},\
  "device":{"type":"desktop"},"os":{"name":"Linux","version":"6.1"}}}
  """.utf8)

func pick() throws -> Picked {
  let root = try JSONDocument(text).root
  func string(_ json: JSON?) -> String { json?.string ?? "" }
  let context = root["context"]
  let properties = root["properties"]
  return Picked(
    type: string(root["type"]), event: string(root["event"]), messageId: string(root["messageId"]),
    userId: string(root["userId"]), anonymousId: string(root["anonymousId"]),
    context: .init(locale: string(context?["locale"]), ip: string(context?["ip"])),
    properties: .init(sku: string(properties?["sku"]), quantity: Int(properties?["quantity"]?.integer ?? 0)))
}

let data = Data(text)
let decoder = JSONDecoder()
func decode() throws -> Picked { try decoder.decode(Picked.self, from: data) }

/// Nanoseconds that each of `count` calls took; what they return is added up, so that none is left out.
func measure(_ count: Int, _ body: () throws -> Int) rethrows -> Double {
  var sum = 0
  let time = try ContinuousClock().measure {
    for _ in 0..<count { sum &+= try body() }
  }
  precondition(sum > 0)
  return Double(time.components.attoseconds / 1_000_000_000 + time.components.seconds * 1_000_000_000) / Double(count)
}

guard CommandLine.arguments.count == 2, let seconds = Double(CommandLine.arguments[1]) else {
  print("usage: json SECONDS")
  exit(2)
}
guard try pick() == decode() else { fatalError("both must find the same") }
var scans: [Double] = []
var picks: [Double] = []
var decodes: [Double] = []
let start = ContinuousClock.now
repeat {
  scans.append(try measure(5_000) { try JSONDocument(text).root.count })
  picks.append(try measure(5_000) { try pick().event.utf8.count })
  decodes.append(try measure(1_000) { try decode().event.utf8.count })
} while ContinuousClock.now - start < .seconds(seconds)

func median(_ times: [Double]) -> Int { Int(times.sorted()[times.count / 2]) }
print("json.scan \(median(scans)) json.fields \(median(picks)) json.decoder \(median(decodes))")
