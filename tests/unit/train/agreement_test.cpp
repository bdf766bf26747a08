#include "train/agreement.h"

#include <ATen/Functions.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sift/error.h>
#include "support/process_parallel.h"

namespace sift {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(Agreement, NamesWhatDiffersAndWhere) {
  test::run_processes(3, [](Parallel& parallel) {
    const std::string own = parallel.rank() == 0 ? "a" : "b";
    EXPECT_NO_THROW(check_equal({{"the data", "same"}}, parallel));
    try {
      check_equal(
          {{"the configuration", own}, {"the data", parallel.rank() == 2 ? "x" : "y"}, {"the model", "m"}},
          parallel);
      ADD_FAILURE() << "nothing differs";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(),
                  AllOf(HasSubstr("the configuration of rank 1, 2; the data of rank 2 differs from that"),
                        Not(HasSubstr("the model"))));
    }
  });
}

TEST(Agreement, TakesTheValueOfTheMainProcess) {
  test::run_processes(2, [](Parallel& parallel) {
    EXPECT_EQ(of_main(static_cast<double>(parallel.rank()) + 0.1, parallel), 0.1);
  });
  SingleProcess one;
  EXPECT_EQ(of_main(0.7, one), 0.7);
}

TEST(Agreement, CollectsTheRandomStatesOfTheOthers) {
  test::run_processes(3, [](Parallel& parallel) {
    const auto states = rng_states_of_others(at::kCPU, parallel);
    ASSERT_EQ(states.size(), 2U);
    EXPECT_EQ(states[0].name, "cpu.rank1");
    EXPECT_EQ(states[1].name, "cpu.rank2");
  });
  SingleProcess one;
  EXPECT_TRUE(rng_states_of_others(at::kCPU, one).empty());
}

}  // namespace
}  // namespace sift
