package import Customers

extension Source.Kind {
  /// The adapter that reads what a source of this kind posts to `/hooks/{source}`: one line each.
  package var channel: any Channel {
    switch self {
    case .till: TillChannel()
    }
  }
}
