#include "train/flow.h"

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "support/own_components.h"
#include "train/stop_signal.h"

namespace sift {
namespace {

using Names = std::vector<std::string>;
using Steps = std::vector<std::int64_t>;

class FlowTest : public testing::Test {
 protected:
  void make(std::int64_t updates_per_epoch, const Flow::Options& options, std::int64_t max_steps,
            bool has_eval_data = true) {
    progress_ = {};
    progress_.state.max_steps = max_steps;
    hooks_ = std::make_unique<Hooks>(components_.get(), progress_.state, "out", "", "", plan_);
    log_ = std::make_unique<RunLog>(progress_, *hooks_, RunLog::Options{1.0, 1});
    Flow::Actions actions;
    if (has_eval_data)
      actions.evaluate = [this] {
        return std::vector<std::pair<std::string, double>>{
            {"eval_loss", losses_.at(num_evaluations_++ % losses_.size())}};
      };
    num_evaluations_ = 0;
    actions.adapt = [this](const LogEntry&) { ++adapted_; };
    actions.save = [this] { events_.names.push_back("save"); };
    actions.poll_save = [this] { ++polls_; };
    flow_ = std::make_unique<Flow>(options, progress_, *hooks_, *log_, one_, actions);
    updates_per_epoch_ = updates_per_epoch;
  }

  /// A finished step, and what follows it.
  Names act() {
    ++progress_.state.global_step;
    progress_.epoch_ended = false;
    UpdateBatches update;
    progress_.state.epoch =
        static_cast<double>(progress_.state.global_step) / static_cast<double>(updates_per_epoch_);
    update.ends_epoch = progress_.state.global_step % updates_per_epoch_ == 0;
    flow_->act(update);
    goes_on_ = flow_->goes_on();
    return events_.take();
  }

  /// The steps of a run at which an event happens, once for each time.
  Steps steps_of(const std::string& event, std::int64_t max_steps) {
    Steps steps;
    for (std::int64_t step = 1; step <= max_steps; ++step) {
      for (const std::string& name : act()) {
        if (name == event) steps.push_back(step);
      }
    }
    return steps;
  }

  test::Events events_;
  test::OwnComponents components_{events_};
  Progress progress_;
  std::unique_ptr<Hooks> hooks_;
  std::unique_ptr<RunLog> log_;
  SingleProcess one_;
  std::unique_ptr<Flow> flow_;
  std::int64_t updates_per_epoch_ = 1;
  EvaluationPlan plan_;
  std::vector<double> losses_{2.0};
  std::size_t num_evaluations_ = 0;
  int adapted_ = 0;
  int polls_ = 0;
  bool goes_on_ = true;
};

TEST_F(FlowTest, LogsEverySoManyStepsButNotSpeciallyAtTheEnd) {
  make(100, {.logging_steps = 3}, 7);
  EXPECT_EQ(steps_of("log of loss", 7), (Steps{3, 6}));
  make(100, {.logging_steps = 3, .logging_first_step = true}, 7);
  EXPECT_EQ(steps_of("log of loss", 7), (Steps{1, 3, 6}));
  make(100, {.logging_steps = 1, .logging_first_step = true}, 2);
  EXPECT_EQ(steps_of("log of loss", 2), (Steps{1, 2}));
}

TEST_F(FlowTest, SavesEverySoManyStepsAndAtTheEnd) {
  make(3, {.save_strategy = "steps", .save_steps = 3}, 7);
  EXPECT_EQ(steps_of("save", 7), (Steps{3, 6, 7}));
  make(6, {.save_strategy = "steps", .save_steps = 3}, 6);
  EXPECT_EQ(steps_of("save", 6), (Steps{3, 6}));
}

TEST_F(FlowTest, SavesAfterEachEpochOnce) {
  make(3, {.save_strategy = "epoch"}, 7);
  EXPECT_EQ(steps_of("save", 7), (Steps{3, 6, 7}));
  make(3, {.save_strategy = "epoch"}, 6);
  EXPECT_EQ(steps_of("save", 6), (Steps{3, 6}));
}

TEST_F(FlowTest, SavesNever) {
  make(3, {.save_strategy = "no"}, 6);
  EXPECT_EQ(steps_of("save", 6), Steps{});
}

TEST_F(FlowTest, EvaluatesEverySoManyStepsAndAtTheEnd) {
  make(100, {.eval_strategy = "steps", .eval_steps = 2}, 5);
  EXPECT_EQ(act(), Names{});
  EXPECT_EQ(act(), (Names{"log of eval_loss", "evaluate"}));
  EXPECT_EQ(act(), Names{});
  EXPECT_TRUE(goes_on_);
  act();
  EXPECT_EQ(act(), (Names{"log of eval_loss", "evaluate", "epoch_end"}));
  EXPECT_FALSE(goes_on_);
  EXPECT_EQ(flow_->stop_signal(), 0);
}

TEST_F(FlowTest, EvaluatesAfterEachEpoch) {
  make(2, {.eval_strategy = "epoch"}, 4);
  EXPECT_EQ(act(), Names{});
  EXPECT_EQ(act(), (Names{"epoch_end", "log of eval_loss", "evaluate"}));
  EXPECT_TRUE(progress_.epoch_ended);
}

TEST_F(FlowTest, LogsAfterEachEpochOrNever) {
  make(3, {.logging_strategy = "epoch", .logging_steps = 1}, 7);
  EXPECT_EQ(steps_of("log of loss", 7), (Steps{3, 6, 7}));
  make(3, {.logging_strategy = "no", .logging_steps = 1}, 7);
  EXPECT_EQ(steps_of("log of loss", 7), Steps{});
  make(3, {.logging_strategy = "no", .logging_steps = 1, .logging_first_step = true}, 7);
  EXPECT_EQ(steps_of("log of loss", 7), Steps{1});
}

TEST_F(FlowTest, DoesNotEvaluateBeforeTheDelay) {
  make(100, {.eval_strategy = "steps", .eval_steps = 2, .eval_delay = 4}, 7);
  EXPECT_EQ(steps_of("evaluate", 7), (Steps{4, 6, 7}));
  make(100, {.eval_strategy = "steps", .eval_steps = 2, .eval_delay = 8}, 7);
  EXPECT_EQ(steps_of("evaluate", 7), Steps{});
  make(2, {.eval_strategy = "epoch", .eval_delay = 1.5}, 6);  // in epochs
  EXPECT_EQ(steps_of("evaluate", 6), (Steps{4, 6}));
}

TEST_F(FlowTest, SavesTheBestAlone) {
  plan_ = {"steps", "eval_loss", false, false};
  losses_ = {2.0, 3.0, 1.0, 1.0, 0.5};
  make(100, {.eval_strategy = "steps", .eval_steps = 1, .save_strategy = "best"}, 5);
  EXPECT_EQ(steps_of("save", 5), (Steps{1, 3, 5}));
}

TEST_F(FlowTest, AdaptsTheRateToEachEvaluationButTheFirst) {
  make(100, {.eval_strategy = "steps", .eval_steps = 2}, 5);
  flow_->evaluate();
  EXPECT_EQ(adapted_, 0);
  steps_of("", 5);
  EXPECT_EQ(adapted_, 3);
}

TEST_F(FlowTest, DoesWhatCallbacksAskForInOrderAndOnce) {
  make(100, {}, 9);
  hooks_->control().should_save = hooks_->control().should_evaluate = hooks_->control().should_log = true;
  EXPECT_EQ(act(), (Names{"log of loss", "log of eval_loss", "evaluate", "save"}));
  EXPECT_EQ(act(), Names{});
  EXPECT_EQ(polls_, 2);
}

TEST_F(FlowTest, WithoutEvaluationDataNothingIsEvaluated) {
  make(100, {.eval_strategy = "steps", .eval_steps = 1}, 9, false);
  EXPECT_EQ(act(), Names{});
}

TEST_F(FlowTest, ACallbackStopsTheRunWithTheEndOfItsEpoch) {
  make(100, {}, 9);
  hooks_->control().should_training_stop = true;
  EXPECT_EQ(act(), Names{"epoch_end"});
  EXPECT_FALSE(goes_on_);
}

TEST_F(FlowTest, ASignalSavesAndLeavesEvaluationAndEpochForLater) {
  const StopSignals signals;
  make(1, {.eval_strategy = "steps", .eval_steps = 1}, 9);
  std::raise(SIGTERM);
  EXPECT_EQ(act(), Names{"save"});
  EXPECT_FALSE(goes_on_);
  EXPECT_EQ(flow_->stop_signal(), SIGTERM);
  EXPECT_TRUE(progress_.evaluation_due);
  EXPECT_FALSE(progress_.epoch_ended);
}

TEST_F(FlowTest, CatchesUpWithWhatASignalLeft) {
  make(1, {}, 9);
  progress_.state.global_step = 3;
  progress_.state.epoch = 3.0;
  progress_.evaluation_due = true;
  flow_->catch_up();
  EXPECT_EQ(events_.take(), (Names{"log of eval_loss", "evaluate", "epoch_end"}));
  EXPECT_TRUE(flow_->goes_on());
  flow_->catch_up();
  EXPECT_EQ(events_.take(), Names{});
}

}  // namespace
}  // namespace sift
