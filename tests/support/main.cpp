#include <gtest/gtest.h>

#include <cstdlib>

int main(int argc, char** argv) {
  // tests must neither read nor leave prepared data in the user's own cache
  ::setenv("SIFT_CACHE", "off", /*overwrite=*/1);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
