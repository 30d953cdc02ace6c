/// What one worker read and decoded.
struct ArchiveFigures {
  var frames = 0
  var framesVerified = 0
  var framesUnverifiable = 0
  var framesCorrupt = 0
  var bytesCompressed = 0
  var bytesDecompressed = 0
  var files = 0
  var forms = FrameForms()

  mutating func add(_ other: ArchiveFigures) {
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
