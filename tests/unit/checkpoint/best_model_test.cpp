#include "checkpoint/best_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "checkpoint/progress.h"
#include "checkpoint/trainer_state.h"
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

/// A run at `step` that logged one loss for each step: `first_loss`, then one less each time.
TrainerState run_at(std::int64_t step, double first_loss) {
  TrainerState state;
  state.global_step = step;
  for (std::int64_t i = 0; i < step; ++i)
    state.log_history.push_back({i + 1, {{"loss", first_loss - static_cast<double>(i)}, {"eval_x", 1.0}}});
  return state;
}

class BestCheckpoint : public testing::Test {
 protected:
  /// A checkpoint of such a run.
  fs::path save(const std::string& name, std::int64_t step, double first_loss = 9.0) {
    Progress progress;
    progress.state = run_at(step, first_loss);
    fs::create_directories(folder_ / name);
    write_trainer_state(folder_ / name, {}, progress);
    return folder_ / name;
  }
  fs::path noted(TrainerState state, const fs::path& written = {}) const {
    note_best_checkpoint(folder_.path(), written, state);
    return state.best_model_checkpoint;
  }
  fs::path found(TrainerState state, const fs::path& resumed_from) const {
    find_best_checkpoint(folder_.path(), resumed_from, state);
    return state.best_model_checkpoint;
  }

  test::TempFolder folder_;
};

TEST_F(BestCheckpoint, TheOneThatIsThereIsNoted) {
  TrainerState state = run_at(4, 9.0);
  EXPECT_EQ(noted(state, folder_ / "checkpoint-2"), "");  // nothing was evaluated
  state.best_global_step = 2;
  EXPECT_EQ(noted(state, folder_ / "checkpoint-2"), folder_ / "checkpoint-2");
  state.best_model_checkpoint = save("checkpoint-2", 2);
  state.best_global_step = 3;  // better, but not saved: the best one of the saved stays
  EXPECT_EQ(noted(state, folder_ / "checkpoint-4"), folder_ / "checkpoint-2");
  save("checkpoint-3", 3, /*first_loss=*/8.0);  // of another run
  EXPECT_EQ(noted(state), folder_ / "checkpoint-2");
  save("checkpoint-3", 3);
  EXPECT_EQ(noted(state), folder_ / "checkpoint-3");
  fs::remove_all(folder_ / "checkpoint-2");
  fs::remove_all(folder_ / "checkpoint-3");
  EXPECT_EQ(noted(state), "");
}

TEST_F(BestCheckpoint, AfterARunWasMovedItIsFoundInTheNewPlace) {
  TrainerState state = run_at(4, 9.0);
  state.best_global_step = 2;
  state.best_model_checkpoint = "/another/place/checkpoint-2";
  const fs::path best = save("checkpoint-2", 2);
  EXPECT_EQ(found(state, folder_ / "checkpoint-4"), best);
  state.best_global_step = 3;  // not saved
  EXPECT_EQ(found(state, folder_ / "checkpoint-4"), best);
  state.best_global_step = 4;  // the one that the run goes on from, whatever its name
  EXPECT_EQ(found(state, folder_ / "copy"), folder_ / "copy");
}

TEST_F(BestCheckpoint, ThatOfAnotherBranchIsNotTaken) {
  const fs::path aside = save("checkpoint-2.superseded", 2), from = save("checkpoint-4.superseded", 4);
  const fs::path other = save("checkpoint-2", 2, /*first_loss=*/8.0);
  save("checkpoint-4", 4, /*first_loss=*/8.0);
  TrainerState state = run_at(4, 9.0);
  state.best_global_step = 2;
  state.best_model_checkpoint = other;  // its name when the state was written
  EXPECT_EQ(found(state, from), aside);
  state.best_global_step = 4;
  state.best_model_checkpoint = folder_ / "checkpoint-4";
  EXPECT_EQ(found(state, from), from);
  state.best_global_step = 3;  // not saved
  state.best_model_checkpoint = other;
  EXPECT_EQ(found(state, from), aside);
  fs::remove_all(aside);
  EXPECT_EQ(found(state, from), "");
}

}  // namespace
}  // namespace sift
