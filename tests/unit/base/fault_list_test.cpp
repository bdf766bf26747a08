#include "base/fault_list.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

TEST(FaultList, HasTenAtMost) {
  EXPECT_EQ(listed_faults({"a"}), "a");
  EXPECT_EQ(listed_faults({"a", "b"}), "a; b");
  const std::vector<std::string> ten(10, "x");
  EXPECT_EQ(listed_faults(ten), "x; x; x; x; x; x; x; x; x; x");
  std::vector<std::string> twelve = ten;
  twelve.insert(twelve.end(), {"y", "z"});
  EXPECT_EQ(listed_faults(twelve), "x; x; x; x; x; x; x; x; x; x; and 2 more");
}

}  // namespace
}  // namespace sift
