#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "checkpoint/run_lock.h"
#include "support/optimizers.h"
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

/// What a checkpoint has logged, without what the clock says.
Json history_of(const fs::path& checkpoint) {
  Json log = Json::parse(test::read_file(checkpoint / "trainer_state.json")).at("log_history");
  for (Json& entry : log) {
    for (const char* key : {"eval_runtime", "eval_samples_per_second", "eval_steps_per_second"})
      entry.erase(key);
  }
  return log;
}

/// A run that loses its checkpoint of step 6 and goes on from step 3 writes that very checkpoint again.
void expect_exact_resume(const Sets& sets, const std::vector<std::string>& more_files = {}) {
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
  EXPECT_THAT(resumed.err, testing::Not(HasSubstr("this run uses the values of its own configuration")));
  std::vector<std::string> files = {"model.safetensors", "optimizer.pt", "scheduler.pt",
                                    "rng_state.safetensors", "sift_state.json"};
  files.insert(files.end(), more_files.begin(), more_files.end());
  for (const std::string& name : files) {
    // not EXPECT_EQ, which would print megabytes of weights
    EXPECT_TRUE(test::read_file(again / name) == test::read_file(kept / name)) << name;
  }
  EXPECT_EQ(history_of(again), history_of(kept));
  EXPECT_FALSE(history_of(kept).empty());
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

TEST(Resume, KeepsTheRowsOfNewTokens) {
  for (const char* name : {"llama", "llama-tied-bias"}) {
    SCOPED_TRACE(name);
    const test::TempFolder folder;
    fs::copy(SmallRun::model_folder().parent_path() / name, folder / "model");
    Json config = Json::parse(test::read_file(folder / "model" / "tokenizer_config.json"));
    config["additional_special_tokens"] = {"<think>", "</think>"};
    config.erase("extra_special_tokens");
    folder.write("model/tokenizer_config.json", config.dump());
    const std::string path = "model.path=" + (folder / "model").string();
    expect_exact_resume({path, "model.resize_token_embeddings=true"});

    const SmallRun run;
    const auto refused = test::sift(arguments(run.write_config(), {path}));
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("'</think>' (1025), '<think>' (1024); set resize_token_embeddings"));
    const auto trained =
        test::sift(arguments(run.write_config(), {path, "model.resize_token_embeddings=true"}));
    ASSERT_EQ(trained.status, 0) << trained.err;
    const Json saved = Json::parse(test::read_file(run.output_dir() / "config.json"));
    EXPECT_EQ(saved.at("vocab_size"), 1026);
    const auto answered = test::sift({"generate", run.output_dir().string(), "--prompt", "<think>"});
    EXPECT_EQ(answered.status, 0) << answered.err;
  }
}

TEST(Resume, IsExactForOffloadAndWindowsAcrossTheCheckpoint) {
  // step 3 lies inside the windows of the log (2) and of the evaluation (4), and ends with 2 of 3
  // micro-batches
  expect_exact_resume({"memory.0.plugin=activation_offload", "memory.activation_offload.target=disk",
                       "train.gradient_accumulation_steps=3", "train.per_device_train_batch_size=3",
                       "train.eval_strategy=steps", "train.eval_steps=4", "data.packing=true",
                       "data.packing_strategy=wrapped", "data.shuffle_dataset=true"});
}

TEST(Resume, IsExactForPluginWithAStateAndExpertsOfAnotherKind) {
  // early stopping counts evaluations since the best one, across the checkpoint
  expect_exact_resume({model("qwen3-moe"), "callbacks.1.plugin=early_stopping",
                       "callbacks.early_stopping.early_stopping_patience=6", "train.eval_strategy=steps",
                       "train.eval_steps=1", "train.metric_for_best_model=loss",
                       "train.greater_is_better=true", "memory.0.plugin=gradient_checkpointing",
                       "memory.1.plugin=activation_offload", "memory.activation_offload.target=disk"});
}

TEST(Resume, IsExactAtTheEndOfAnEpoch) {
  // three batches an epoch, so that the checkpoint of step 3 is at the end of one
  expect_exact_resume(
      {"train.per_device_train_batch_size=7", "train.lr_scheduler_type=constant", "loss.plugin=dft"});
}

TEST(Resume, IsExactForTheAverageOfTheWeights) {
  const Sets ema = {"callbacks.1.plugin=ema", "callbacks.ema.decay=0.5", "callbacks.ema.every_n_steps=2"};
  expect_exact_resume(ema, {"component_tensors.safetensors", "ema/model.safetensors"});
}

class ResumeWithOptimizer : public testing::TestWithParam<std::string> {};

TEST_P(ResumeWithOptimizer, IsExact) {
  const std::string optim = "train.optim=" + GetParam();
  expect_exact_resume({optim, "train.weight_decay=0.1", "train.eval_strategy=steps", "train.eval_steps=2",
                       "train.freeze=[\"*.0.mlp.*\"]"});
  expect_exact_resume({optim, "model.dtype=bfloat16", "train.optim_args={ master_weights = \"float32\" }"});
}

INSTANTIATE_TEST_SUITE_P(Shipped, ResumeWithOptimizer, testing::ValuesIn(test::optimizer_names()),
                         [](const auto& run) { return run.param; });

TEST(Resume, IsExactForRandomRounding) {
  expect_exact_resume({"model.dtype=bfloat16", "train.optim_args={ master_weights = \"stochastic\" }"});
  expect_exact_resume({"model.dtype=bfloat16", "train.optim=sgd",
                       "train.optim_args={ momentum = 0.9, master_weights = \"stochastic\" }"});
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

TEST(Resume, DamagedCheckpointGivesWayToTheOneBefore) {
  const SmallRun run;
  const std::string config = run.write_config();
  ASSERT_EQ(test::sift(arguments(config, {})).status, 0);
  const std::string weights = test::read_file(run.output_dir() / "model.safetensors");
  const fs::path optimizer = run.output_dir() / "checkpoint-6" / "optimizer.pt";
  fs::resize_file(optimizer, fs::file_size(optimizer) / 2);
  const auto named = test::sift(arguments(config, {}, "--resume=" + optimizer.parent_path().string()));
  EXPECT_EQ(named.status, 1);
  EXPECT_THAT(named.err, HasSubstr("the checkpoint is damaged: " + optimizer.string() + ": has "));
  const auto last = test::sift(arguments(config, {}, "--resume"));
  EXPECT_EQ(last.status, 0) << last.err;
  EXPECT_THAT(last.err, HasSubstr("checkpoint-6 is damaged and not used: " + optimizer.string() + ": has "));
  EXPECT_THAT(last.err, HasSubstr("at step 3 of 6"));
  EXPECT_TRUE(test::read_file(run.output_dir() / "model.safetensors") == weights);
}

// A checkpoint at the end of an epoch is older than that epoch's evaluation.
TEST(Resume, EvaluationAtTheEndOfAnEpochIsNotLost) {
  const Sets sets{"train.per_device_train_batch_size=7", "train.eval_strategy=epoch"};
  const SmallRun run;
  const std::string config = run.write_config();
  ASSERT_EQ(test::sift(arguments(config, sets)).status, 0);
  const auto steps_of_evaluations = [&] {
    std::vector<int> steps;
    const Json state = Json::parse(test::read_file(run.output_dir() / "trainer_state.json"));
    for (const Json& entry : state.at("log_history")) {
      if (entry.contains("eval_loss")) steps.push_back(entry.at("step").get<int>());
    }
    return steps;
  };
  EXPECT_EQ(steps_of_evaluations(), (std::vector<int>{3, 6}));
  fs::remove_all(run.output_dir() / "checkpoint-6");
  ASSERT_EQ(test::sift(arguments(config, sets, "--resume")).status, 0);
  EXPECT_EQ(steps_of_evaluations(), (std::vector<int>{3, 6}));
  ASSERT_EQ(test::sift(arguments(config, sets, "--resume")).status, 0);
  EXPECT_EQ(steps_of_evaluations(), (std::vector<int>{3, 6}));
}

// The branch that was trained last is the one that --resume takes.
TEST(Resume, GoingBackMovesNewerCheckpointsAside) {
  const SmallRun run;
  const std::string config = run.write_config();
  ASSERT_EQ(test::sift(arguments(config, {"train.save_steps=2"})).status, 0);
  const std::string old_branch = test::read_file(run.output_dir() / "checkpoint-6" / "model.safetensors");
  const auto back =
      test::sift(arguments(config, {"train.save_steps=3", "train.max_steps=3", "train.learning_rate=1e-2"},
                           "--resume=" + (run.output_dir() / "checkpoint-2").string()));
  ASSERT_EQ(back.status, 0) << back.err;
  for (const char* name :
       {"checkpoint-2", "checkpoint-3", "checkpoint-4.superseded", "checkpoint-6.superseded"})
    EXPECT_TRUE(fs::exists(run.output_dir() / name)) << name;
  for (const char* name : {"checkpoint-4", "checkpoint-6"}) EXPECT_FALSE(fs::exists(run.output_dir() / name));
  EXPECT_THAT(back.err,
              HasSubstr("checkpoint-6 to checkpoint-6.superseded: this run went back to checkpoint-2"));
  const auto on = test::sift(arguments(config, {}, "--resume"));
  ASSERT_EQ(on.status, 0) << on.err;
  EXPECT_THAT(on.err, HasSubstr("checkpoint-3 at step 3 of 6"));
  const fs::path aside = run.output_dir() / "checkpoint-6.superseded";
  EXPECT_TRUE(test::read_file(aside / "model.safetensors") == old_branch);
  // it is whole and can be continued by its name; with a limit those moved aside are the first to go
  const auto other = test::sift(
      arguments(config, {"train.max_steps=8", "train.save_total_limit=2"}, "--resume=" + aside.string()));
  ASSERT_EQ(other.status, 0) << other.err;
  EXPECT_THAT(other.err, HasSubstr("at step 6 of 8"));
  std::vector<std::string> left;
  for (const auto& entry : fs::directory_iterator(run.output_dir())) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory()) left.push_back(name);
  }
  EXPECT_THAT(left, testing::UnorderedElementsAre("checkpoint-6.superseded", "checkpoint-8"));
}

TEST(Resume, SaysHowManyRowsAreMetAgainOrNot) {
  const SmallRun run;
  const std::string config = run.write_config();
  ASSERT_EQ(test::sift(arguments(config, {})).status, 0);
  const std::string from = "--resume=" + (run.output_dir() / "checkpoint-3").string();
  const auto log_with = [&](const Sets& sets) {
    const auto result = test::sift(arguments(config, sets, from));
    EXPECT_EQ(result.status, 0) << result.err;
    return result.err;
  };
  EXPECT_THAT(log_with({"train.per_device_train_batch_size=1"}),
              HasSubstr("this run has per_device_train_batch_size 1 instead of 2, unlike "));
  EXPECT_THAT(
      log_with({"train.per_device_train_batch_size=1"}),
      HasSubstr("goes on with row 4 of 20 in epoch 1, so 3 rows are met once more and 0 rows once less"));
  EXPECT_THAT(
      log_with({"train.gradient_accumulation_steps=2"}),
      HasSubstr("goes on with row 13 of 20 in epoch 1, so 0 rows are met once more and 6 rows once less"));
  EXPECT_THAT(log_with({"train.seed=7"}), HasSubstr("seed 7 instead of 42"));
  EXPECT_THAT(log_with({"data.shuffle_dataset=true"}), HasSubstr("or on the same in another order"));
  EXPECT_THAT(log_with({"data.train=" + (run.folder() / "eval.jsonl").string()}),
              HasSubstr("was trained on other train data, or on the same in another order (20 rows, now 4)"));
  // the same rows in other micro-batches
  EXPECT_THAT(log_with({"train.per_device_train_batch_size=1", "train.gradient_accumulation_steps=2"}),
              testing::Not(HasSubstr("warning")));
  EXPECT_THAT(log_with({"train.max_steps=9", "train.learning_rate=2e-3"}),
              testing::Not(HasSubstr("once more")));
}

TEST(Resume, FolderOfARunningRunIsRefused) {
  const SmallRun run;
  fs::create_directories(run.output_dir());
  const auto lock = lock_output_dir(run.output_dir());
  const auto result = test::sift(arguments(run.write_config(), {}));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("sift: output_dir " + run.output_dir().string() +
                                    " is in use by another run (process "));
}

}  // namespace
}  // namespace sift
