/// What becomes of the events that an ``EventScanner`` finds: the rules are tried on them, or they are counted.
///
/// One for each worker, never shared. What it is given lasts for the call.
protocol EventSink: ~Copyable, SendableMetatype {
  /// What is left when there is nothing more to read.
  associatedtype Findings: Sendable
  var findings: Findings { get }

  /// Says where what comes next lies: in which file, by number, and from which of its blocks on.
  ///
  /// - Parameter isInLines: whether each line is an event by itself.
  mutating func begin(file: Int, offset: Int, isInLines: Bool)

  /// Takes the event in hand. - Returns: why it counts as rejected, if it does.
  ///
  /// - Parameter offset: where its line lies in the file, as ``EventLocation`` says.
  mutating func consume(_ event: inout EventReader, at offset: Int) -> Rejection?

  /// Takes a record of no known shape. - Returns: why it counts as rejected, if it does.
  mutating func consumeUnrecognised(_ record: inout EventReader) -> Rejection?

  /// Ends a line with at least one record. - Parameter isFaulty: whether some of it is not JSON.
  mutating func finishLine(_ line: UnsafeBytes, isFaulty: Bool)

  /// Takes a record that cannot be read.
  mutating func consumeUnreadable()

  /// Takes a record that is no candidate, which counts as an event without having been read.
  mutating func consumeUnparsed(_ record: UnsafeBytes, _ reader: inout EventReader)

  /// Takes the lines of a run that lie in it as a whole, of which only the candidates have been read.
  ///
  /// - Parameter lines: each with its newline.
  mutating func finishSegment(_ lines: UnsafeBytes, _ reader: inout EventReader)
}

extension EventSink where Self: ~Copyable {
  mutating func begin(file: Int, offset: Int, isInLines: Bool) {}
  mutating func finishLine(_ line: UnsafeBytes, isFaulty: Bool) {}
  mutating func consumeUnreadable() {}
}

/// Why an event is not counted as one.
struct Rejection {
  var reason: String
  var message: String
}
