#include "train/hooks.h"

#include <gtest/gtest.h>

#include "support/own_components.h"

namespace sift {
namespace {

TEST(Hooks, GiveCallbacksTheRunAndTakeWhatTheyAskFor) {
  test::Events events;
  test::OwnComponents components(events);
  TrainerState state;
  Hooks hooks(components.get(), state, "out", "out/checkpoint-2", "[train]\n",
              {"epoch", "eval_loss", false, true});
  state.global_step = 5;
  events.react = [](CallbackContext& context, const std::string&) {
    EXPECT_EQ(context.state.global_step, 5);
    EXPECT_EQ(context.output_dir, "out");
    EXPECT_EQ(context.resumed_from, "out/checkpoint-2");
    EXPECT_EQ(context.config, "[train]\n");
    context.control.should_save = true;
  };
  hooks.fire(&Callback::on_step_begin);
  EXPECT_TRUE(hooks.control().should_save);
  EXPECT_EQ(hooks.evaluation().metric_for_best_model, "eval_loss");

  double learning_rate = 0.25;
  hooks.fire(&Callback::on_pre_optimizer_step, learning_rate);
  EXPECT_EQ(learning_rate, 0.5);
  hooks.fire(&Callback::on_log, LogEntry{5, {{"loss", 1.0}}});
  EXPECT_EQ(events.take(), (std::vector<std::string>{"step_begin", "pre_optimizer_step", "log of loss"}));
}

}  // namespace
}  // namespace sift
