/// A few values of one owner at a fixed place: reading and writing one copies nothing else.
///
/// What an `Array` in a hot structure would cost in uniqueness checks, and an `InlineArray` in copies of the whole.
/// Sound because the type is not copyable and every access is checked.
struct UnsafeFixedArray<Element>: ~Copyable {
  private let base: UnsafeMutablePointer<Element>
  let count: Int

  init(repeating element: Element, count: Int) {
    self.init(count: count) { _ in element }
  }

  /// - Parameter element: by index.
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
