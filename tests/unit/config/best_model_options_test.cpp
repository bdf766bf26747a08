#include "config/best_model_options.h"

#include <gtest/gtest.h>

#include "unit/config/config_fixture.h"

namespace sift {
namespace {

using namespace config_test;

/// kSmall with eval data; what a test adds to [train] is on line 8.
const std::string kEvaluated =
    "[model]\npath = \"m\"\n[data]\ntrain = \"t.jsonl\"\neval = \"e.jsonl\"\n[train]\noutput_dir = \"o\"\n";

std::string with(const std::string& evaluating, const std::string& saving) {
  return kEvaluated + "load_best_model_at_end = true\n" + evaluating + "\n" + saving + "\n";
}

TEST(BestModelOptions, DefaultsAreTransformers) {
  TrainOptions options;
  EXPECT_EQ(evaluation_plan(options).metric_for_best_model, "");
  options.load_best_model_at_end = true;
  EXPECT_EQ(evaluation_plan(options).metric_for_best_model, "eval_loss");
  EXPECT_FALSE(evaluation_plan(options).greater_is_better);
  options.metric_for_best_model = "mean_token_accuracy";
  EXPECT_EQ(evaluation_plan(options).metric_for_best_model, "eval_mean_token_accuracy");
  EXPECT_TRUE(evaluation_plan(options).greater_is_better);
  options.metric_for_best_model = "eval_token_loss";
  EXPECT_EQ(evaluation_plan(options).metric_for_best_model, "eval_token_loss");
  EXPECT_FALSE(evaluation_plan(options).greater_is_better);
  options.greater_is_better = true;
  EXPECT_TRUE(evaluation_plan(options).greater_is_better);
}

TEST(BestModelOptions, AScheduleThatFollowsAMetricNeedsOne) {
  TrainOptions options;
  options.lr_scheduler_type = "greedy";
  EXPECT_EQ(evaluation_plan(options).metric_for_best_model, "eval_loss");
}

TEST(BestModelOptions, SavingTheBestNeedsEvaluationsAndAMetric) {
  EXPECT_EQ(
      faults(kEvaluated + "save_strategy = \"best\"\n"),
      "sift.toml:8:17: [train] save_strategy: \"best\" needs evaluations, found eval_strategy = \"no\"; "
      "choose \"steps\" or \"epoch\"\n"
      "sift.toml:8:17: [train] save_strategy: \"best\" needs metric_for_best_model, such as \"loss\", or "
      "load_best_model_at_end = true");
  EXPECT_EQ(faults(kEvaluated + "save_strategy = \"best\"\neval_strategy = \"epoch\"\n"
                                "metric_for_best_model = \"loss\"\n"),
            "none");
  EXPECT_EQ(faults(with("eval_strategy = \"epoch\"", "save_strategy = \"best\"")), "none");
}

TEST(BestModelOptions, ScheduleThatMatchesIsTaken) {
  const char* steps = "eval_strategy = \"steps\"\neval_steps = 10";
  EXPECT_EQ(faults(with(steps, "save_steps = 10")), "none");
  EXPECT_EQ(faults(with(steps, "save_steps = 30")), "none");
  EXPECT_EQ(faults(with("eval_strategy = \"steps\"\neval_steps = 0.1", "save_steps = 0.3")), "none");
  EXPECT_EQ(faults(with("eval_strategy = \"epoch\"", "save_strategy = \"epoch\"")), "none");
  // evaluated as often as logged
  EXPECT_EQ(faults(with("eval_strategy = \"steps\"", "save_steps = 8\nlogging_steps = 4")), "none");
}

TEST(BestModelOptions, ScheduleThatCouldMissTheBestIsRefused) {
  EXPECT_EQ(faults(with("", "")),
            "sift.toml:8:26: [train] load_best_model_at_end needs evaluations to select the best model, "
            "found eval_strategy = \"no\"; choose \"steps\" or \"epoch\"");
  EXPECT_EQ(faults(with("eval_strategy = \"epoch\"", "")),
            "sift.toml:8:26: [train] load_best_model_at_end needs a save at each evaluation, found "
            "save_strategy = \"steps\" and eval_strategy = \"epoch\"; use the same value for both");
  EXPECT_EQ(faults(with("eval_strategy = \"steps\"\neval_steps = 10", "save_steps = 15")),
            "sift.toml:8:26: [train] load_best_model_at_end needs save_steps (15) to be a multiple of "
            "eval_steps (10); otherwise the best model might not be saved");
  EXPECT_EQ(faults(with("eval_strategy = \"steps\"\neval_steps = 0.2", "save_steps = 0.3")),
            "sift.toml:8:26: [train] load_best_model_at_end needs save_steps (0.3) to be a multiple of "
            "eval_steps (0.2); otherwise the best model might not be saved");
  EXPECT_EQ(faults(with("eval_strategy = \"steps\"\neval_steps = 0.5", "save_steps = 15")),
            "sift.toml:8:26: [train] load_best_model_at_end needs save_steps (15) to be a multiple of "
            "eval_steps (0.5), which cannot be guaranteed if one is a number of steps and the other a "
            "fraction of max_steps; give both in the same form");
  EXPECT_EQ(faults(with("eval_strategy = \"epoch\"", "save_strategy = \"no\"")),
            "sift.toml:8:26: [train] load_best_model_at_end needs a save at each evaluation, found "
            "save_strategy = \"no\" and eval_strategy = \"epoch\"; use the same value for both");
}

}  // namespace
}  // namespace sift
