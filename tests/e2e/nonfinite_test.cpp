#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "support/program.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::SmallRun;
using testing::HasSubstr;

/// Trains with a loss that is no number in the micro-batches `from` to `to`.
test::ProgramResult train(const SmallRun& run, int from, int to, const std::vector<std::string>& sets = {},
                          const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"train", run.write_config(test::fixture_loss("nan_at_step")),
                                     "--set", "loss.from=" + std::to_string(from),
                                     "--set", "loss.to=" + std::to_string(to)};
  for (const std::string& set : sets) arguments.insert(arguments.end(), {"--set", set});
  arguments.insert(arguments.end(), more.begin(), more.end());
  return test::sift(arguments);
}

Json entries_of(const fs::path& folder) {
  Json log = Json::parse(test::read_file(folder / "trainer_state.json")).at("log_history");
  for (Json& entry : log) {
    for (const char* key : {"train_runtime", "train_samples_per_second", "train_steps_per_second"})
      entry.erase(key);
  }
  return log;
}

/// The two rows of a batch by file and line, of which the first begins as it is said to.
void expect_rows_are_named(const SmallRun& run, const std::string& message) {
  const std::string file = (run.folder() / "train.jsonl").string();
  const std::regex form("in " + file + ":([0-9]+), " + file + ":([0-9]+); the first row begins '([^']*)'");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(message, found, form)) << message;
  EXPECT_NE(found[1], found[2]);
  std::istringstream lines(test::read_file(file));
  std::string line;
  for (int number = 0; number < std::stoi(found[1]); ++number) ASSERT_TRUE(std::getline(lines, line));
  const std::string beginning = found[3];
  const std::string content = Json::parse(line).at("messages").at(0).at("content");
  const std::size_t said = beginning.find(content.substr(0, 5));
  ASSERT_NE(said, std::string::npos) << message;
  EXPECT_THAT(content, testing::StartsWith(beginning.substr(said)));
}

bool same_weights(const fs::path& one, const fs::path& other) {
  return test::read_file(one / "model.safetensors") == test::read_file(other / "model.safetensors");
}

TEST(Nonfinite, StepIsSkippedCountedAndItsRowsNamed) {
  for (const char* gradient_only : {"loss.gradient_only=false", "loss.gradient_only=true"}) {
    const SmallRun run;
    const auto result = train(run, 4, 4, {gradient_only, "train.save_steps=1"});
    ASSERT_EQ(result.status, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("step 4: the "));
    expect_rows_are_named(run, result.err);
    EXPECT_THAT(result.err, HasSubstr("; the weights are unchanged"));
    EXPECT_TRUE(same_weights(run.output_dir() / "checkpoint-3", run.output_dir() / "checkpoint-4"));
    EXPECT_FALSE(same_weights(run.output_dir() / "checkpoint-4", run.output_dir() / "checkpoint-5"));
    const Json log = entries_of(run.output_dir());
    EXPECT_FALSE(log[0].contains("nonfinite_steps"));  // TRL's keys, as long as all is well
    EXPECT_EQ(log[1].at("nonfinite_steps"), 1);
    for (const char* key : {"loss", "grad_norm", "entropy"}) EXPECT_TRUE(log[1].at(key).is_number()) << key;
    EXPECT_FALSE(log[2].contains("nonfinite_steps"));
  }
}

TEST(Nonfinite, WindowWithoutAnUpdateSurvivesResume) {
  const SmallRun run;
  const auto whole = train(run, 3, 4);
  ASSERT_EQ(whole.status, 0) << whole.err;
  const Json log = entries_of(run.output_dir());
  EXPECT_TRUE(log[1].at("loss").is_null());
  EXPECT_EQ(log[1].at("nonfinite_steps"), 2);
  fs::rename(run.output_dir() / "checkpoint-6", run.folder() / "kept");
  const auto resumed = train(run, 3, 4, {}, {"--resume"});  // in the middle of the window
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_EQ(entries_of(run.output_dir()), log);
  EXPECT_TRUE(same_weights(run.output_dir() / "checkpoint-6", run.folder() / "kept"));
}

TEST(Nonfinite, TooManyInARowEndTheRunWithAdvice) {
  const SmallRun run;
  const auto result = train(run, 3, 6, {"train.max_nonfinite_steps=3"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("sift: step 5: the loss is nan"));
  EXPECT_THAT(result.err, HasSubstr("that is step 3 in a row without an update (max_nonfinite_steps"));
  EXPECT_THAT(result.err, HasSubstr("try a lower learning_rate"));
}

TEST(Nonfinite, StopEndsTheRunAtOnce) {
  const SmallRun run;
  const auto result = train(run, 2, 2, {"train.on_nonfinite=stop"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("sift: step 2: the loss is nan"));
  EXPECT_THAT(result.err, HasSubstr("on_nonfinite = \"stop\""));
}

TEST(Nonfinite, RollbackTakesTheLastCheckpointAndGoesOn) {
  const SmallRun run;
  const auto result =
      train(run, 5, 5, {"train.on_nonfinite=rollback", "train.save_steps=3", "train.max_steps=5"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("step 5: the loss is nan"));
  EXPECT_THAT(result.err,
              HasSubstr("restored weights and optimizer from " +
                        (run.output_dir() / "checkpoint-3").string() + "; later updates are lost"));
  EXPECT_TRUE(same_weights(run.output_dir() / "checkpoint-3", run.output_dir() / "checkpoint-5"));
  EXPECT_FALSE(test::read_file(run.output_dir() / "checkpoint-5" / "sift_state.json") ==
               test::read_file(run.output_dir() / "checkpoint-3" / "sift_state.json"));

  const SmallRun early;
  const auto without = train(early, 2, 2, {"train.on_nonfinite=rollback"});
  EXPECT_EQ(without.status, 1);
  EXPECT_THAT(without.err, HasSubstr("no checkpoint exists yet"));
}

}  // namespace
}  // namespace sift
