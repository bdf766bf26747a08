#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "support/process_runs.h"
#include "support/processes.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::joined;
using test::Sets;
using test::SmallRun;
using test::train_alone;
using test::train_together;
using testing::HasSubstr;

const std::string kFull = "parallel.state_dict_type=full";
const std::vector<std::string> kStrategies = {"shard_optimizer", "shard_gradients", "shard_parameters"};

std::string strategy(const std::string& name) {
  return "parallel.strategy=" + name;
}

std::set<std::string> files_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

/// Of two checkpoints, but for the times in the log.
void expect_same_files(const fs::path& found, const fs::path& expected) {
  ASSERT_EQ(files_in(found), files_in(expected));
  for (const std::string& name : files_in(expected))
    EXPECT_TRUE(name == "trainer_state.json" || name == "manifest.json" ||
                test::read_file(found / name) == test::read_file(expected / name))
        << name;
}

/// Runs of `size` processes whose log and checkpoints are those of replicas, to the bit.
void expect_replicas(std::int64_t size, const Sets& sets, const std::vector<std::string>& strategies,
                     const std::string& sections = {}) {
  const SmallRun run;
  const std::string config = run.write_config(sections);
  const fs::path replicas = run.folder() / "replicas";
  const Sets all = joined(sets, {"train.eval_strategy=steps", "train.eval_steps=3", "train.logging_steps=1",
                                 "train.save_total_limit=2", kFull});
  train_together(size, config, joined(all, {"train.output_dir=" + replicas.string()}));
  for (const std::string& name : strategies) {
    SCOPED_TRACE(fmt::format("{} {} {}", size, name, testing::PrintToString(sets)));
    const fs::path out = run.folder() / name;
    train_together(size, config, joined(all, {strategy(name), "train.output_dir=" + out.string()}));
    EXPECT_EQ(test::log_of(out), test::log_of(replicas));
    EXPECT_TRUE(test::weights_of(out) == test::weights_of(replicas));
    expect_same_files(out / "checkpoint-6", replicas / "checkpoint-6");
  }
}

// Twenty rows are no multiple of six: in the fourth step some processes have none.
TEST(Sharding, GivesTheBitsOfReplicas) {
  expect_replicas(2, {"train.weight_decay=0.1"}, kStrategies);
  expect_replicas(3, {"parallel.bucket_cap_mb=1", "parallel.even_batches=true"}, kStrategies);
}

// With several passes, replicas add up the gradients of each process first, and shard_gradients those of each
// pass.
TEST(Sharding, OfTheOptimizerGivesTheBitsOfReplicasWithSeveralPasses) {
  expect_replicas(2, {"train.gradient_accumulation_steps=2", "train.max_tokens_per_pass=64"},
                  {"shard_optimizer"});
}

TEST(Sharding, GivesTheBitsOfReplicasWithOtherOptimizers) {
  expect_replicas(2, {"train.optim=sgd", "train.optim_args.momentum=0.9"}, {"shard_optimizer"});
  expect_replicas(3, {"train.optim=lion_32bit", "train.learning_rate=1e-4"}, {"shard_gradients"});
  expect_replicas(2, {"train.optim=rmsprop"}, {"shard_gradients"});
  expect_replicas(2, {"model.dtype=bfloat16", "train.optim_args.master_weights=float32"},
                  {"shard_gradients"});
}

TEST(Sharding, GivesTheBitsOfReplicasWithExpertsAndMemoryStrategies) {
  const std::string mixtral = "model.path=" + (SmallRun::model_folder().parent_path() / "mixtral").string();
  expect_replicas(2, {mixtral}, kStrategies,
                  "[[memory]]\nplugin = \"activation_offload\"\ntarget = \"disk\"\nmin_bytes = 1\n");
  expect_replicas(3, {mixtral, "train.gradient_checkpointing=true"}, {"shard_parameters"});
}

// Frozen weights are divided, too; gradients end at the first layer that is trained.
TEST(Sharding, GivesTheBitsOfReplicasWithFrozenWeights) {
  expect_replicas(3, {"train.freeze=[\"model.embed_tokens\", \"model.layers.0\"]"}, kStrategies);
}

TEST(Sharding, OfAdaptersGivesTheBitsOfReplicas) {
  for (const char* setting : {"train.gradient_checkpointing=false", "train.gradient_checkpointing=true",
                              "model.load_in_4bit=true"}) {
    SCOPED_TRACE(setting);
    const SmallRun run;
    const std::string config = run.write_config("[lora]\nr = 4\n");
    const Sets sets = {setting};  // an adapter is saved whole
    const fs::path replicas = run.folder() / "replicas";
    train_together(2, config, joined(sets, {"train.output_dir=" + replicas.string()}));
    train_together(2, config, joined(sets, {strategy("shard_parameters")}));
    for (const char* name : {"adapter_model.safetensors", "checkpoint-6/optimizer.pt"})
      EXPECT_TRUE(test::read_file(run.output_dir() / name) == test::read_file(replicas / name)) << name;
  }
}

// A callback reads the weights, on the main process alone, while the others train on; the best model is
// loaded at the end.
TEST(Sharding, GivesCallbacksTheWeights) {
  const SmallRun run;
  const std::string config = run.write_config("[[callbacks]]\nplugin = \"ema\"\ndecay = 0.5\n");
  const fs::path replicas = run.folder() / "replicas";
  const Sets sets = {"train.eval_strategy=steps", "train.eval_steps=3", "train.load_best_model_at_end=true"};
  train_together(2, config, joined(sets, {"train.output_dir=" + replicas.string()}));
  train_together(2, config, joined(sets, {strategy("shard_parameters")}));
  EXPECT_TRUE(test::weights_of(run.output_dir()) == test::weights_of(replicas));
  for (const char* folder : {"ema", "checkpoint-3/ema"})
    EXPECT_TRUE(test::weights_of(run.output_dir() / folder) == test::weights_of(replicas / folder)) << folder;
}

TEST(Sharding, GivesTheRunOfOne) {
  for (const std::int64_t size : {2, 3, 4}) {
    const SmallRun run;
    const std::string config = run.write_config();
    const fs::path alone = run.folder() / "alone";
    const Sets sets = {"train.max_steps=20", "train.logging_steps=1", "train.save_strategy=no",
                       "train.gradient_accumulation_steps=2", "train.max_tokens_per_pass=64"};
    train_alone(config, joined(sets, {"train.output_dir=" + alone.string(),
                                      fmt::format("train.per_device_train_batch_size={}", 2 * size)}));
    for (const std::string& name : kStrategies) {
      SCOPED_TRACE(fmt::format("{} {}", size, name));
      const fs::path out = run.folder() / name;
      train_together(size, config, joined(sets, {strategy(name), "train.output_dir=" + out.string()}));
      test::expect_same_log(test::log_of(out), test::log_of(alone));
      test::expect_same_weights(out, alone);
    }
  }
}

TEST(Sharding, ResumesToTheSameBits) {
  for (const std::string& name : kStrategies) {
    const SmallRun run;
    const std::string config = run.write_config();
    const Sets sets = {strategy(name), "train.gradient_accumulation_steps=2"};
    train_together(3, config, sets);
    const fs::path kept = run.folder() / "kept", again = run.output_dir() / "checkpoint-6";
    fs::rename(again, kept);
    EXPECT_THAT(train_together(3, config, sets, {"--resume"}), HasSubstr("at step 3 of 6"));
    expect_same_files(again, kept);
  }
}

// Each process writes a file of weights and one of the optimizer's state, in which they are whole.
TEST(Sharding, SavesInShardsWhatOneProcessSaves) {
  const SmallRun run;
  const std::string config = run.write_config();
  const fs::path full = run.folder() / "full";
  train_together(3, config, {strategy("shard_parameters"), kFull, "train.output_dir=" + full.string()});
  for (const std::string& name : {std::string("replicas"), kStrategies[0], kStrategies[2]}) {
    SCOPED_TRACE(name);
    const fs::path out = run.folder() / name;
    train_together(3, config,
                   {strategy(name), "parallel.state_dict_type=sharded", "train.output_dir=" + out.string()});
    const std::set<std::string> files = files_in(out / "checkpoint-6");
    for (const char* part : {"model-00003-of-00003.safetensors", "optimizer-00003-of-00003.safetensors",
                             "optimizer.index.pt", "model.safetensors.index.json"})
      EXPECT_TRUE(files.contains(part)) << part;
    EXPECT_FALSE(files.contains("optimizer.pt"));
    const auto found = test::tensors_of(out / "checkpoint-6");
    for (const auto& [tensor, values] : test::tensors_of(full / "checkpoint-6"))
      EXPECT_TRUE(at::equal(found.at(tensor), values)) << tensor;
    EXPECT_TRUE(test::read_file(out / "model.safetensors") == test::read_file(full / "model.safetensors"));
  }
}

// A checkpoint is a model folder, whatever its files.
TEST(Sharding, TrainsOnFromTheWeightsOfShards) {
  const SmallRun run;
  const std::string config = run.write_config();
  train_together(2, config, {strategy("shard_gradients"), "train.save_only_model=true"});
  const fs::path checkpoint = run.output_dir() / "checkpoint-6";
  const auto result = test::sift({"evaluate", config, "--set", "model.path=" + checkpoint.string()});
  EXPECT_EQ(result.status, 0) << result.err;
  const auto refused = test::sift({"train", config, "--resume"});
  EXPECT_THAT(refused.err, HasSubstr("was saved without its optimizer"));
}

Sets two_replicas(const std::string& name) {
  return {strategy(name), "parallel.replicas_of_shards=2"};
}

// Gradients are added within the two halves first, so the last bits differ.
TEST(Sharding, InReplicasGivesTheRunOfReplicas) {
  const SmallRun run;
  const std::string config = run.write_config();
  const fs::path replicas = run.folder() / "replicas";
  const Sets sets = {"train.max_steps=20",        "train.logging_steps=1",
                     "train.save_strategy=no",    "train.gradient_accumulation_steps=2",
                     "train.eval_strategy=steps", "train.eval_steps=7"};
  train_together(4, config, joined(sets, {"train.output_dir=" + replicas.string()}));
  for (const std::string& name : kStrategies) {
    SCOPED_TRACE(name);
    const fs::path out = run.folder() / name;
    train_together(4, config, joined(joined(sets, two_replicas(name)), {"train.output_dir=" + out.string()}));
    test::expect_same_log(test::log_of(out), test::log_of(replicas));
    test::expect_same_weights(out, replicas);
  }
}

TEST(Sharding, InReplicasResumesToTheSameBits) {
  for (const std::string& name : kStrategies) {
    const SmallRun run;
    const std::string config = run.write_config();
    train_together(4, config, two_replicas(name));
    const fs::path kept = run.folder() / "kept", again = run.output_dir() / "checkpoint-6";
    fs::rename(again, kept);
    EXPECT_THAT(train_together(4, config, two_replicas(name), {"--resume"}), HasSubstr("at step 3 of 6"));
    expect_same_files(again, kept);
  }
}

TEST(Sharding, RefusesReplicasThatDoNotDivideTheProcesses) {
  const SmallRun run;
  const auto results = test::sift_processes(
      3, test::with_settings({"train", run.write_config()}, two_replicas("shard_gradients")));
  EXPECT_NE(results[0].status, 0);
  EXPECT_THAT(
      results[0].err + results[1].err + results[2].err,
      HasSubstr("replicas_of_shards = 2 in [parallel] must divide the number of processes, which is 3"));
}

/// A strategy of a number of processes; of one, the strategy has no effect.
struct Way {
  std::int64_t size;
  std::string strategy;
};

/// Continues a run of `first`, with four rows in an update, in other ways.
void expect_to_go_on(const Way& first, const std::vector<Way>& ways) {
  const SmallRun run;
  const std::string config = run.write_config();
  train_together(first.size, config,
                 {"train.logging_steps=1", strategy(first.strategy),
                  fmt::format("train.per_device_train_batch_size={}", 4 / first.size)});
  const fs::path kept = run.folder() / "kept", again = run.output_dir() / "checkpoint-6";
  fs::rename(again, kept);
  for (const Way& way : ways) {
    SCOPED_TRACE(fmt::format("{} {}", way.size, way.strategy));
    fs::remove_all(again);
    const Sets sets = {"train.logging_steps=1", strategy(way.strategy),
                       fmt::format("train.per_device_train_batch_size={}", 4 / way.size)};
    if (way.size == 1)
      EXPECT_EQ(test::sift(test::with_settings({"train", config, "--resume"}, sets)).status, 0);
    else
      train_together(way.size, config, sets, {"--resume"});
    test::expect_same_log(test::log_of(again), test::log_of(kept));
    test::expect_same_weights(again, kept);
  }
}

TEST(Sharding, GoesOnInAnotherNumberAndWay) {
  expect_to_go_on({2, "shard_optimizer"}, {{1, "shard_optimizer"}, {4, "shard_gradients"}, {4, "replicas"}});
  expect_to_go_on({4, "shard_parameters"}, {{1, "replicas"}, {2, "shard_parameters"}});
  expect_to_go_on({2, "replicas"}, {{4, "shard_parameters"}});
}

TEST(Sharding, RollsBackToACheckpoint) {
  const SmallRun run;
  const std::string config = run.write_config(test::fixture_loss("nan_at_step", "from = 5\nto = 5\n"));
  const Sets sets = {"train.on_nonfinite=rollback", "train.save_total_limit=1"};
  const fs::path replicas = run.folder() / "replicas";
  train_together(2, config, joined(sets, {"train.output_dir=" + replicas.string()}));
  for (const char* name : {"shard_gradients", "shard_parameters"}) {
    const fs::path out = run.folder() / name;
    const std::string said =
        train_together(2, config, joined(sets, {strategy(name), "train.output_dir=" + out.string()}));
    EXPECT_THAT(said, HasSubstr("restored weights and optimizer"));
    EXPECT_TRUE(test::weights_of(out) == test::weights_of(replicas)) << name;
  }
}

TEST(Sharding, RefusesAnOptimizerThatNeedsWholeWeights) {
  for (const char* optim : {"muon", "adafactor", "adamw_8bit", "schedule_free_adamw"}) {
    const SmallRun run;
    const std::vector<std::string> arguments = test::with_settings(
        {"train", run.write_config()}, {strategy("shard_optimizer"), fmt::format("train.optim={}", optim)});
    const auto results = test::sift_processes(2, arguments);
    const std::string all = results[0].err + results[1].err;
    EXPECT_NE(results[0].status, 0);
    EXPECT_THAT(all, HasSubstr(fmt::format("and the optimizer {} in [train] needs whole ones", optim)));
    EXPECT_THAT(all, testing::Not(HasSubstr("model ")));  // which is not read
  }
}

}  // namespace
}  // namespace sift
