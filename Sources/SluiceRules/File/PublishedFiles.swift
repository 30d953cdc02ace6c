/// The published rules files, which are built into the program.
let publishedFiles: [(name: String, bytes: [UInt8])] = [
  ("okta-accounts-locked-out.yaml", PackageResources.okta_accounts_locked_out_yaml),
  ("okta-credential-stuffing.yaml", PackageResources.okta_credential_stuffing_yaml),
  ("okta-threatinsight-unknown-users.yaml", PackageResources.okta_threatinsight_unknown_users_yaml),
  (
    "okta-brute-force-device-token-rotation.yaml",
    PackageResources.okta_brute_force_device_token_rotation_yaml
  ),
  ("okta-password-spray.yaml", PackageResources.okta_password_spray_yaml),
  ("okta-multiple-users-failing-from-ip.yaml", PackageResources.okta_multiple_users_failing_from_ip_yaml),
  ("okta-threatinsight-password-spray.yaml", PackageResources.okta_threatinsight_password_spray_yaml),
  ("okta-user-account-locked.yaml", PackageResources.okta_user_account_locked_yaml),
]
