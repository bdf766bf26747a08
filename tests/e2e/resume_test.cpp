#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/program.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::SmallRun;
using testing::HasSubstr;
using Sets = std::vector<std::string>;

std::string model(const std::string& name) {
  return "model.path=" + (SmallRun::model_folder().parent_path() / name).string();
}

std::vector<std::string> arguments(const std::string& config, const Sets& sets,
                                   const std::string& more = {}) {
  std::vector<std::string> all{"train", config};
  for (const std::string& set : sets) all.insert(all.end(), {"--set", set});
  if (!more.empty()) all.push_back(more);
  return all;
}

/// A run that loses its checkpoint of step 6 and goes on from step 3 writes that very checkpoint again.
void expect_exact_resume(const Sets& sets) {
  SCOPED_TRACE(testing::PrintToString(sets));
  const SmallRun run;
  const std::string config = run.write_config();
  const auto whole = test::sift(arguments(config, sets));
  ASSERT_EQ(whole.status, 0) << whole.err;
  const fs::path kept = run.folder() / "kept", again = run.output_dir() / "checkpoint-6";
  fs::rename(again, kept);
  const auto resumed = test::sift(arguments(config, sets, "--resume"));
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_THAT(resumed.err, HasSubstr("at step 3 of 6"));
  EXPECT_THAT(resumed.err, testing::Not(HasSubstr("this run goes on with what its configuration says")));
  for (const char* name :
       {"model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.safetensors", "sift_state.json"}) {
    // not EXPECT_EQ, which would print megabytes of weights
    EXPECT_TRUE(test::read_file(again / name) == test::read_file(kept / name)) << name;
  }
}

TEST(Resume, IsExactForExpertsPackingAndAccumulation) {
  expect_exact_resume({model("mixtral"), "data.packing=true", "train.gradient_accumulation_steps=2",
                       "train.per_device_train_batch_size=1", "train.weight_decay=0.1"});
}

TEST(Resume, IsExactForScheduleLossAndMemoryStrategy) {
  expect_exact_resume({model("qwen2"), "loss.plugin=liger", "memory.0.plugin=gradient_checkpointing",
                       "train.lr_scheduler_type=cosine", "train.warmup_steps=2", "train.adam_beta2=0.95",
                       "model.dtype=bfloat16"});
}

TEST(Resume, IsExactAtTheEndOfAnEpoch) {
  // three batches an epoch, so that the checkpoint of step 3 is at the end of one
  expect_exact_resume(
      {"train.per_device_train_batch_size=7", "train.lr_scheduler_type=constant", "loss.plugin=dft"});
}

// What transformers looks up in a trainer_state.json before it saves again.
TEST(Resume, CheckpointNamesTheCallbacksThatTransformersExpects) {
  const SmallRun run;
  const std::string config = run.write_config("[[callbacks]]\nplugin = \"early_stopping\"\n");
  const auto result = test::sift(arguments(
      config, {"train.eval_strategy=steps", "train.eval_steps=3", "train.load_best_model_at_end=true"}));
  ASSERT_EQ(result.status, 0) << result.err;
  const Json state = Json::parse(test::read_file(run.output_dir() / "checkpoint-3" / "trainer_state.json"));
  const Json& callbacks = state.at("stateful_callbacks");
  EXPECT_FALSE(callbacks.at("TrainerControl").at("args").at("should_training_stop").get<bool>());
  EXPECT_TRUE(callbacks.at("EarlyStoppingCallback").at("attributes").is_object());
}

TEST(Resume, DamagedOptimizerIsOneClearError) {
  const SmallRun run;
  const std::string config = run.write_config();
  ASSERT_EQ(test::sift(arguments(config, {"train.max_steps=3"})).status, 0);
  const fs::path optimizer = run.output_dir() / "checkpoint-3" / "optimizer.pt";
  fs::resize_file(optimizer, fs::file_size(optimizer) / 2);
  const auto result = test::sift(arguments(config, {}, "--resume"));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("sift: " + optimizer.string() + ": not a whole file of torch.save: "));
  EXPECT_THAT(result.err, HasSubstr("; use another checkpoint"));
}

}  // namespace
}  // namespace sift
