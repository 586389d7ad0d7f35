import Glibc

/// Python as a judge: it has its own readers of what we read.
package enum Python {
  /// Why a script has no result.
  package struct Failure: Error {
    /// What went wrong, for the one who runs the tests.
    package let reason: String
  }

  /// The interpreter that has the tools of `Scripts/packages`, in `.build/venv`.
  package static let withTools: String = {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return "/\(root)/.build/venv/bin/python"
  }()

  /// Runs `python -c script` with `input` and gives what it prints.
  ///
  /// Files stand between, so that neither waits for the other.
  ///
  /// - Throws: `Failure` where the script cannot be run or fails.
  package static func run(
    _ script: String, input: [UInt8] = [], arguments: [String] = [], interpreter: String = "python3"
  ) throws -> [UInt8] {
    let (inputFile, outputFile) = (try temporaryFile(), try temporaryFile())
    defer {
      close(inputFile)
      close(outputFile)
    }
    guard input.withUnsafeBytes({ write(inputFile, $0.baseAddress, $0.count) }) == input.count,
      lseek(inputFile, 0, SEEK_SET) == 0
    else { throw Failure(reason: "no room for a temporary file") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, inputFile, 0)
    posix_spawn_file_actions_adddup2(&actions, outputFile, 1)
    // Without variables: none of them may change how Python reads or writes.
    let words = ([interpreter, "-I", "-c", script] + arguments).map { (argument: String) in strdup(argument) }
    defer { words.forEach { free($0) } }
    var process: pid_t = 0
    guard posix_spawnp(&process, interpreter, &actions, nil, words + [nil], [nil]) == 0 else {
      throw Failure(reason: "\(interpreter) is needed to judge us: Scripts/packages test")
    }
    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process, status == 0 else { throw Failure(reason: "the script failed") }
    var output = [UInt8](repeating: 0, count: Int(lseek(outputFile, 0, SEEK_END)))
    guard output.withUnsafeMutableBytes({ pread(outputFile, $0.baseAddress, $0.count, 0) }) == output.count else {
      throw Failure(reason: "the script's output cannot be read")
    }
    return output
  }

  private static func temporaryFile() throws -> Int32 {
    var name = Array("/tmp/throughline-python-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw Failure(reason: "no temporary file") }
    unlink(name)
    return descriptor
  }
}
