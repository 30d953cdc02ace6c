import SluiceRecords

/// A receiver of the events that an ``EventScanner`` finds. It tries the rules on them, or counts them.
///
/// Each worker has its own. Arguments are valid only during the call.
protocol EventSink: ~Copyable, SendableMetatype {
  /// The results of the sink when everything has been read.
  associatedtype Findings: Sendable
  var findings: Findings { get }

  /// Notes the file, by number, and the offset of the block of the events that come next.
  ///
  /// - Parameter isInLines: whether each line is an event by itself.
  mutating func begin(file: Int, offset: Int, isInLines: Bool)

  /// Takes the current event. - Returns: the rejection, if the event counts as rejected.
  ///
  /// - Parameter offset: offset of its line in the file, as in ``EventLocation``.
  mutating func consume(_ event: inout EventReader, at offset: Int) -> Rejection?

  /// Takes a record of no known shape. - Returns: the rejection, if the record counts as rejected.
  mutating func consumeUnrecognised(_ record: inout EventReader) -> Rejection?

  /// Ends a line with at least one record. - Parameter hasErrors: whether part of it is not JSON.
  mutating func finishLine(_ line: UnsafeBytes, hasErrors: Bool)

  /// Takes a record that cannot be read.
  mutating func consumeUnreadable()

  /// Takes a record that is not a candidate. It counts as an event without having been parsed.
  mutating func consumeUnparsed(_ record: UnsafeBytes, _ reader: inout EventReader)

  /// Takes the complete lines of a segment. Only their candidates have been parsed.
  ///
  /// - Parameter lines: the lines, each with its newline.
  mutating func finishSegment(_ lines: UnsafeBytes, _ reader: inout EventReader)
}

extension EventSink where Self: ~Copyable {
  mutating func begin(file: Int, offset: Int, isInLines: Bool) {}
  mutating func finishLine(_ line: UnsafeBytes, hasErrors: Bool) {}
  mutating func consumeUnreadable() {}
}

/// The reason why a record does not count as an event.
struct Rejection {
  var reason: Reason
  var message: String
}
