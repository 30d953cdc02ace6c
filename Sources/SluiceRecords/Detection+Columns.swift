/// What columns of different names say alike; rules of one's own that use these names are understood too.
extension Detection {
  /// The users that its events are about, by bytes; nil for a rule that names none. `unknown`, which stands for an event
  /// without a user, is none.
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

  /// Nil for a rule that counts no users.
  public var userCount: Int? {
    integer(in: ["Esql.unique_users", "distinct_users", "unique_accounts"]) ?? users?.count
  }

  /// Nil for a rule that counts no attempts.
  public var attemptCount: Int? { integer(in: ["Esql.total_attempts"]) }

  /// Users who were attempted and then signed in from the same client IP; nil where that is not known.
  public var compromisedUsers: [LogText]? { triage?.compromisedUsers }

  public var compromisedCount: Int? { compromisedUsers?.count }

  private func integer(in columns: [String]) -> Int? {
    columns.lazy.compactMap { name in
      if case .integer(let count) = self[column: name] { count } else { nil }
    }.first
  }
}
