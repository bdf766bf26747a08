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
using test::expect_same_log;
using test::expect_same_weights;
using test::joined;
using test::Sets;
using test::SmallRun;
using test::train_alone;
using test::train_together;
using testing::HasSubstr;

/// Twenty steps over epochs whose ends are not full, logged and evaluated often.
const Sets kContextRun = {"train.max_steps=20",
                          "train.logging_steps=1",
                          "train.eval_strategy=steps",
                          "train.eval_steps=5",
                          "train.per_device_eval_batch_size=1",
                          "train.save_strategy=no"};

std::string context_of(std::int64_t size) {
  return fmt::format("parallel.context={}", size);
}

std::string fixture_model(const char* name) {
  return "model.path=" + (SmallRun::model_folder().parent_path() / name).string();
}

/// `size` processes, each `context_size` of which have two rows, give the run of one process with the rows of
/// all.
void expect_context_gives_one(std::int64_t size, std::int64_t context_size, const Sets& sets,
                              const std::string& sections = {}, const Sets& longer = kContextRun) {
  SCOPED_TRACE(fmt::format("{} {} {}", size, context_size, testing::PrintToString(sets)));
  const SmallRun run;
  const std::string config = run.write_config(sections);
  const fs::path alone = run.folder() / "alone";
  const Sets all = joined(longer, sets);
  const std::int64_t row_size = size / context_size;
  train_alone(config, joined(all, {"train.output_dir=" + alone.string(),
                                   fmt::format("train.per_device_train_batch_size={}", 2 * row_size)}));
  train_together(size, config, joined(all, {context_of(context_size)}));
  // transformers counts the batches of an evaluation, whose metrics are means over those of all processes
  const bool has_same_batches = row_size == 1;
  expect_same_log(test::log_of(run.output_dir()), test::log_of(alone),
                  has_same_batches ? std::set<std::string>{}
                                   : std::set<std::string>{"eval_entropy", "eval_mean_token_accuracy"});
  expect_same_weights(run.output_dir(), alone);
}

TEST(Context, GivesTheRunOfOne) {
  expect_context_gives_one(2, 2, {});
  expect_context_gives_one(3, 3, {"train.gradient_accumulation_steps=2", "train.weight_decay=0.1"});
  expect_context_gives_one(4, 2, {"train.gradient_accumulation_steps=3", "loss.plugin=dft"});
}

TEST(Context, GivesTheRunOfOneWithPackedRows) {
  expect_context_gives_one(2, 2, {"data.packing=true"});
  expect_context_gives_one(3, 3,
                           {"data.packing=true", "data.packing_strategy=wrapped", "data.cross_documents=true",
                            "loss.plugin=liger"});
}

TEST(Context, GivesTheRunOfOneWithMemoryStrategies) {
  expect_context_gives_one(2, 2,
                           {"loss.plugin=liger", "train.max_tokens_per_pass=64", "parallel.bucket_cap_mb=1"});
  expect_context_gives_one(2, 2,
                           {"train.gradient_checkpointing=true", "lora.target_modules=[\"all-linear\"]"});
  expect_context_gives_one(2, 2, {"train.freeze=[\"model.embed_tokens\", \"model.layers.0\"]"},
                           "[[memory]]\nplugin = \"gradient_checkpointing\"\nselective = true\n"
                           "[[memory]]\nplugin = \"activation_offload\"\ntarget = \"disk\"\nmin_bytes = 1\n");
}

// The experts are balanced over the whole micro-batch.
TEST(Context, GivesTheRunOfOneWithExpertsAndWindows) {
  expect_context_gives_one(2, 2, {fixture_model("mixtral"), "parallel.bucket_cap_mb=1"});
  expect_context_gives_one(3, 3, {fixture_model("qwen3-moe"), "train.gradient_checkpointing=true"});
  expect_context_gives_one(2, 2, {fixture_model("mistral-window")});
}

// With the prompts of the rows, a part of a micro-batch may have no scored token at all.
TEST(Context, GivesTheRunOfOneWithPartsThatHaveNothingToLearn) {
  const SmallRun run;
  std::string rows;
  for (int row = 0; row < 8; ++row)
    rows +=
        fmt::format("{{\"prompt\": \"{} {}\", \"completion\": \" {}\"}}\n", std::string(300, 'a'), row, row);
  run.folder().write("train.jsonl", rows);
  run.folder().write("eval.jsonl", rows);
  const std::string config = run.write_config();
  const fs::path alone = run.folder() / "alone";
  // more than one bucket, so that a process that lacks a gradient would stop the others
  const Sets sets =
      joined(kContextRun, {fixture_model("mixtral"), "parallel.bucket_cap_mb=1", "train.max_steps=6",
                           "data.max_length=512", "train.per_device_train_batch_size=1"});
  train_alone(config, joined(sets, {"train.output_dir=" + alone.string()}));
  train_together(4, config, joined(sets, {context_of(4)}));
  expect_same_log(test::log_of(run.output_dir()), test::log_of(alone));
  expect_same_weights(run.output_dir(), alone);
}

// The strategies of a run share weights and gradients as without a context.
TEST(Context, GivesTheBitsOfReplicasWithEveryStrategy) {
  const SmallRun run;
  const std::string config = run.write_config();
  const Sets sets = {context_of(2), "train.logging_steps=1", "train.eval_strategy=steps",
                     "train.eval_steps=3"};
  const fs::path replicas = run.folder() / "replicas";
  train_together(4, config, joined(sets, {"train.output_dir=" + replicas.string()}));
  for (const char* name : {"shard_optimizer", "shard_gradients", "shard_parameters"}) {
    SCOPED_TRACE(name);
    const fs::path out = run.folder() / name;
    train_together(
        4, config,
        joined(sets, {fmt::format("parallel.strategy={}", name), "train.output_dir=" + out.string()}));
    EXPECT_EQ(test::log_of(out), test::log_of(replicas));
    EXPECT_TRUE(test::weights_of(out) == test::weights_of(replicas));
  }
}

TEST(Context, GivesTheRunOfOneWithShardedParametersAndSeveralPasses) {
  expect_context_gives_one(
      3, 3,
      {"parallel.strategy=shard_parameters", "train.max_steps=8", "train.gradient_accumulation_steps=2",
       "train.max_tokens_per_pass=32", "train.gradient_checkpointing=true"});
}

TEST(Context, ResumesToTheSameBits) {
  const SmallRun run;
  const std::string config = run.write_config();
  const Sets sets = {context_of(2), "train.neftune_noise_alpha=5"};
  train_together(4, config, sets);
  const fs::path kept = run.folder() / "kept", again = run.output_dir() / "checkpoint-6";
  fs::rename(again, kept);
  EXPECT_THAT(train_together(4, config, sets, {"--resume"}), HasSubstr("at step 3 of 6"));
  for (const char* name :
       {"model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.safetensors", "sift_state.json"})
    EXPECT_TRUE(test::read_file(again / name) == test::read_file(kept / name)) << name;
}

/// A number of processes and how many of them have the same rows.
struct ContextWay {
  std::int64_t size, context_size;
};

TEST(Context, GoesOnInAnotherNumber) {
  const SmallRun run;
  const std::string config = run.write_config();
  train_together(2, config, {"train.logging_steps=1", context_of(2)});
  const fs::path kept = run.folder() / "kept", again = run.output_dir() / "checkpoint-6";
  fs::rename(again, kept);
  for (const ContextWay& way : {ContextWay{3, 3}, ContextWay{2, 1}, ContextWay{4, 2}}) {
    SCOPED_TRACE(fmt::format("{} {}", way.size, way.context_size));
    fs::remove_all(again);
    const std::int64_t rows = 2 * way.context_size / way.size;
    const std::string said = train_together(way.size, config,
                                            {"train.logging_steps=1", context_of(way.context_size),
                                             fmt::format("train.per_device_train_batch_size={}", rows)},
                                            {"--resume"});
    EXPECT_THAT(said, HasSubstr("at step 3 of 6"));
    EXPECT_THAT(said, testing::Not(HasSubstr("instead of")));  // the same rows
    expect_same_log(test::log_of(again), test::log_of(kept));
    expect_same_weights(again, kept);
  }
}

TEST(Context, EvaluatesAsOneProcess) {
  const SmallRun run;
  const std::string config = run.write_config();
  const auto value = [](const std::string& text, const std::string& key) {
    return text.substr(text.find(key), text.find('\n', text.find(key)) - text.find(key));
  };
  const auto alone = test::sift({"evaluate", config});
  const auto together = test::sift_processes(3, test::with_settings({"evaluate", config}, {context_of(3)}));
  ASSERT_EQ(together[0].status, 0) << together[0].err;
  for (const char* key : {"eval_loss", "eval_token_loss", "eval_mean_token_accuracy", "eval_entropy"})
    EXPECT_EQ(value(together[0].out, key), value(alone.out, key));
}

/// What a run that does not start says.
std::string refusal_of_context(std::int64_t size, const std::string& config, const Sets& sets) {
  const auto results = test::sift_processes(size, test::with_settings({"train", config}, sets));
  std::string all;
  for (const auto& result : results) {
    EXPECT_NE(result.status, 0);
    all += result.err;
  }
  EXPECT_EQ(all.find("sift: "), all.rfind("sift: ")) << all;
  return all;
}

TEST(Context, RefusesANumberThatDoesNotDivideTheProcesses) {
  const SmallRun run;
  EXPECT_THAT(
      refusal_of_context(3, run.write_config(), {context_of(2)}),
      HasSubstr("run.toml: context = 2 in [parallel] must divide the number of processes, which is 3; start "
                "a multiple of 2, or set another context"));
}

TEST(Context, RefusesALossThatNeedsAllTokens) {
  const SmallRun run;
  EXPECT_THAT(
      refusal_of_context(2, run.write_config(test::fixture_loss("nan_at_step")), {context_of(2)}),
      HasSubstr(
          "context = 2 in [parallel] divides the tokens of a micro-batch, and the loss nan_at_step does "
          "not say that it is a sum over tokens (sums_over_tokens); use another loss, or context = 1"));
}

// As the other options of [parallel].
TEST(Context, OfOneProcessHasNoEffect) {
  const SmallRun run;
  const std::string config = run.write_config();
  const fs::path alone = run.folder() / "alone";
  train_alone(config, {"train.output_dir=" + alone.string()});
  train_alone(config, {context_of(2)});
  EXPECT_TRUE(test::weights_of(run.output_dir()) == test::weights_of(alone));
}

}  // namespace
}  // namespace sift
