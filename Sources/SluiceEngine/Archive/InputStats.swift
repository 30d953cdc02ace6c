/// The statistics of the input that one worker read and decoded.
struct InputStats {
  var frames = 0
  var framesVerified = 0
  var framesUnverifiable = 0
  var framesCorrupt = 0
  var bytesCompressed = 0
  var bytesDecompressed = 0
  var files = 0
  var forms = CodecStats()

  mutating func add(_ other: InputStats) {
    frames += other.frames
    framesVerified += other.framesVerified
    framesUnverifiable += other.framesUnverifiable
    framesCorrupt += other.framesCorrupt
    bytesCompressed += other.bytesCompressed
    bytesDecompressed += other.bytesDecompressed
    files += other.files
    forms.add(other.forms)
  }
}
