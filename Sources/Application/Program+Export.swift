import Base
import Customers
import Glibc

extension Program {
  /// Writes the canonical export, and on standard error what it leaves out.
  static func export(_ words: [String]) throws -> Int32 {
    let arguments = try Arguments(words, known: ["data", "out", "without-merge"], switches: ["canonical"])
    guard arguments.has("canonical") else {
      throw Failure(
        .invalid, "--canonical is missing", hint: "a person's export is POST /v1/customers/{customer}/export")
    }
    let inspection = try Inspection(DataDirectory(path: try arguments.required("data")))
    let merge = arguments["without-merge"]
    var skipped: [String] = []
    if let file = arguments["out"] {
      guard Disk.status(file) == nil else { throw Failure(.conflict, "there is a file \(file) already") }
      let (directory, name) = Disk.split(file)
      let prefix = "\(name).partial"
      Leftovers.sweep(prefix, in: directory)
      try Disk.write("\(directory)/\(name)", beside: "\(directory)/\(Leftovers.name(prefix))") { sink in
        skipped = try inspection.export(withoutMerge: merge, to: sink)
      }
    } else {
      skipped = try inspection.export(withoutMerge: merge) { bytes in
        try Disk.write(bytes, to: STDOUT_FILENO, "standard output")
      }
    }
    for (what, reason) in CanonicalExport.leftOut { complain("left out: \(what), \(reason)") }
    for row in skipped { complain("without \(merge ?? ""): \(row)") }
    return success
  }
}
