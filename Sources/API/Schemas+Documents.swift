import Customers

extension Schemas {
  /// The schemas of documents, of lists of them and of their versions.
  static let documents: [(name: String, json: String)] = DocumentKind.all.flatMap { kind in
    let name = DocumentDescription.of(kind).schema
    return [
      (name, DocumentDescription.of(kind).json),
      (
        "\(name)List",
        """
        {"type": "object", "required": ["data", "next"], "properties": {
          "data": {"type": "array", "items": {"$ref": "#/components/schemas/\(name)"}}, "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
        """
      ),
      (
        "\(name)Versions",
        """
        {"type": "object", "required": ["data", "next"], "properties": {
          "data": {"type": "array", "items": {"type": "object",
            "required": ["version", "sequence", "at", "author", "document"], "properties": {
              "version": {"type": "integer"}, "sequence": {"type": "integer", "description": "Its place in the log."},
              "at": {"$ref": "#/components/schemas/Time"}, "author": {"type": "string"},
              "document": {"$ref": "#/components/schemas/\(name)"}}}},
          "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."}}}
        """
      ),
    ]
  }
}
