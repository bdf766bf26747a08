#include "train/run_log.h"

#include <ATen/ops/scalar_tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/own_components.h"

namespace sift {
namespace {

using Values = std::vector<std::pair<std::string, double>>;

class RunLogTest : public testing::Test {
 protected:
  RunLogTest() { progress_.state.max_steps = 4; }
  static StepResult step(float loss, double norm, double accuracy) {
    StepResult result;
    result.loss = at::scalar_tensor(loss, at::kFloat);
    result.norm = at::scalar_tensor(norm, at::kDouble);
    result.found_inf = at::scalar_tensor(std::isfinite(loss) ? 0.0F : 1.0F, at::kFloat);
    result.metrics = {{"accuracy", at::scalar_tensor(accuracy)}};
    result.num_tokens = {10, 7};
    return result;
  }
  void finish(const StepResult& result) {
    log_.count(result);
    log_.add(result);
    ++progress_.state.global_step;
  }
  const LogEntry& last() const { return progress_.state.log_history.back(); }

  test::Events events_;
  test::OwnComponents components_{events_};
  Progress progress_;
  Hooks hooks_{components_.get(), progress_.state, "", "", "", {}};
  std::vector<float> nonfinite_;
  RunLog::OnNonfinite note_ = [this](const StepResult& result) {
    nonfinite_.push_back(result.loss.item<float>());
    ++progress_.nonfinite_since_log;
  };
  RunLog log_{progress_, hooks_, {40.0, 3}, note_};
};

TEST_F(RunLogTest, AnEntryHasTheMeansSinceTheLastOne) {
  progress_.state.learning_rate = 0.5;
  progress_.state.epoch = 0.25;
  finish(step(1.0F, 3.0, 0.5));
  finish(step(2.0F, 4.0, 0.25));
  log_.log();
  EXPECT_EQ(last().step, 2);
  EXPECT_EQ(last().values, (Values{{"loss", 1.5},
                                   {"grad_norm", 4.0},
                                   {"learning_rate", 0.5},
                                   {"accuracy", 0.375},
                                   {"num_tokens", 34.0},
                                   {"epoch", 0.25}}));
  finish(step(8.0F, 1.0, 1.0));
  log_.log();
  EXPECT_EQ(*last().find("loss"), 8.0);
  EXPECT_EQ(*last().find("accuracy"), 1.0);
  EXPECT_EQ(events_.take(), (std::vector<std::string>{"log of loss", "log of loss"}));
}

TEST_F(RunLogTest, WithoutAStepSinceTheLastEntryThereIsNone) {
  log_.log();
  EXPECT_TRUE(progress_.state.log_history.empty());
  finish(step(1.0F, 1.0, 1.0));
  log_.log();
  log_.log();
  EXPECT_EQ(progress_.state.log_history.size(), 1U);
}

TEST_F(RunLogTest, LossesAreAddedInFloat32) {
  finish(step(1.0F, 1.0, 1.0));
  finish(step(1e-8F, 1.0, 1.0));
  EXPECT_EQ(progress_.loss_since_log, 1.0);
}

TEST_F(RunLogTest, AStepWithoutAnUpdateCountsItsTokensOnly) {
  finish(step(NAN, 1.0, 0.5));
  EXPECT_EQ(nonfinite_.size(), 1U);
  log_.log();
  EXPECT_TRUE(std::isnan(*last().find("loss")));
  EXPECT_EQ(last().find("accuracy"), nullptr);
  EXPECT_EQ(*last().find("num_tokens"), 17.0);
  EXPECT_EQ(*last().find("nonfinite_steps"), 1.0);
}

TEST_F(RunLogTest, ReadsSeveralStepsAtOnce) {
  RunLog late{progress_, hooks_, {40.0, 3, 3}, note_};
  const auto finish_late = [&](float loss) {
    late.add(step(loss, 2.0, 0.5));
    ++progress_.state.global_step;
  };
  finish_late(1.0F);
  finish_late(INFINITY);
  EXPECT_EQ(progress_.steps_since_log, 0);
  EXPECT_TRUE(nonfinite_.empty());
  finish_late(4.0F);  // the third is read with those before it
  EXPECT_EQ(progress_.steps_since_log, 2);
  EXPECT_EQ(nonfinite_, std::vector<float>{INFINITY});
  finish_late(7.0F);
  late.log();
  EXPECT_EQ(*last().find("loss"), 4.0);
  finish_late(9.0F);
  late.read_steps();
  EXPECT_EQ(progress_.loss_since_log, 9.0);
}

TEST_F(RunLogTest, TheSummaryIsOfTheWholeRun) {
  for (const float loss : {1.0F, 2.0F, 3.0F, 6.0F}) {
    finish(step(loss, 1.0, 1.0));
    log_.log();
  }
  log_.log_summary(8.0, 2);
  EXPECT_EQ(*last().find("train_loss"), 3.0);
  EXPECT_EQ(*last().find("train_steps_per_second"), 0.25);
  EXPECT_EQ(*last().find("train_samples_per_second"), 2.5);
  EXPECT_EQ(*last().find("total_flos"), 6.0 * 17 * 3 * 4);
}

TEST_F(RunLogTest, AnEvaluationHasTheTokensSoFar) {
  finish(step(1.0F, 1.0, 1.0));
  EXPECT_EQ(*log_.log_evaluation({{"eval_loss", 2.0}}).find("eval_num_tokens"), 17.0);
}

TEST_F(RunLogTest, CountsInputTokensOnRequest) {
  RunLog log(progress_, hooks_, {.num_samples = 40.0, .includes_input_tokens = true});
  progress_.num_input_tokens_seen = 100;  // of a resumed run
  log.start();
  log.count(step(1.0F, 3.0, 0.5));
  log.add(step(1.0F, 3.0, 0.5));
  ++progress_.state.global_step;
  log.log();
  EXPECT_EQ(progress_.num_input_tokens_seen, 117);
  const auto& values = last().values;
  ASSERT_GE(values.size(), 4U);
  EXPECT_EQ(values[values.size() - 4].first, "epoch");
  EXPECT_EQ(values[values.size() - 3], (std::pair<std::string, double>("num_input_tokens_seen", 117.0)));
  EXPECT_EQ(values[values.size() - 2].first, "train_runtime");
  EXPECT_EQ(values[values.size() - 1].first, "train_tokens_per_second");
  log.log_evaluation({{"eval_loss", 1.0}});
  EXPECT_EQ(last().values.back().first, "num_input_tokens_seen");
}

}  // namespace
}  // namespace sift
