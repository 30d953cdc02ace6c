/// Returns a unique name for an unfinished file.
///
/// The name is random. A process id could be the same in two containers that share a directory.
package func temporaryName(_ ending: String) -> String {
  "sluice-\(String(UInt64.random(in: 0 ... .max), radix: 16)).\(ending)"
}
