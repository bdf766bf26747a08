#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
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

/// Twenty steps over four epochs whose ends are not full, logged and evaluated often.
const Sets kLonger = {"train.max_steps=20",
                      "train.logging_steps=1",
                      "train.eval_strategy=steps",
                      "train.eval_steps=5",
                      "train.per_device_eval_batch_size=1",
                      "train.save_strategy=no"};

/// `size` processes with batches of two rows give the run of one process with batches of 2 * `size`.
void expect_run_of_one(std::int64_t size, const Sets& sets) {
  SCOPED_TRACE(testing::PrintToString(sets));
  const SmallRun run;
  const std::string config = run.write_config();
  const fs::path alone = run.folder() / "alone";
  const Sets all = joined(kLonger, sets);
  train_alone(config, joined(all, {"train.output_dir=" + alone.string(),
                                   fmt::format("train.per_device_train_batch_size={}", 2 * size)}));
  train_together(size, config, all);
  // transformers counts the batches of an evaluation, whose metrics are means over those of all processes
  expect_same_log(test::log_of(run.output_dir()), test::log_of(alone),
                  {"eval_entropy", "eval_mean_token_accuracy"});
  expect_same_weights(run.output_dir(), alone);
}

TEST(Processes, GiveTheRunOfOne) {
  expect_run_of_one(2, {});
  expect_run_of_one(3, {"train.gradient_accumulation_steps=2", "train.weight_decay=0.1"});
  expect_run_of_one(4, {"data.packing=true", "loss.plugin=dft"});
}

TEST(Processes, GiveTheRunOfOneWithAdaptersAndMemoryStrategies) {
  expect_run_of_one(2, {"loss.plugin=liger", "train.max_tokens_per_pass=64",
                        "train.gradient_checkpointing=true", "parallel.bucket_cap_mb=1"});
  expect_run_of_one(3, {"train.freeze=[\"model.embed_tokens\"]", "parallel.balance_tokens=true"});
  expect_run_of_one(2, {"lora.target_modules=[\"all-linear\"]"});
}

// Each process balances the experts over its own rows, as micro-batches of one process are.
TEST(Processes, WithExpertsGiveTheRunOfOneThatAccumulates) {
  const SmallRun run;
  const std::string config = run.write_config();
  const fs::path alone = run.folder() / "alone";
  const Sets all = joined(
      kLonger,
      {"model.path=" + (SmallRun::model_folder().parent_path() / "mixtral").string(), "train.max_steps=9"});
  train_alone(config,
              joined(all, {"train.output_dir=" + alone.string(), "train.gradient_accumulation_steps=2"}));
  train_together(2, config, all);
  expect_same_log(test::log_of(run.output_dir()), test::log_of(alone),
                  {"entropy", "mean_token_accuracy", "eval_entropy", "eval_mean_token_accuracy", "epoch"});
  expect_same_weights(run.output_dir(), alone);
}

// In an evaluation, as in training, the micro-batches that run at the same time count as one.
TEST(Processes, EvaluateAsOneProcessWithTheRowsOfAll) {
  const SmallRun run;
  const std::string config = run.write_config();
  const auto value = [](const std::string& text, const std::string& key) {
    return text.substr(text.find(key), text.find('\n', text.find(key)) - text.find(key));
  };
  const auto alone =
      test::sift(test::with_settings({"evaluate", config}, {"train.per_device_eval_batch_size=3"}));
  const auto together = test::sift_processes(
      3, test::with_settings({"evaluate", config}, {"train.per_device_eval_batch_size=1"}));
  ASSERT_EQ(together[0].status, 0) << together[0].err;
  EXPECT_EQ(together[1].out, "");
  for (const char* key : {"eval_token_loss", "eval_mean_token_accuracy", "eval_entropy"})
    EXPECT_EQ(value(together[0].out, key), value(alone.out, key));
}

/// A run of `size` processes that loses its checkpoint of step 6, and goes on from step 3.
TEST(Processes, ResumeToTheSameBits) {
  const SmallRun run;
  const std::string config = run.write_config();
  const Sets sets = {"train.neftune_noise_alpha=5"};  // random numbers of each process
  train_together(3, config, sets);
  const fs::path kept = run.folder() / "kept", again = run.output_dir() / "checkpoint-6";
  fs::rename(again, kept);
  EXPECT_THAT(train_together(3, config, sets, {"--resume"}), HasSubstr("at step 3 of 6"));
  for (const char* name :
       {"model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.safetensors", "sift_state.json"})
    EXPECT_TRUE(test::read_file(again / name) == test::read_file(kept / name)) << name;
}

TEST(Processes, GoOnInAnotherNumber) {
  const SmallRun run;
  const std::string config = run.write_config();
  train_together(2, config, {"train.logging_steps=1"});
  const fs::path kept = run.folder() / "kept", again = run.output_dir() / "checkpoint-6";
  fs::rename(again, kept);
  for (const std::int64_t size : {1, 4}) {
    fs::remove_all(again);
    const Sets sets = {"train.logging_steps=1",
                       fmt::format("train.per_device_train_batch_size={}", 4 / size)};
    const std::string said = size == 1
                                 ? test::sift(test::with_settings({"train", config, "--resume"}, sets)).err
                                 : train_together(size, config, sets, {"--resume"});
    EXPECT_THAT(said, HasSubstr("at step 3 of 6"));
    EXPECT_THAT(said, testing::Not(HasSubstr("instead of")));  // the same rows
    expect_same_log(test::log_of(again), test::log_of(kept));
    expect_same_weights(again, kept);
  }
}

TEST(Processes, EndTogetherWithOneError) {
  const SmallRun run;
  const std::string config =
      run.write_config("[plugins]\npaths = [\"" + std::string(SIFT_TEST_PLUGINS) +
                       "/throws_at_step.so\"]\n[loss]\nplugin = \"throws_at_step\"\nstep = 4\n");
  const auto results = test::sift_processes(3, {"train", config});
  std::string all;
  for (const auto& result : results) {
    EXPECT_EQ(result.status, 1);
    if (result.err.find("sift: ") != std::string::npos) all += result.err.substr(result.err.find("sift: "));
  }
  EXPECT_THAT(all, testing::StartsWith("sift: rank "));
  EXPECT_THAT(all, HasSubstr("at step 4"));
  EXPECT_EQ(all.find("sift: ", 1), std::string::npos) << all;
  EXPECT_TRUE(fs::is_directory(run.output_dir() / "checkpoint-3"));
}

/// The error of two processes, each in a folder of its own ("0", "1"), where the same configuration finds
/// what `prepare` put there.
std::string error_of_two_folders(const SmallRun& run, const std::string& config,
                                 const std::function<void(const fs::path& folder, int rank)>& prepare) {
  std::string lines =
      "export WORLD_SIZE=2 LOCAL_WORLD_SIZE=2 OMP_NUM_THREADS=1 MASTER_ADDR=127.0.0.1 MASTER_PORT=" +
      std::to_string(test::free_port()) + "\n";
  for (int rank = 0; rank < 2; ++rank) {
    const fs::path folder = run.folder() / std::to_string(rank);
    fs::create_directories(folder);
    prepare(folder, rank);
    lines += fmt::format("(cd '{0}'; RANK={1} LOCAL_RANK={1} '{2}' train '{3}') &\n", folder.string(), rank,
                         SIFT_PROGRAM, config);
  }
  return test::run_program("/bin/bash", {"-c", lines + "wait"}).err;
}

TEST(Processes, SayThatTheirWeightsDiffer) {
  const SmallRun run;
  const std::string config = run.write_config();
  std::string text = test::read_file(config);
  const std::string path = SmallRun::model_folder().string();
  text.replace(text.find(path), path.size(), "model");
  const fs::path relative = run.folder() / "relative.toml";
  std::ofstream(relative) << text;
  const auto error = error_of_two_folders(run, relative.string(), [](const fs::path& folder, int rank) {
    fs::copy(SmallRun::model_folder(), folder / "model");
    std::fstream weights(folder / "model" / "model.safetensors",
                         std::ios::in | std::ios::out | std::ios::binary);
    weights.seekp(-1, std::ios::end);  // the sign of the last value
    if (rank == 1) weights.put(static_cast<char>(weights.peek() ^ 0x80));
  });
  EXPECT_THAT(error, HasSubstr("the checksum of the weights of rank 1 differs from that of rank 0"));
  EXPECT_EQ(error.find("sift: "), error.rfind("sift: ")) << error;
}

TEST(Processes, SayThatAPluginDiffers) {
  const SmallRun run;
  const std::string config =
      run.write_config("[plugins]\npaths = [\"throws.so\"]\n[loss]\nplugin = \"throws_at_step\"\n");
  const auto error = error_of_two_folders(run, config, [](const fs::path& folder, int rank) {
    fs::copy(fs::path(SIFT_TEST_PLUGINS) / "throws_at_step.so", folder / "throws.so");
    if (rank == 1) std::ofstream(folder / "throws.so", std::ios::app) << "another build";
  });
  EXPECT_THAT(error, HasSubstr("the plugin throws.so of rank 1 differs from that of rank 0"));
}

TEST(Processes, SayWhoDidNotCome) {
  const SmallRun run;
  const std::string lines = fmt::format(
      "export WORLD_SIZE=4 OMP_NUM_THREADS=1 MASTER_ADDR=127.0.0.1 MASTER_PORT={} SIFT_RENDEZVOUS_TIMEOUT=2\n"
      "for rank in 0 2; do RANK=$rank LOCAL_RANK=$rank LOCAL_WORLD_SIZE=4 '{}' train '{}' & done; wait",
      test::free_port(), SIFT_PROGRAM, run.write_config());
  const std::string error = test::run_program("/bin/bash", {"-c", lines}).err;
  EXPECT_THAT(error, HasSubstr("2 of 4 processes did not come"));
  EXPECT_THAT(error, HasSubstr("missing: rank 1, 3;"));
  EXPECT_EQ(error.find("sift: "), error.rfind("sift: ")) << error;
}

TEST(Processes, SayThatThePortIsInUse) {
  const SmallRun run;
  const test::TakenPort taken;
  const std::string port = std::to_string(taken.number());
  const auto results = test::sift_processes(2, {"train", run.write_config()},
                                            {{"MASTER_PORT", port}, {"SIFT_RENDEZVOUS_TIMEOUT", "2"}});
  EXPECT_THAT(results[0].err, HasSubstr("rank 0 cannot open port " + port));
  EXPECT_THAT(results[0].err, HasSubstr("set MASTER_PORT to a free one"));
  for (const auto& result : results) EXPECT_EQ(result.status, 1) << result.err;
  EXPECT_THAT(results[1].err, HasSubstr("rank 1 on "));
}

TEST(Processes, SayWhatDiffersBetweenThem) {
  const SmallRun run;
  const std::string config = run.write_config();
  const auto results = test::sift_processes(2, {"train", config}, {}, [](std::size_t rank) {
    return rank == 1 ? std::vector<std::string>{"--set", "train.learning_rate=0.5"}
                     : std::vector<std::string>{};
  });
  const std::string all = results[0].err + results[1].err;
  EXPECT_EQ(results[0].status, 1);
  EXPECT_EQ(results[1].status, 1);
  EXPECT_THAT(all, HasSubstr("the configuration of rank 1 differs from that of rank 0"));
}

}  // namespace
}  // namespace sift
