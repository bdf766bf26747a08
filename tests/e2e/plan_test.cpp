#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

using Json = nlohmann::json;
using test::SmallRun;
using testing::HasSubstr;

Json planned(const SmallRun& run, std::vector<std::string> arguments,
             const std::vector<std::string>& sets = {}) {
  arguments.insert(arguments.begin(), {"plan", run.write_config(), "--json"});
  const auto result = test::sift(test::with_settings(arguments, sets));
  EXPECT_EQ(result.status, 0) << result.err;
  return Json::parse(result.out);
}

TEST(Plan, ShowsMemoryAndTraffic) {
  const SmallRun run;
  const auto result =
      test::sift({"plan", run.write_config(), "--world-size", "2", "4096", "--tokens-per-second", "1000"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("LlamaForCausalLM in "));
  EXPECT_THAT(result.out, HasSubstr("trained with adamw_torch_fused"));
  EXPECT_THAT(result.out,
              HasSubstr("an update of a process: 2 rows of 128 tokens in 1 pass of at most 256 tokens"));
  EXPECT_THAT(result.out, HasSubstr("memory of a process in GiB, replicas; activations are an estimate:"));
  EXPECT_THAT(result.out, HasSubstr("\n     4096 "));
  EXPECT_FALSE(std::filesystem::exists(run.output_dir())) << "a plan must leave nothing behind";
}

// Only config.json is needed.
TEST(Plan, NeedsNoWeightsAndNoData) {
  const SmallRun run;
  const auto model = run.folder() / "model";
  std::filesystem::create_directories(model);
  std::filesystem::copy(SmallRun::model_folder() / "config.json", model);
  const Json plan = planned(run, {}, {"model.path=" + model.string(), "data.train=none.jsonl"});
  const Json of_folder = planned(run, {});
  EXPECT_EQ(plan.at("world_sizes"), of_folder.at("world_sizes"));
  EXPECT_EQ(plan.at("world_sizes")[0].at("world_size"), 1);
  EXPECT_EQ(plan.at("world_sizes")[0].at("sent").at("bytes"), 0);
}

TEST(Plan, CountsWhatAnUpdateDoes) {
  const SmallRun run;
  const Json plan =
      planned(run, {"--tokens-per-row", "100", "--tokens-per-second", "500", "--world-size", "4"},
              {"train.per_device_train_batch_size=6", "train.gradient_accumulation_steps=2",
               "train.max_tokens_per_pass=250", "parallel.strategy=shard_parameters"});
  EXPECT_EQ(plan.at("rows"), 12);
  EXPECT_EQ(plan.at("passes"), 6);
  EXPECT_EQ(plan.at("tokens_per_pass"), 200);
  EXPECT_DOUBLE_EQ(plan.at("world_sizes")[0].at("seconds").at("compute").get<double>(), 2.4);
  const Json once = planned(run, {"--world-size", "4"}, {"parallel.strategy=shard_parameters"});
  EXPECT_GT(plan.at("world_sizes")[0].at("sent").at("bytes"),
            once.at("world_sizes")[0].at("sent").at("bytes"));
}

TEST(Plan, SaysWhatFits) {
  const SmallRun run;
  const std::vector<std::string> sets = {"train.per_device_train_batch_size=1", "data.max_length=1"};
  const Json memory = planned(run, {"--world-size", "64"}, sets).at("world_sizes")[0].at("memory");
  const Json shards =
      planned(run, {"--world-size", "64"}, {sets[0], sets[1], "parallel.strategy=shard_optimizer"})
          .at("world_sizes")[0]
          .at("memory");
  const double between = (memory.at("sum").get<double>() + shards.at("sum").get<double>()) / 2 / (1 << 30);
  const Json limited = planned(run, {"--world-size", "64", "--memory-gib", fmt::format("{}", between)}, sets);
  EXPECT_EQ(limited.at("world_sizes")[0].at("fits"), false);
  EXPECT_EQ(limited.at("world_sizes")[0].at("fitting_strategies")[0], "shard_optimizer");
  const auto text = test::sift(test::with_settings(
      {"plan", run.write_config(), "--world-size", "64", "--memory-gib", fmt::format("{}", between)}, sets));
  EXPECT_THAT(text.out, HasSubstr("does not fit; shard_optimizer"));
  EXPECT_EQ(planned(run, {"--memory-gib", "80"}).at("world_sizes")[0].at("fits"), true);
}

TEST(Plan, BadCallsAreErrors) {
  const SmallRun run;
  const std::string config = run.write_config();
  const auto fault = [&](std::vector<std::string> arguments, int status) {
    arguments.insert(arguments.begin(), {"plan", config});
    const auto result = test::sift(arguments);
    EXPECT_EQ(result.status, status) << result.out;
    return result.err;
  };
  EXPECT_EQ(fault({"--world-size", "0"}, 2), "sift: --world-size must be from 1 to 65536, found 0\n");
  EXPECT_EQ(fault({"--memory-gib", "0"}, 2), "sift: --memory-gib must be above 0\n");
  EXPECT_THAT(fault({"--set", "data.max_length=0"}, 2), HasSubstr("sift plan needs --tokens-per-row"));
  EXPECT_THAT(
      fault({"--world-size", "4", "--set", "train.optim=muon", "--set", "parallel.strategy=shard_optimizer"},
            1),
      HasSubstr("the optimizer muon in [train] needs whole ones"));
  EXPECT_THAT(fault({"--set", "model.path=none"}, 1), HasSubstr("none"));
}

}  // namespace
}  // namespace sift
