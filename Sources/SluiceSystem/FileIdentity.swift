import Glibc

/// The device and inode, which are equal for two paths to the same file.
package struct FileIdentity: Hashable, Sendable {
  private var device: dev_t
  private var inode: ino_t

  package init(_ status: stat) { (device, inode) = (status.st_dev, status.st_ino) }
}
