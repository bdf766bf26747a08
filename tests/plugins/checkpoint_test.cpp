#include <algorithm>

#include "plugin_test_support.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;
using Steps = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

class CheckpointTest : public ::testing::Test {
 protected:
  void SetUp() override { host_.load_file(test::real_plugin("sift_callback_checkpoint")); }

  /// The steps at which a run saves, acting as the loop does: after on_step_end and after on_epoch_end.
  Steps saved_steps(std::int64_t max_steps, std::int64_t steps_of_epoch, const test::OptionValues& options) {
    const auto callback = test::create_callback(host_, "checkpoint", options);
    test::FakeRun run(max_steps);
    CallbackContext context = run.context(output_.path());
    Steps steps;
    const auto act = [&] {
      if (run.control.should_save) {
        steps.push_back(run.state.global_step);
        callback->on_save(context, folder(run.state.global_step));
      }
      run.control = {};
    };
    callback->on_train_begin(context);
    while (run.state.global_step < max_steps) {
      ++run.state.global_step;
      callback->on_step_end(context);
      act();
      if (run.state.global_step % steps_of_epoch == 0 || run.state.global_step == max_steps) {
        callback->on_epoch_end(context);
        act();
      }
    }
    return steps;
  }

  fs::path folder(std::int64_t step) const { return output_ / ("checkpoint-" + std::to_string(step)); }

  /// Writes a checkpoint of a few files and tells the callback about it.
  void save(Callback& callback, std::int64_t step, const fs::path& resumed_from = {}) {
    fs::create_directories(folder(step) / "inner");
    test::write_text(folder(step) / "inner" / "model.safetensors", "weights");
    test::FakeRun run(1000);
    run.state.global_step = step;
    CallbackContext context = run.context(output_.path());
    context.resumed_from = resumed_from;
    callback.on_save(context, folder(step));
  }

  Names names() const {
    Names found;
    for (const auto& entry : fs::directory_iterator(output_.path()))
      found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }

  PluginHost host_;
  TempFolder output_;
};

TEST_F(CheckpointTest, SavesBySteps) {
  EXPECT_EQ(saved_steps(7, 3, {{"save_steps", std::int64_t{3}}}), (Steps{3, 6, 7}));
  EXPECT_EQ(saved_steps(6, 6, {{"save_steps", std::int64_t{3}}}), (Steps{3, 6}));
  EXPECT_EQ(saved_steps(10, 10, {{"save_steps", 0.35}}), (Steps{4, 8, 10}));
  EXPECT_EQ(saved_steps(5, 5, {}), (Steps{5}));
}

TEST_F(CheckpointTest, SavesByEpochOnceEach) {
  EXPECT_EQ(saved_steps(7, 3, {{"save_strategy", std::string("epoch")}}), (Steps{3, 6, 7}));
  EXPECT_EQ(saved_steps(6, 3, {{"save_strategy", std::string("epoch")}}), (Steps{3, 6}));
}

TEST_F(CheckpointTest, SavesNever) {
  EXPECT_EQ(saved_steps(6, 3, {{"save_strategy", std::string("no")}}), Steps{});
}

TEST_F(CheckpointTest, RefusesBadOptions) {
  EXPECT_THROW(test::create_callback(host_, "checkpoint", {{"save_strategy", std::string("best")}}), Error);
  EXPECT_THROW(test::create_callback(host_, "checkpoint", {{"save_total_limit", std::int64_t{-1}}}), Error);
}

TEST_F(CheckpointTest, KeepsAllWithoutALimit) {
  const auto callback = test::create_callback(host_, "checkpoint");
  for (const std::int64_t step : {1, 2, 3}) save(*callback, step);
  EXPECT_EQ(names(), (Names{"checkpoint-1", "checkpoint-2", "checkpoint-3"}));
}

TEST_F(CheckpointTest, RemovesTheOldestByNumberAndNothingElse) {
  const auto callback = test::create_callback(host_, "checkpoint", {{"save_total_limit", std::int64_t{2}}});
  const TempFolder elsewhere;
  fs::create_directory_symlink(elsewhere.path(), folder(1));
  fs::create_directory(output_ / "checkpoint-2-best");
  fs::create_directory(output_ / "checkpoint-");
  fs::create_directory(output_ / "my-checkpoint-2");
  test::write_text(output_ / "checkpoint-3", "a file");
  for (const std::int64_t step : {9, 10, 100}) save(*callback, step);
  EXPECT_EQ(names(), (Names{"checkpoint-", "checkpoint-1", "checkpoint-10", "checkpoint-100",
                            "checkpoint-2-best", "checkpoint-3", "my-checkpoint-2"}));
  EXPECT_TRUE(fs::exists(elsewhere.path()));
}

TEST_F(CheckpointTest, NeverRemovesWhatWasJustWrittenNorWhatWasResumed) {
  const auto callback = test::create_callback(host_, "checkpoint", {{"save_total_limit", std::int64_t{1}}});
  for (const std::int64_t step : {10, 30, 40}) fs::create_directory(folder(step));
  save(*callback, 20, output_ / "./checkpoint-10/");
  EXPECT_EQ(names(), (Names{"checkpoint-10", "checkpoint-20"}));
  save(*callback, 30, folder(10));
  EXPECT_EQ(names(), (Names{"checkpoint-10", "checkpoint-30"}));
}

TEST_F(CheckpointTest, NeverRemovesTheBest) {
  const auto callback = test::create_callback(host_, "checkpoint", {{"save_total_limit", std::int64_t{2}}});
  for (const std::int64_t step : {1, 2, 3, 4}) fs::create_directory(folder(step));
  test::FakeRun run(10);
  run.state.global_step = 4;
  run.state.best_model_checkpoint = folder(2);
  CallbackContext context = run.context(output_.path());
  callback->on_save(context, folder(4));
  EXPECT_EQ(names(), (Names{"checkpoint-2", "checkpoint-4"}));
  run.state.best_model_checkpoint = folder(4);
  fs::create_directory(folder(5));
  callback->on_save(context, folder(5));
  EXPECT_EQ(names(), (Names{"checkpoint-4", "checkpoint-5"}));
}

TEST_F(CheckpointTest, FinishesARemovalThatWasCutShort) {
  fs::create_directories(output_ / ".removed-checkpoint-5" / "inner");
  fs::create_directories(output_ / ".removed-by-me");
  const auto callback = test::create_callback(host_, "checkpoint", {{"save_total_limit", std::int64_t{1}}});
  test::FakeRun run(10);
  CallbackContext context = run.context(output_.path());
  callback->on_train_begin(context);
  EXPECT_EQ(names(), (Names{".removed-by-me"}));
  fs::create_directories(output_ / ".removed-checkpoint-5" / "inner");
  save(*callback, 5);
  save(*callback, 6);
  EXPECT_EQ(names(), (Names{".removed-by-me", "checkpoint-6"}));
}

}  // namespace
}  // namespace sift
