/// Columns with different names but the same meaning. A user's rules that use these names are understood too.
extension Detection {
  /// The users that the events are about, sorted by bytes; nil for a rule that names none.
  ///
  /// The list omits `unknown`, which represents an event without a user.
  public var users: [LogText]? {
    let values: [Value]? = ["Esql.target_users", "user", "okta.actor.alternate_id"].lazy.compactMap { name in
      switch self[column: name] {
      case .list(let values): values
      case .text(let user): [.text(user)]
      default: nil
      }
    }.first
    return values?.compactMap { if case .text(let user) = $0, user != "unknown" { user } else { nil } }
  }

  /// The number of users; nil for a rule that does not count users.
  public var userCount: Int? {
    integer(in: ["Esql.unique_users", "distinct_users", "unique_accounts"]) ?? users?.count
  }

  /// The number of attempts; nil for a rule that does not count attempts.
  public var attemptCount: Int? { integer(in: ["Esql.total_attempts"]) }

  /// Users who were attempted and then signed in from the same client IP; nil if that is unknown.
  public var compromisedUsers: [LogText]? { triage?.compromisedUsers }

  public var compromisedCount: Int? { compromisedUsers?.count }

  private func integer(in columns: [String]) -> Int? {
    columns.lazy.compactMap { name in
      if case .integer(let count) = self[column: name] { count } else { nil }
    }.first
  }
}
