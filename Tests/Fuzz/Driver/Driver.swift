import Glibc

/// The target that libFuzzer runs; the environment variable `FUZZ_TARGET` names it.
private let target: FuzzTarget = {
  let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget(rawValue: name) else {
    fatalError("FUZZ_TARGET must be one of: \(FuzzTarget.allCases.map(\.rawValue).joined(separator: " "))")
  }
  return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  do throws(Finding) {
    try target.run(Array(UnsafeBufferPointer(start: data, count: count)))
  } catch {
    fatalError("\(error)")
  }
  return 0
}

@_silgen_name("LLVMFuzzerMutate")
private func mutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ countMax: Int) -> Int

/// Mutates an input as libFuzzer does by default. For file targets it then usually corrects the checksums, because a
/// random mutation never produces correct ones.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutateInput(
  _ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ countMax: Int, _ seed: CUnsignedInt
) -> Int {
  let count = mutate(data, count, countMax)
  if target == .frame || target == .archive, seed % 8 != 0 {
    var bytes = Array(UnsafeBufferPointer(start: data, count: count))
    mendChecksums(of: &bytes)
    data.update(from: bytes, count: count)
  }
  return count
}
