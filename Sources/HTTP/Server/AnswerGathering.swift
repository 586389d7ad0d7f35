import Glibc

/// The answers that one thread gives together, so that each loop is woken once for many of them.
///
/// It is for whoever answers several requests at a time, such as all that wait for one commit: else a loop that sleeps
/// is woken by the first answer, writes that one, and sleeps again until the next is ready.
public final class AnswerGathering {
  /// A loop begins to write when so many wait for it, though more are to come.
  static let mostLetters = 64

  // It is protected by nobody's ever changing it.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let code = pthread_key_create(&key, nil)
    precondition(code == 0, "the process has no room for another thread's own value")
    return key
  }()

  /// The one within which the calling thread runs.
  static var current: AnswerGathering? {
    pthread_getspecific(key).map { Unmanaged<AnswerGathering>.fromOpaque($0).takeUnretainedValue() }
  }

  private var waiting: [(loop: Loop, letters: [Mail])] = []

  private init() {}

  /// Runs `work`; what it answers on this thread goes to the loops when it is done, or when much of it waits.
  public static func gather(_ work: () -> Void) {
    guard current == nil else { return work() }
    let gathering = AnswerGathering()
    pthread_setspecific(key, Unmanaged.passUnretained(gathering).toOpaque())
    withExtendedLifetime(gathering) { work() }
    pthread_setspecific(key, nil)
    for (loop, letters) in gathering.waiting { loop.handOver(letters) }
  }

  func add(_ letters: some Sequence<Mail>, to loop: Loop) {
    let index = waiting.firstIndex { $0.loop === loop } ?? waiting.count
    if index == waiting.count { waiting.append((loop, [])) }
    waiting[index].letters.append(contentsOf: letters)
    guard waiting[index].letters.count >= Self.mostLetters else { return }
    loop.handOver(waiting[index].letters)
    waiting[index].letters.removeAll(keepingCapacity: true)
  }
}
