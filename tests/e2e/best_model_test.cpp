#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::SmallRun;
using test::weights_of;
using testing::HasSubstr;

/// A run whose best step is an early one: it learns steadily, and the largest loss is asked for.
std::vector<std::string> train_for_best(const std::string& config,
                                        const std::vector<std::string>& settings = {}) {
  return test::with_settings(
      test::with_settings({"train", config}, {"train.max_steps=5", "train.eval_strategy=steps",
                                              "train.eval_steps=1", "train.load_best_model_at_end=true",
                                              "train.greater_is_better=true", "train.save_steps=1"}),
      settings);
}

std::vector<std::string> resumed(std::vector<std::string> arguments) {
  arguments.emplace_back("--resume");
  return arguments;
}

Json state_of(const fs::path& folder) {
  return test::read_json(folder / "trainer_state.json");
}

/// The step of the largest eval_loss of a log.
std::int64_t best_step(const Json& log) {
  std::int64_t step = 0;
  double best = 0.0;
  for (const Json& entry : log) {
    if (!entry.contains("eval_loss") || entry.at("eval_loss").get<double>() <= best) continue;
    best = entry.at("eval_loss").get<double>();
    step = entry.at("step").get<std::int64_t>();
  }
  return step;
}

TEST(BestModel, RunEndsWithTheWeightsOfItsBestCheckpoint) {
  const SmallRun run;
  const auto result = test::sift(train_for_best(run.write_config(), {"train.save_total_limit=1"}));
  ASSERT_EQ(result.status, 0) << result.err;
  const Json state = state_of(run.output_dir());
  const std::int64_t best = best_step(state.at("log_history"));
  ASSERT_LT(best, 3) << "the run of this test must learn";
  const fs::path checkpoint = run.output_dir() / ("checkpoint-" + std::to_string(best));
  EXPECT_EQ(state.at("best_global_step"), best);
  EXPECT_EQ(state.at("best_model_checkpoint"), checkpoint.string());
  // the limit of one holds for all but the best and the newest
  EXPECT_TRUE(fs::exists(checkpoint));
  EXPECT_TRUE(fs::exists(run.output_dir() / "checkpoint-5"));
  EXPECT_FALSE(fs::exists(run.output_dir() / "checkpoint-4"));
  EXPECT_TRUE(weights_of(run.output_dir()) == weights_of(checkpoint));
  EXPECT_FALSE(weights_of(run.output_dir()) == weights_of(run.output_dir() / "checkpoint-5"));
}

TEST(BestModel, BestSurvivesResume) {
  const SmallRun whole, run;
  ASSERT_EQ(test::sift(train_for_best(whole.write_config())).status, 0);
  const auto arguments = train_for_best(run.write_config());
  ASSERT_EQ(test::sift(arguments).status, 0);
  const std::int64_t best = state_of(run.output_dir()).at("best_global_step").get<std::int64_t>();
  for (std::int64_t step = best + 2; step <= 5; ++step)
    fs::remove_all(run.output_dir() / ("checkpoint-" + std::to_string(step)));
  const auto result = test::sift(resumed(arguments));
  ASSERT_EQ(result.status, 0) << result.err;
  for (const char* key : {"best_global_step", "best_metric"})
    EXPECT_EQ(state_of(run.output_dir()).at(key), state_of(whole.output_dir()).at(key)) << key;
  EXPECT_TRUE(weights_of(run.output_dir()) == weights_of(whole.output_dir()));
}

// The run goes back and on, so that checkpoint-N is another branch's, and then takes up the first branch
// again.
TEST(BestModel, BestOfABranchThatWasLeftIsItsOwn) {
  const SmallRun run;
  const auto smallest = [&](const std::vector<std::string>& settings, const std::string& resume = {}) {
    auto arguments = train_for_best(run.write_config(), {"train.greater_is_better=false"});
    arguments = test::with_settings(arguments, settings);
    if (!resume.empty()) arguments.push_back("--resume=" + (run.output_dir() / resume).string());
    const auto result = test::sift(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return result.err;
  };
  smallest({});
  ASSERT_EQ(state_of(run.output_dir()).at("best_global_step"), 5) << "the run of this test must learn";
  smallest({"train.learning_rate=1e-9"}, "checkpoint-2");
  const fs::path aside = run.output_dir() / "checkpoint-5.superseded";
  ASSERT_TRUE(fs::exists(aside) && fs::exists(run.output_dir() / "checkpoint-5"));
  // nothing better comes
  const std::string log =
      smallest({"train.max_steps=6", "train.learning_rate=1e3"}, "checkpoint-5.superseded");
  EXPECT_THAT(log, HasSubstr("restored the weights of " + aside.string()));
  EXPECT_EQ(state_of(run.output_dir()).at("best_model_checkpoint"), aside.string());
  EXPECT_TRUE(weights_of(run.output_dir()) == weights_of(aside));
}

TEST(BestModel, EarlyStoppingEndsTheRun) {
  const SmallRun run;
  const auto arguments = train_for_best(run.write_config("[[callbacks]]\nplugin = \"early_stopping\"\n"),
                                        {"train.max_steps=40"});
  const auto result = test::sift(arguments);
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("early_stopping: no better eval_loss in 1 evaluations"));
  const Json state = state_of(run.output_dir());
  EXPECT_LT(state.at("global_step").get<int>(), 40);
  EXPECT_EQ(state.at("global_step").get<int>(), state.at("best_global_step").get<int>() + 1);
  EXPECT_TRUE(weights_of(run.output_dir()) ==
              weights_of(state.at("best_model_checkpoint").get<std::string>()));

  const auto again = test::sift(resumed(arguments));
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("early_stopping has already ended this run"));
}

TEST(BestModel, MistakesAreToldBeforeTheFirstStep) {
  const SmallRun run;
  const auto unknown =
      test::sift(train_for_best(run.write_config(), {"train.metric_for_best_model=accuracy"}));
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err, HasSubstr("no evaluation of this run reports 'eval_accuracy'; "));
  EXPECT_THAT(unknown.err, HasSubstr("eval_mean_token_accuracy"));
  const auto blind = test::sift({"train", run.write_config("[[callbacks]]\nplugin = \"early_stopping\"\n")});
  EXPECT_EQ(blind.status, 1);
  EXPECT_THAT(blind.err, HasSubstr("set eval_strategy in [train]"));
}

}  // namespace
}  // namespace sift
