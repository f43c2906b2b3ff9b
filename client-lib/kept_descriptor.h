// A descriptor that the library keeps between calls. The program may close it behind our back, as programs do that
// become daemons, and use its number for something of its own, which is then not ours to touch.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include "proto/descriptor.h"

namespace sspi {

class KeptDescriptor {
 public:
  KeptDescriptor() = default;
  explicit KeptDescriptor(sspid::proto::Descriptor descriptor) : descriptor_(std::move(descriptor)) {
    struct stat status {};
    if (fstat(descriptor_.get(), &status) != 0) return;
    device_ = status.st_dev;
    inode_ = status.st_ino;
  }
  KeptDescriptor(KeptDescriptor&&) noexcept = default;
  KeptDescriptor& operator=(KeptDescriptor&& other) noexcept {
    if (this == &other) return *this;
    let_go();
    descriptor_ = std::move(other.descriptor_);
    device_ = other.device_;
    inode_ = other.inode_;
    return *this;
  }
  KeptDescriptor(const KeptDescriptor&) = delete;
  KeptDescriptor& operator=(const KeptDescriptor&) = delete;
  ~KeptDescriptor() { let_go(); }

  [[nodiscard]] int get() const { return descriptor_.get(); }

  /// Whether the number still means what it did. One system call.
  [[nodiscard]] bool is_ours() const {
    struct stat status {};
    return descriptor_ && fstat(descriptor_.get(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
  }

 private:
  void let_go() {
    if (descriptor_ && !is_ours()) (void)descriptor_.release();
  }

  sspid::proto::Descriptor descriptor_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace sspi
