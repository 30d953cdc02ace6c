/// A name for a file that is not finished, which no other process gives: by chance, not by the process's number, which may be the
/// same in two containers that share a directory.
public func temporaryName(_ ending: String) -> String {
  "sluice-\(String(UInt64.random(in: 0 ... .max), radix: 16)).\(ending)"
}
