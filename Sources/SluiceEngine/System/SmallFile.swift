import Glibc

/// Returns the first bytes of a file as text, such as the system's files under `/proc` and `/sys`; nil if it cannot
/// be read.
func smallFile(_ path: String, bytesMax: Int) -> String? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: bytesMax)
  let count = fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes[..<count], as: UTF8.self)
}
