import Base
import Customers
import HTTP

/// The OpenAPI 3.1 document, made from the routes themselves.
enum OpenAPI {
  static func document(of endpoints: [Endpoint]) -> [UInt8] {
    var writer = JSONWriter(capacity: 64 << 10)
    writer.object { writer in
      writer.field("openapi", "3.1.0")
      writer.key("info")
      writer.object { writer in
        writer.field("title", "Throughline")
        writer.field("version", "1")
        writer.field(
          "description",
          "One memory for a shop with many channels: adapters post events, agents and storefronts read the customer.")
      }
      // In the order of the routes, which is the order to read them in.
      writer.key("tags")
      writer.array { writer in
        var tags: Set<String> = []
        for tag in endpoints.map({ $0.operation.tag }) where tags.insert(tag).inserted {
          writer.object { $0.field("name", tag) }
        }
      }
      writer.key("paths")
      writer.object { writer in
        let paths = Dictionary(grouping: endpoints) { $0.route.pattern }
        for (path, endpoints) in paths.sorted(by: { $0.key < $1.key }) {
          writer.key(path)
          writer.object { writer in
            for endpoint in endpoints { write(endpoint, to: &writer) }
          }
        }
      }
      writer.key("components")
      writer.object { writer in
        writer.key("schemas")
        writer.object { writer in
          for (name, json) in Schemas.all {
            writer.key(name)
            writer.raw(Array(json.utf8))
          }
        }
        writer.key("securitySchemes")
        writer.raw(Array(security.utf8))
      }
    }
    return writer.bytes
  }

  private static let security = """
    {"writeKey": {"type": "http", "scheme": "basic", "description": "The write key as the user, no password."},
     "key": {"type": "http", "scheme": "bearer", "description": "A key of a service or a person."},
     "session": {"type": "apiKey", "in": "cookie", "name": "\(ConsoleCookie.name)", "description": "A session of the console; over TLS the name has __Host- before it."},
     "customer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A customer's token; {customer} is me."},
     "visitor": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A visitor's token; {customer} is me."}}
    """

  private static func write(_ endpoint: Endpoint, to writer: inout JSONWriter) {
    let operation = endpoint.operation
    writer.key(endpoint.route.method.name.lowercased())
    writer.object { writer in
      writer.field("operationId", operation.id)
      writer.key("tags")
      writer.array { $0.value(operation.tag) }
      writer.field("summary", operation.summary)
      if operation.showsCustomers { writer.field("x-shows-customers", true) }
      if !operation.access.roles.isEmpty {
        writer.key("x-roles")
        writer.array { writer in
          for role in Role.allCases where operation.access.roles.contains(role) { writer.value(role.rawValue) }
        }
      }
      writer.key("security")
      writer.array { writer in
        switch operation.access {
        case .anybody: break
        case .source:
          for scheme in ["writeKey", "key"] { writer.object { $0.list(scheme) } }
        case .reader, .searcher, .editor, .agent, .administrator, .storefront, .stockkeeper, .reporter, .merchant:
          for scheme in ["key", "session"] { writer.object { $0.list(scheme) } }
        case .session: writer.object { $0.list("session") }
        case .nobody: break
        }
        for holder in PersonToken.Holder.allCases where operation.holders.contains(holder) {
          writer.object { $0.list(holder.rawValue) }
        }
      }
      if !operation.parameters.isEmpty {
        writer.key("parameters")
        writer.array { writer in
          for parameter in operation.parameters {
            writer.object { writer in
              writer.field("name", parameter.name)
              writer.field("in", parameter.place)
              writer.field("description", parameter.text)
              writer.field("required", parameter.isRequired)
              writer.key("schema")
              writer.raw(Array(parameter.schema.utf8))
            }
          }
        }
      }
      if let body = operation.body { write(body, operation.example, isEvents: operation.tag == "events", to: &writer) }
      writer.key("responses")
      writer.object { writer in
        let isOfCustomer = operation.parameters.contains { $0.place == "path" && $0.name == "customer" }
        let gone = isOfCustomer ? Documentation.problems(410) : []
        for answer in operation.answers + gone {
          write(answer, tellsPlace: operation.isWrite && answer.status < 300, to: &writer)
        }
      }
    }
  }

  private static func write(_ body: String, _ example: String?, isEvents: Bool, to writer: inout JSONWriter) {
    writer.key("requestBody")
    writer.object { writer in
      writer.field("required", true)
      writer.key("content")
      writer.object { writer in
        for mediaType in isEvents ? ["application/json", "text/plain"] : ["application/json"] {
          writer.key(mediaType)
          writer.object { writer in
            reference(body, to: &writer)
            if let example {
              writer.key("example")
              writer.raw(Array(example.utf8))
            }
          }
        }
      }
    }
  }

  private static let place = """
    {"Throughline-Sequence": {"schema": {"type": "integer"}, "description": "The place in the log that holds it: a read \
    with `minSequence` sees it. A preview has none."}}
    """

  private static func write(_ answer: Operation.Answer, tellsPlace: Bool, to writer: inout JSONWriter) {
    writer.key("\(answer.status)")
    writer.object { writer in
      writer.field("description", answer.text)
      if tellsPlace {
        writer.key("headers")
        writer.raw(Array(place.utf8))
      }
      guard answer.status != 304, answer.status != 204 else { return }
      writer.key("content")
      writer.object { writer in
        writer.key(answer.mediaType)
        writer.object { writer in
          if let schema = answer.schema { reference(schema, to: &writer) }
        }
        for mediaType in answer.others {
          writer.key(mediaType)
          writer.object { _ in }
        }
      }
    }
  }

  private static func reference(_ schema: String, to writer: inout JSONWriter) {
    writer.key("schema")
    writer.object { $0.field("$ref", "#/components/schemas/\(schema)") }
  }
}

extension JSONWriter {
  fileprivate mutating func list(_ name: String) {
    key(name)
    array { _ in }
  }
}
