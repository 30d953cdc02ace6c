/// A kind of event: the fields that depend only on the kind.
struct EventKind: Sendable {
  enum Subject: Sendable { case user, system, address }
  enum Targets: Sendable {
    case none, application, applicationUser, user, userAndGroup, userAndApplication, policy, authenticator
  }
  /// The part of the debug data that suits the kind.
  enum Flavor: UInt32, Sendable {
    case signIn = 0b0_0111_0011_0001_1111
    case token = 0b1_1000_0100_1110_0011
    case admin = 0b0_0000_1000_0000_0001
    case threat = 0b0_0010_0010_0000_1101
  }

  /// The frequency among a thousand background events.
  var share: Int
  var type: String
  var message: String
  var legacy: String?
  var result: String
  var reason: String?
  var severity = "INFO"
  var subject = Subject.user
  var targets: Targets
  var uri: String
  var flavor: Flavor
}

extension EventKind {
  /// Failed sign-ins and locks, which the rules read. `World` finds these kinds by their indices.
  static let invalidCredentials = 0
  static let lockedOut = 1
  static let accountLock = 2
  static let threat = 3
  static let directoryFailure = 4
  static let signIn = 5

  static let all: [EventKind] = watched + ordinary

  private static let watched: [EventKind] = [
    EventKind(
      share: 24, type: "user.session.start", message: "User login to Okta",
      legacy: "core.user_auth.login_failed",
      result: "FAILURE", reason: "INVALID_CREDENTIALS", severity: "WARN", targets: .none,
      uri: "/api/v1/authn", flavor: .signIn),
    EventKind(
      share: 5, type: "user.session.start", message: "User login to Okta",
      legacy: "core.user_auth.login_failed",
      result: "FAILURE", reason: "LOCKED_OUT", severity: "WARN", targets: .none, uri: "/idp/idx/identify",
      flavor: .signIn),
    EventKind(
      share: 2, type: "user.account.lock", message: "Max sign in attempts exceeded",
      legacy: "core.user_auth.account_locked", result: "FAILURE", reason: "LOCKED_OUT", severity: "DEBUG",
      targets: .none, uri: "/api/v1/authn", flavor: .signIn),
    EventKind(
      share: 4, type: "security.threat.detected", message: "Request from suspicious actor",
      legacy: nil, result: "DENY", reason: "Password Spray", severity: "WARN", subject: .address,
      targets: .none,
      uri: "/api/v1/authn", flavor: .threat),
    EventKind(
      share: 5, type: "user.authentication.auth_via_AD_agent", message: "Authenticate user with AD agent",
      legacy: "core.user_auth.ad_auth", result: "FAILURE", reason: "INVALID_CREDENTIALS", severity: "WARN",
      targets: .application, uri: "/api/v1/authn", flavor: .signIn),
    EventKind(
      share: 145, type: "user.session.start", message: "User login to Okta",
      legacy: "core.user_auth.login_success",
      result: "SUCCESS", targets: .authenticator, uri: "/idp/idx/challenge/answer", flavor: .signIn),
  ]

  private static let ordinary: [EventKind] = [
    ordinary(
      255, "user.authentication.sso", "User single sign on to app", "app.auth.sso", .applicationUser,
      "/app/office365/exk1fcia6d6EMsf331d8/sso/wsfed/passive", .signIn),
    EventKind(
      share: 175, type: "policy.evaluate_sign_on", message: "Evaluation of sign-on policy", legacy: nil,
      result: "ALLOW", reason: "Sign-on policy evaluation resulted in AUTHENTICATED", targets: .policy,
      uri: "/idp/idx/authenticators/poll", flavor: .token),
    ordinary(
      110, "user.authentication.auth_via_mfa", "Authentication of user via MFA",
      "core.user.factor.attempt_success",
      .authenticator, "/idp/idx/challenge/answer", .signIn),
    ordinary(
      40, "user.authentication.verify", "Verify user identity", nil, .application, "/idp/idx/identify",
      .signIn),
    ordinary(
      35, "system.push.send_factor_verify_push", "Send Okta Verify push notification",
      "core.user.factor.push_verify", .user, "/api/v1/authn/factors/push/verify", .signIn),
    ordinary(
      50, "app.oauth2.token.grant.access_token", "OAuth2 access token is granted",
      "app.oauth2.as.token.grant.access_token_success", .userAndApplication, "/oauth2/v1/token", .token),
    ordinary(
      22, "user.session.end", "User logout from Okta", "core.user_auth.logout_success", .user,
      "/login/signout", .signIn),
    ordinary(
      28, "application.user_membership.add", "Add user to application membership",
      "app.generic.provision.assign",
      .userAndApplication, "/api/v1/apps/users", .admin),
    ordinary(
      10, "application.user_membership.remove", "Remove user's application membership",
      "app.generic.provision.deassign", .userAndApplication, "/api/v1/apps/users", .admin),
    ordinary(
      20, "group.user_membership.add", "Add user to group membership", "core.user_group_member.user_add",
      .userAndGroup, "/api/v1/groups/users", .admin),
    ordinary(
      8, "user.lifecycle.create", "Create Okta user", "core.user.config.user_creation.success", .user,
      "/api/v1/users", .admin),
    ordinary(
      6, "user.lifecycle.activate", "Activate Okta user", "core.user.config.user_activated", .user,
      "/api/v1/users/lifecycle/activate", .admin),
    ordinary(
      4, "user.lifecycle.deactivate", "Deactivate Okta user", "core.user.config.user_deactivated", .user,
      "/api/v1/users/lifecycle/deactivate", .admin),
    ordinary(
      8, "user.account.update_password", "User update password for Okta",
      "core.user.config.password_update.success", .user, "/user/settings/password", .admin),
    ordinary(
      8, "user.account.update_profile", "Update user profile for Okta", "core.user.config.profile_update",
      .user,
      "/api/v1/users/me", .admin),
    ordinary(
      6, "user.mfa.factor.activate", "Activate factor or authenticator enrollment method for user",
      "core.user.factor.activate", .authenticator, "/idp/idx/credential/enroll", .signIn),
    ordinary(
      5, "user.session.access_admin_app", "User accessing Okta administrator app",
      "app.admin.sso.login.success", .application, "/admin/sso/callback", .token),
    EventKind(
      share: 7, type: "user.session.start", message: "User login to Okta",
      legacy: "core.user_auth.login_failed",
      result: "FAILURE", reason: "VERIFICATION_ERROR", targets: .none, uri: "/api/v1/authn", flavor: .signIn),
    ordinary(
      3, "policy.rule.update", "Update policy rule", "policy.rule.updated", .policy,
      "/api/v1/policies/rules", .admin),
    EventKind(
      share: 9, type: "system.import.user.update", message: "Import user update", legacy: nil,
      result: "SUCCESS",
      subject: .system, targets: .userAndApplication, uri: "/api/internal/import", flavor: .admin),
    EventKind(
      share: 6, type: "app.user_management.push_profile_success",
      message: "Push user's profile to external application",
      legacy: "app.user_management.push_profile_success", result: "SUCCESS", subject: .system,
      targets: .userAndApplication, uri: "/api/internal/push", flavor: .admin),
  ]

  private static func ordinary(
    _ share: Int, _ type: String, _ message: String, _ legacy: String?, _ targets: Targets, _ uri: String,
    _ flavor: Flavor
  ) -> EventKind {
    EventKind(
      share: share, type: type, message: message, legacy: legacy, result: "SUCCESS", reason: nil,
      targets: targets, uri: uri, flavor: flavor)
  }
}
