/// Files of other products, and other files of Okta. None holds a System Log event, so none may look like a clean
/// archive.
///
/// They follow their formats' public descriptions, and each has enough lines to be sampled in several places.
public enum ForeignFiles {
  public struct File: Sendable {
    public var name: String
    public var bytes: [UInt8]
    /// Words that the message about the file must contain; empty if the file is refused by its codec.
    public var looksLike: String

    init(_ name: String, _ text: String, _ looksLike: String = "") {
      self.init(name, bytes: Array(text.utf8), looksLike)
    }

    init(_ name: String, bytes: [UInt8], _ looksLike: String = "") {
      self.name = name
      self.bytes = bytes
      self.looksLike = looksLike
    }

  }

  private static func lines(_ count: Int = 40, _ line: (Int) -> String) -> String {
    (0..<count).map { line($0) + "\n" }.joined()
  }

  public static let all: [File] = json + pages + text + markup + binary

  // MARK: JSON of other products, one record per line

  private static let json: [File] = [
    File(
      "cloudtrail.json",
      lines {
        #"""
        {"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"u\#($0)"},\#
        "eventTime":"2026-01-05T10:00:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin",\#
        "awsRegion":"us-east-1","sourceIPAddress":"192.0.2.\#($0)","eventID":"\#($0)"}
        """#
      }, "eventVersion, userIdentity, eventTime"),
    File(
      "azure-signin.json",
      lines {
        #"""
        {"time":"2026-01-05T10:00:00Z","resourceId":"/tenants/1","operationName":"Sign-in activity",\#
        "category":"SignInLogs","resultType":"50126","callerIpAddress":"192.0.2.\#($0)",\#
        "properties":{"userPrincipalName":"u\#($0)@example.org"}}
        """#
      }, "operationName"),
    File(
      "azure-audit.json",
      lines {
        #"{"time":"2026-01-05T10:00:00Z","category":"AuditLogs","operationName":"Add member to role","identity":"u\#($0)","Level":4}"#
      }, "category"),
    File(
      "gcp-audit.json",
      lines {
        #"""
        {"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog",\#
        "methodName":"SetIamPolicy"},"insertId":"\#($0)","timestamp":"2026-01-05T10:00:00Z",\#
        "severity":"NOTICE"}
        """#
      }, "protoPayload, insertId"),
    File(
      "google-workspace.json",
      lines {
        #"""
        {"kind":"admin#reports#activity","id":{"time":"2026-01-05T10:00:00Z","applicationName":"login"},\#
        "actor":{"email":"u\#($0)@example.org"},"ipAddress":"192.0.2.1","events":[{"type":"login",\#
        "name":"login_failure"}]}
        """#
      }, "kind, id, actor"),
    File(
      "github-audit.json",
      lines {
        #"""
        {"@timestamp":1767607200\#($0),"_document_id":"\#($0)","action":"org.add_member","actor":"octo",\#
        "created_at":1767607200000,"org":"example"}
        """#
      }, "action"),
    File(
      "auth0.json",
      lines {
        #"""
        {"log_id":"\#($0)","data":{"date":"2026-01-05T10:00:00Z","type":"fp",\#
        "description":"Wrong email or password.","ip":"192.0.2.1","user_name":"u\#($0)"}}
        """#
      }, "log_id, data"),
    File(
      "onelogin.json",
      lines {
        #"{"id":\#($0),"event_type_id":6,"actor_user_name":"u\#($0)","ipaddr":"192.0.2.1","created_at":"2026-01-05T10:00:00Z"}"#
      }, "event_type_id"),
    File(
      "duo.json",
      lines {
        #"""
        {"txid":"\#($0)","timestamp":1767607200,"factor":"push","result":"denied",\#
        "reason":"user_marked_fraud","user":{"name":"u\#($0)"}}
        """#
      }, "txid, timestamp"),
    File(
      "crowdstrike.json",
      lines {
        #"""
        {"metadata":{"eventType":"AuthActivityAuditEvent","offset":\#($0)},"event":{"UserId":"u\#($0)",\#
        "OperationName":"userAuthenticate"}}
        """#
      }, "metadata, event"),
    File(
      "suricata-eve.json",
      lines {
        #"{"timestamp":"2026-01-05T10:00:00.000000+0000","flow_id":\#($0),"event_type":"dns","src_ip":"192.0.2.1","dest_ip":"192.0.2.2"}"#
      }, "flow_id"),
    File(
      "zeek-conn.json",
      lines {
        #"{"ts":1767607200.\#($0),"uid":"C\#($0)","id.orig_h":"192.0.2.1","proto":"tcp","service":"ssl"}"#
      },
      "ts, uid"),
    File(
      "kubernetes-audit.json",
      lines {
        #"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"\#($0)","verb":"get","user":{"username":"system"}}"#
      }, "apiVersion"),
    File(
      "elastic-other.json",
      lines {
        #"{"@timestamp":"2026-01-05T10:00:00Z","event":{"action":"logged-in","module":"system"},"host":{"name":"h\#($0)"}}"#
      }, "@timestamp, event, host"),
    File(
      "splunk-hec-other.json",
      lines {
        #"{"time":1767607200,"host":"h","sourcetype":"access_combined","event":"192.0.2.1 - - GET /\#($0)"}"#
      },
      "time, host, sourcetype"),
    File(
      "vector-logs.json",
      lines { #"{"file":"/var/log/app.log","message":"request \#($0) done","source_type":"file"}"# },
      "file, message"),
    File(
      "okta-unknown-wrapper.json",
      lines {
        #"""
        {"ingest":{"seq":\#($0)},"record":{"uuid":"\#($0)","published":"2026-01-05T10:00:00Z",\#
        "eventType":"policy.evaluate","actor":{"id":"a"}}}
        """#
      }, "ingest, record"),
    File(
      "okta-flattened.json",
      lines {
        #"{"eventType":"policy.evaluate","published":"2026-01-05T10:00:00Z","actor.id":"\#($0)","client.ipAddress":"192.0.2.1"}"#
      }, "eventType, published, actor.id"),
    File(
      "okta-users.json",
      lines {
        #"""
        {"id":"00u\#($0)","status":"ACTIVE","created":"2026-01-05T10:00:00Z","lastLogin":null,\#
        "profile":{"login":"u\#($0)@example.org","email":"u\#($0)@example.org"}}
        """#
      }, "id, status, created"),
    File(
      "okta-apps.json",
      lines {
        #"{"id":"0oa\#($0)","name":"saml","label":"App \#($0)","status":"ACTIVE","signOnMode":"SAML_2_0"}"#
      },
      "label"),
    File("empty-objects.json", lines { _ in "{}" }, "an empty object"),
    File("one-empty-object.json", "{}", "an empty object"),
    File("heartbeats.json", lines { #"{"type":"heartbeat","n":\#($0)}"# }, "type, n"),
  ]

  // MARK: JSON over many lines, and arrays

  private static let pages: [File] = [
    File(
      "okta-users-page.json",
      "["
        + (0..<30).map { #"{"id":"00u\#($0)","status":"ACTIVE","profile":{"login":"u\#($0)"}}"# }.joined(
          separator: ",")
        + "]\n", "id, status, profile"),
    File(
      "cloudtrail-records.json",
      #"{"Records":["#
        + (0..<30).map { #"{"eventVersion":"1.08","eventName":"ConsoleLogin","eventID":"\#($0)"}"# }
        .joined(separator: ",") + "]}\n", "Records"),
    File(
      "terraform-state.json",
      "{\n  \"version\": 4,\n  \"terraform_version\": \"1.9.0\",\n  \"resources\": [\n    {\n      \"mode\": \"managed\"\n    }\n  ]\n}\n",
      "version, terraform_version"),
    File("scalars.json", lines { "[\($0), true, \"a\"]" }, "an array"),
  ]

  // MARK: Text

  private static let text: [File] = [
    File(
      "sshd.log",
      lines {
        "Jan  5 10:00:\(10 + $0 % 50) web1 sshd[\($0)]: Failed password for root from 192.0.2.1 port 22 ssh2"
      }, "syslog"),
    File(
      "rfc5424.log", lines { "<38>1 2026-01-05T10:00:00Z web1 sshd \($0) - - Failed password for root" },
      "syslog"),
    File(
      "access.log", lines { "192.0.2.1 - - [05/Jan/2026:10:00:00 +0000] \"GET /\($0) HTTP/1.1\" 200 12" },
      "text"),
    File(
      "leef.log", lines { "LEEF:2.0|Vendor|Product|1.0|Login|cat=\($0)\tsrc=192.0.2.1\tusrName=u" }, "LEEF"),
    File(
      "cef.log", lines { "CEF:0|Vendor|Product|1.0|100|Login failed|5|src=192.0.2.1 suser=u\($0)" }, "CEF"),
    File("users.csv", "id,name,email\n" + lines { "\($0),User \($0),u\($0)@example.org" }, "CSV"),
    File(
      "okta-system-log.csv",
      "timestamp,event_type,actor.alternate_id,client.ip_address,outcome.result\n"
        + lines { "2026-01-05T10:00:00Z,policy.evaluate,u\($0)@example.org,192.0.2.1,ALLOW" }, "CSV"),
    File("table.tsv", "id\tname\temail\n" + lines { "\($0)\tUser\tu@example.org" }, "tab-separated"),
    File(
      "mysql-dump.sql",
      "-- MySQL dump 10.13\n" + lines { "INSERT INTO `users` VALUES (\($0),'u\($0)','u@example.org');" },
      "MySQL dump"),
    File("parquet-listing.txt", lines { "s3://bucket/okta/dt=20260105/part-\($0).parquet" }, "parquet"),
    File("windows-events.txt", lines { "4625 An account failed to log on. Account Name: u\($0)" }, "text"),
  ]

  // MARK: Markup

  private static let markup: [File] = [
    File(
      "error.html",
      "<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>\n<body><h1>503</h1></body></html>\n",
      "HTML"),
    File("s3-error.xml", "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>\n", "XML"),
    File(
      "windows-events.xml",
      lines { "<Event><System><EventID>4625</EventID><Record>\($0)</Record></System></Event>" }, "XML"),
  ]

  // MARK: Bytes that are no text

  private static let binary: [File] = {
    var rng = SplitMix64(seed: 40)
    let encrypted = (0..<20_000).map { _ in UInt8.random(in: .min ... .max, using: &rng) }
    // The first byte identifies no format.
    return [
      File("encrypted.bin", bytes: [0x01] + encrypted),
      File("parquet.bin", bytes: Array("PAR1".utf8) + encrypted),
      File("zip.bin", bytes: [0x50, 0x4B, 0x03, 0x04] + encrypted),
    ]
  }()
}
