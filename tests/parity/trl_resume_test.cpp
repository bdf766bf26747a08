#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "config/config.h"
#include "support/reference_run.h"
#include "support/temp_folder.h"
#include "train/run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::ReferenceRun;
using test::TempFolder;
using Json = nlohmann::json;

/// What TRL saved at step 10 of a run that is llama-nll.
fs::path trl_checkpoint() {
  return fs::path(SIFT_FIXTURES) / "parity" / "checkpoints" / "llama-resume" / "checkpoint-10";
}

double tolerance_of(const std::string& key) {
  if (key == "loss" || key == "entropy") return 1e-5;
  return key == "grad_norm" ? 1e-4 : 0.0;
}

void expect_same_step(const Json& ours, const Json& theirs) {
  for (const auto& [key, value] : theirs.items()) {
    ASSERT_TRUE(ours.contains(key)) << key;
    const double found = ours.at(key).get<double>(), expected = value.get<double>();
    EXPECT_LE(std::abs(found - expected), tolerance_of(key) * std::abs(expected))
        << "step " << theirs.at("step") << ": " << key
        << fmt::format(" is {:.9g}, TRL has {:.9g}", found, expected);
  }
}

Json state_of(const fs::path& folder) {
  return Json::parse(test::read_file(folder / "trainer_state.json"));
}

TrainOutput resume(const ReferenceRun& run, const TempFolder& folder, const fs::path& checkpoint,
                   const std::vector<std::string>& overrides = {}) {
  PluginHost host;
  const Config config = load_config(run.write_config(folder.path()), {overrides}, host);
  return run_training(config, {.resume = true, .resume_from = checkpoint.string()});
}

TEST(TrlResume, GoesOnFromTrlsCheckpointAsTrlDoes) {
  const ReferenceRun reference("llama-nll");
  const TempFolder folder;
  const TrainOutput output = resume(reference, folder, trl_checkpoint());

  const Json log = state_of(folder / "out").at("log_history");
  const Json& theirs = reference.json().at("log");
  ASSERT_EQ(log.size(), theirs.size());
  ASSERT_EQ(theirs.at(10).at("step"), 11);
  for (std::size_t i = 0; i < 20; ++i) expect_same_step(log[i], theirs[i]);
  EXPECT_EQ(output.global_step, 20);
  const double training_loss = reference.json().at("output").at("training_loss").get<double>();
  EXPECT_NEAR(output.training_loss, training_loss, 1e-5 * training_loss);
}

TEST(TrlResume, SaysWhatTheLogDoesNotHold) {
  const ReferenceRun reference("llama-nll");
  const TempFolder folder;
  const fs::path checkpoint = folder / "checkpoint-10";
  fs::copy(trl_checkpoint(), checkpoint, fs::copy_options::recursive);
  Json state = state_of(checkpoint);
  state["log_history"].erase(9);  // a run that logs at other steps than it saves
  state["train_batch_size"] = 8;
  state["epoch"] = 0.2;
  // Python writes such numbers
  std::string text = state.dump();
  text.replace(text.find("\"total_flos\":"), 13, "\"odd\":[NaN,-Infinity,\"NaN \\\" NaN\"],\"total_flos\":");
  folder.write("checkpoint-10/trainer_state.json", text);

  testing::internal::CaptureStderr();
  resume(reference, folder, checkpoint, {"train.max_steps=12"});
  const std::string logged = testing::internal::GetCapturedStderr();

  EXPECT_THAT(logged, testing::HasSubstr("is a checkpoint of transformers: weights, optimizer, log"));
  EXPECT_THAT(logged, testing::HasSubstr("log ends at step 9 of 10"));
  EXPECT_THAT(logged, testing::HasSubstr("per_device_train_batch_size 4 instead of 8"));
  const Json log = state_of(folder / "out").at("log_history");
  EXPECT_EQ(log.at(9).at("step"), 11);
  const Json& theirs = reference.json().at("log");
  const double unseen =
      theirs.at(9).at("num_tokens").get<double>() - theirs.at(8).at("num_tokens").get<double>();
  EXPECT_EQ(log.at(9).at("num_tokens").get<double>() + unseen, theirs.at(10).at("num_tokens").get<double>());
}

TEST(TrlResume, OwnCheckpointWithoutItsStateIsNotTakenForTrls) {
  const ReferenceRun reference("llama-nll");
  const TempFolder folder;
  const fs::path checkpoint = folder / "checkpoint-10";
  fs::copy(trl_checkpoint(), checkpoint, fs::copy_options::recursive);
  folder.write("checkpoint-10/rng_state.safetensors", "");
  EXPECT_THAT(test::error_of([&] { resume(reference, folder, checkpoint); }),
              testing::HasSubstr("manifest.json: missing"));
}

TEST(TrlResume, CheckpointWithoutOptimizerIsRefused) {
  const ReferenceRun reference("llama-nll");
  const TempFolder folder;
  const fs::path checkpoint = folder / "checkpoint-10";
  fs::copy(trl_checkpoint(), checkpoint, fs::copy_options::recursive);
  fs::remove(checkpoint / "optimizer.pt");
  EXPECT_THAT(test::error_of([&] { resume(reference, folder, checkpoint); }),
              testing::HasSubstr(
                  "checkpoint-10: has no optimizer.pt: the checkpoint was saved without its optimizer"));
}

}  // namespace
}  // namespace sift
