#include "parallel/launch/child_environment.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

LaunchOptions two_of_four() {
  LaunchOptions options;
  options.nproc_per_node = 2;
  options.nnodes = 2;
  options.node_rank = 1;
  options.master_addr = "head";
  return options;
}

TEST(ChildEnvironment, HasTheVariablesOfTorchrun) {
  const VariableMap variables =
      child_environment({{"PATH", "/bin"}, {"RANK", "9"}}, two_of_four(), 1, 29500, 5, "e");
  const VariableMap expected = {{"PATH", "/bin"},
                                {"RANK", "3"},
                                {"WORLD_SIZE", "4"},
                                {"LOCAL_RANK", "1"},
                                {"LOCAL_WORLD_SIZE", "2"},
                                {"MASTER_ADDR", "head"},
                                {"MASTER_PORT", "29500"},
                                {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                {"TORCHELASTIC_ERROR_FILE", "e"},
                                {"SIFT_LAUNCH", "1"},
                                {"OMP_NUM_THREADS", "2"}};
  EXPECT_EQ(variables, expected);
}

TEST(ChildEnvironment, SharesTheCores) {
  const auto threads = [](std::int64_t num_cores, const VariableMap& inherited) {
    return child_environment(inherited, two_of_four(), 0, 1, num_cores, "").at("OMP_NUM_THREADS");
  };
  EXPECT_EQ(threads(8, {}), "4");
  EXPECT_EQ(threads(1, {}), "1");
  EXPECT_EQ(threads(8, {{"OMP_NUM_THREADS", "3"}}), "3");
  EXPECT_GE(num_usable_cores(), 1);
}

TEST(ChildEnvironment, OfOneMachineIsLocal) {
  LaunchOptions options;
  options.nproc_per_node = 2;
  options.log_all_ranks = true;
  const VariableMap variables = child_environment({}, options, 0, 1234, 2, "");
  EXPECT_EQ(variables.at("MASTER_ADDR"), "127.0.0.1");
  EXPECT_EQ(variables.at("MASTER_PORT"), "1234");
  EXPECT_EQ(variables.at("SIFT_LOG_ALL_RANKS"), "1");
}

}  // namespace
}  // namespace sift
