import Foundation
import SluiceRecords

/// Parses an IP address with the system's `inet_pton`; nil unless the text is exactly one address.
///
/// It rejects `null`, `unknown`, a scope (`%eth0`) and surrounding spaces. It is package for the tests.
package func referenceAddress(_ text: LogText) -> IPAddress? {
  // Systems differ in which other characters `inet_pton` accepts.
  guard text.bytes.allSatisfy({ "0123456789abcdefABCDEF:.".utf8.contains($0) }) else { return nil }
  let string = text.description
  var v4 = in_addr()
  if inet_pton(AF_INET, string, &v4) == 1 { return IPAddress(v4: UInt32(bigEndian: v4.s_addr)) }
  var v6 = in6_addr()
  guard inet_pton(AF_INET6, string, &v6) == 1 else { return nil }
  let bytes = withUnsafeBytes(of: &v6) { Array($0) }
  func number(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
  // An IPv4-mapped address has the same 16 bytes as the IPv4 address, so it needs no conversion.
  return IPAddress(high: number(bytes[..<8]), low: number(bytes[8...]))
}
