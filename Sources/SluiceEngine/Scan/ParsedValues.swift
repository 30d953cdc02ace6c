import SluiceRecords

extension EventTime {
  /// Parses a time as in a log, see ``EventTime/init(utf8:)``.
  init?(_ text: UnsafeBytes) { self.init(utf8: Span(_unsafeStart: text.base, count: text.count)) }
}

extension IPAddress {
  /// Parses an address as in a log, see ``IPAddress/init(utf8:)``.
  init?(_ text: UnsafeBytes) { self.init(utf8: Span(_unsafeStart: text.base, count: text.count)) }
}
