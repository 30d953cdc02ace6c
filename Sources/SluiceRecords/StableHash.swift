import CXXHash

/// Returns a hash that is the same on every machine and in every run: XXH3, 128 bits, as 32 hexadecimal digits.
///
/// It is for identifiers, never for tables filled from log content, which are keyed at random.
public func stableHash(_ bytes: [UInt8]) -> String {
  let hash = bytes.withUnsafeBytes { XXH3_128bits($0.baseAddress, $0.count) }
  return [hash.high64, hash.low64].map { half in
    let digits = String(half, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }.joined()
}
