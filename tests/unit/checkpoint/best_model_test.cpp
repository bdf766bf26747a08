#include "checkpoint/best_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;

EvaluationPlan plan_for(const std::string& metric, bool greater_is_better) {
  EvaluationPlan plan;
  plan.strategy = "steps";
  plan.metric_for_best_model = metric;
  plan.greater_is_better = greater_is_better;
  return plan;
}

/// Evaluations one after the other; the step of the best one.
std::int64_t best_of(const std::vector<double>& values, bool greater_is_better) {
  TrainerState state;
  for (const double value : values) {
    ++state.global_step;
    update_best(plan_for("eval_x", greater_is_better), {state.global_step, {{"eval_x", value}}}, state);
  }
  return state.best_global_step;
}

TEST(BestModel, OnlyStrictlyBetterCounts) {
  EXPECT_EQ(best_of({3, 2, 2, 2.5}, false), 2);
  EXPECT_EQ(best_of({3, 2, 2, 2.5}, true), 1);
  EXPECT_EQ(best_of({1, 1, 4, 4}, true), 3);
  EXPECT_EQ(best_of({std::nan(""), 5, std::nan("")}, false), 2);
}

TEST(BestModel, FigureThatNoEvaluationGivesIsAnError) {
  const std::string unknown = test::error_of([] {
    check_best_metric(plan_for("eval_lss", false), {"eval_loss", "eval_token_loss"});
  });
  EXPECT_EQ(unknown,
            "metric_for_best_model in [train]: no evaluation of this run reports 'eval_lss'; did you mean "
            "'eval_loss'? known: eval_loss, eval_token_loss");
  TrainerState state;
  const std::string absent = test::error_of([&] {
    update_best(plan_for("eval_x", false), {4, {{"eval_loss", 1.0}}}, state);
  });
  EXPECT_NE(absent.find("the evaluation at step 4 reported no 'eval_x'"), std::string::npos) << absent;
}

TEST(BestModel, NotesTheCheckpointThatIsThere) {
  const test::TempFolder folder;
  TrainerState state;
  note_best_checkpoint(folder.path(), folder / "checkpoint-2", state);
  EXPECT_EQ(state.best_model_checkpoint, "");  // nothing was evaluated
  state.best_global_step = 2;
  note_best_checkpoint(folder.path(), folder / "checkpoint-2", state);
  EXPECT_EQ(state.best_model_checkpoint, folder / "checkpoint-2");
  fs::create_directory(folder / "checkpoint-2");
  state.best_global_step = 3;  // better, but not saved: the best one of the saved stays
  note_best_checkpoint(folder.path(), folder / "checkpoint-4", state);
  EXPECT_EQ(state.best_model_checkpoint, folder / "checkpoint-2");
  state.best_model_checkpoint = "/another/place/checkpoint-2";  // the run was moved
  note_best_checkpoint(folder.path(), {}, state);
  EXPECT_EQ(state.best_model_checkpoint, folder / "checkpoint-2");
  fs::remove(folder / "checkpoint-2");
  note_best_checkpoint(folder.path(), {}, state);
  EXPECT_EQ(state.best_model_checkpoint, "");
}

}  // namespace
}  // namespace sift
