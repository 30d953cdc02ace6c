/// A few values of one owner at a fixed address. Reading or writing one copies nothing else.
///
/// In a hot structure an `Array` would cost uniqueness checks, and an `InlineArray` would cost copies of the whole.
/// This is sound because the type is not copyable and every access is checked.
struct UnsafeFixedArray<Element>: ~Copyable {
  private let base: UnsafeMutablePointer<Element>
  let count: Int

  init(repeating element: Element, count: Int) {
    self.init(count: count) { _ in element }
  }

  /// - Parameter element: returns the value for an index.
  init(count: Int, _ element: (Int) -> Element) {
    base = .allocate(capacity: count)
    for index in 0..<count { (base + index).initialize(to: element(index)) }
    self.count = count
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  @inline(__always)
  subscript(index: Int) -> Element {
    get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      return base[index]
    }
    nonmutating set {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
      base[index] = newValue
    }
  }
}
