import CKernels

/// The instruction set of the kernels in C (see `kernels.h`), chosen at run time; each gives the same answer.
///
/// In order of preference: AVX2 comes before AVX-512, which was 0 to 3 % slower on Zen 4 (`Benchmarks`).
enum Kernel: String, CaseIterable, Sendable {
  case avx2, avx512, portable

  var isSupported: Bool {
    switch self {
    case .avx512: sluice_has_avx512() != 0
    case .avx2: sluice_has_avx2() != 0
    case .portable: true
    }
  }

  static let best = allCases.first(where: \.isSupported) ?? .portable
}
