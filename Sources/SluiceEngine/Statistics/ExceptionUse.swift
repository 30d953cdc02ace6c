/// How often an exception was used in a run.
package struct ExceptionUse: Equatable, Sendable {
  /// Number of detections that it suppressed.
  package var hidden: Int
  /// Number of detections that it would cover if it had not expired, whether or not another exception covers them.
  package var expired: Int
}
