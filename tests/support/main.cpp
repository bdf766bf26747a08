#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace {

/// Every test sees the same random numbers, whichever tests run before it: the generator of LibTorch is
/// seeded by the machine otherwise.
class SeedEachTest : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& /*test*/) override { at::manual_seed(20); }
};

}  // namespace

int main(int argc, char** argv) {
  // tests must neither read nor leave prepared data in the user's own cache
  ::setenv("SIFT_CACHE", "off", /*overwrite=*/1);
  // as ctest runs them: how many bytes an operator needs depends on its threads
  at::set_num_threads(1);
  testing::InitGoogleTest(&argc, argv);
  testing::UnitTest::GetInstance()->listeners().Append(new SeedEachTest);
  return RUN_ALL_TESTS();
}
