/// The statistics of the input that one worker read and decoded.
package struct InputStats {
  package var frames = 0
  package var framesVerified = 0
  package var framesUnverifiable = 0
  package var framesCorrupt = 0
  var bytesCompressed = 0
  package var bytesDecompressed = 0
  var files = 0
  package var forms = CodecStats()

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
