// A collection of ticket caches in a directory (DIR), as libkrb5 keeps it: files whose names begin with "tkt", and a
// file "primary" with the name of the one that counts. Read only: libkrb5 makes directory and "primary" where they are
// missing, this does not.
#pragma once

#include <optional>
#include <string>

#include "client-lib/principal.h"
#include "proto/descriptor.h"

namespace sspi {

struct CacheFile {
  std::string path;
  sspid::proto::Descriptor file;
  int error = 0;  ///< an errno: why there is no file
};

/// What follows "DIR:": the directory of a collection, or ':' and the path of one cache in it. Of a collection it is
/// the cache that belongs to `wanted`; where nobody is wanted, or nobody has it, the primary one.
[[nodiscard]] CacheFile open_in_cache_directory(const std::string& residual, const std::optional<Principal>& wanted);

/// Opens what may be a ticket cache to read. A name that leads to a FIFO or a device hangs nobody.
[[nodiscard]] sspid::proto::Descriptor open_cache_file(int directory, const char* path, int& error);

}  // namespace sspi
