#include <gmock/gmock.h>

#include "plugin_test_support.h"

namespace sift {
namespace {

using ::testing::HasSubstr;

class EarlyStoppingTest : public ::testing::Test {
 protected:
  void SetUp() override { host_.load_file(test::real_plugin("sift_callback_early_stopping")); }

  static CallbackContext context_of(test::FakeRun& run, bool greater_is_better = false) {
    CallbackContext context = run.context();
    context.evaluation.strategy = "steps";
    context.evaluation.metric_for_best_model = "eval_x";
    context.evaluation.greater_is_better = greater_is_better;
    context.evaluation.load_best_model_at_end = true;
    return context;
  }

  /// How many evaluations a run of these values has, the best one noted after each as the loop does.
  static std::size_t evaluations(Callback& callback, const std::vector<double>& values,
                                 bool greater_is_better = false) {
    test::FakeRun run(100);
    CallbackContext context = context_of(run, greater_is_better);
    callback.on_train_begin(context);
    std::size_t count = 0;
    for (const double value : values) {
      if (run.control.should_training_stop) break;
      callback.on_evaluate(context, {static_cast<std::int64_t>(++count), {{"eval_x", value}}});
      auto& best = run.state.best_metric;
      if (!best || (greater_is_better ? value > *best : value < *best)) best = value;
    }
    return count;
  }

  std::size_t evaluations(const test::OptionValues& options, const std::vector<double>& values,
                          bool greater_is_better = false) {
    return evaluations(*test::create_callback(host_, "early_stopping", options), values, greater_is_better);
  }

  PluginHost host_;
};

const std::vector<double> kValues = {5, 4, 4, 3.9, 4.1, 4.2, 3.8, 3.7};

TEST_F(EarlyStoppingTest, StopsAfterSoManyEvaluationsWithoutGain) {
  EXPECT_EQ(evaluations({}, kValues), 3U);
  EXPECT_EQ(evaluations({{"early_stopping_patience", std::int64_t{2}}}, kValues), 6U);
  EXPECT_EQ(evaluations({{"early_stopping_patience", std::int64_t{3}}}, kValues), 8U);
  EXPECT_EQ(evaluations({{"early_stopping_patience", std::int64_t{2}}}, kValues, true), 3U);
}

TEST_F(EarlyStoppingTest, GainAtOrBelowTheThresholdIsNone) {
  const std::int64_t patience = 2;
  // 4 -> 3.5 is a gain of exactly 0.5
  EXPECT_EQ(evaluations({{"early_stopping_patience", patience}, {"early_stopping_threshold", 0.5}},
                        {5, 4, 3.5, 3.25, 1}),
            4U);
  EXPECT_EQ(evaluations({{"early_stopping_patience", patience}, {"early_stopping_threshold", 0.4}},
                        {5, 4, 3.5, 3.25, 1}),
            5U);
}

TEST_F(EarlyStoppingTest, CountSurvivesResume) {
  const auto options = test::OptionValues{{"early_stopping_patience", std::int64_t{2}}};
  const auto first = test::create_callback(host_, "early_stopping", options);
  EXPECT_EQ(evaluations(*first, {4, 5}), 2U);
  EXPECT_EQ(first->state(), "1");
  const auto second = test::create_callback(host_, "early_stopping", options);
  second->load_state(first->state());
  test::FakeRun run(100);
  run.state.best_metric = 4;
  CallbackContext context = context_of(run);
  second->on_train_begin(context);
  EXPECT_FALSE(run.control.should_training_stop);
  second->on_evaluate(context, {3, {{"eval_x", 6}}});
  EXPECT_TRUE(run.control.should_training_stop);
  // a run that has ended does not begin again
  const auto third = test::create_callback(host_, "early_stopping", options);
  third->load_state(second->state());
  run.control = {};
  third->on_train_begin(context);
  EXPECT_TRUE(run.control.should_training_stop);
  EXPECT_THROW(third->load_state("many"), Error);
}

TEST_F(EarlyStoppingTest, SaysWhatItLacks) {
  const auto callback = test::create_callback(host_, "early_stopping");
  test::FakeRun run(100);
  CallbackContext context = context_of(run);
  context.evaluation.metric_for_best_model = "";
  const auto error = [&]() -> std::string {
    try {
      callback->on_train_begin(context);
      return "none";
    } catch (const Error& thrown) {
      return thrown.what();
    }
  };
  EXPECT_THAT(error(), HasSubstr("set metric_for_best_model in [train]"));
  context.evaluation.strategy = "no";
  EXPECT_THAT(error(), HasSubstr("set eval_strategy in [train]"));
}

}  // namespace
}  // namespace sift
