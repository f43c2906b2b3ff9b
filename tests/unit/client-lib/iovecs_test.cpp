#include "client-lib/iovecs.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace sspi {
namespace {

class Iovecs : public testing::Test {
 protected:
  iovec part(std::size_t at, std::size_t length) { return {text_.data() + at, length}; }

  static std::string joined(std::span<const iovec> parts) {
    std::string all;
    for (const iovec& part : parts) all.append(static_cast<const char*>(part.iov_base), part.iov_len);
    return all;
  }

  std::string text_ = "abcdefghij";
};

TEST_F(Iovecs, drop_every_number_of_bytes) {
  for (std::size_t count = 0; count <= text_.size(); ++count) {
    std::array parts{part(0, 3), part(3, 0), part(3, 1), part(4, 6), part(10, 0)};
    const auto rest = drop_front(parts, count);
    EXPECT_EQ(joined(rest), text_.substr(count));
    EXPECT_EQ(total(rest), text_.size() - count);
  }
}

TEST_F(Iovecs, keep_every_number_of_bytes) {
  for (std::size_t count = 0; count <= text_.size(); ++count) {
    std::array parts{part(0, 3), part(3, 0), part(3, 1), part(4, 6)};
    EXPECT_EQ(joined(keep_front(parts, count)), text_.substr(0, count));
  }
}

TEST_F(Iovecs, drop_nothing_from_nothing) {
  EXPECT_TRUE(drop_front({}, 0).empty());
  EXPECT_TRUE(keep_front({}, 3).empty());
}

}  // namespace
}  // namespace sspi
