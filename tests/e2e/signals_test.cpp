#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/program.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::SmallRun;
using testing::HasSubstr;

// What a shell does to a run: signals, pipes whose reader ends, full disks behind the standard output.

class Signals : public testing::Test {
 protected:
  /// Runs lines of bash, in which `train` starts the run with its log in the file `log`.
  test::ProgramResult bash(const std::string& lines) const {
    const std::string train = "train() { exec sift train '" + config_ +
                              "' --set train.max_steps=100000 \"$@\"; }\n"
                              "until_it_trains() { until grep -qs 'step 2' log; do sleep 0.02; done; }\n";
    return test::run_program(
        "/bin/bash", {"-c", "PATH='" + fs::path(SIFT_PROGRAM).parent_path().string() + ":'$PATH\ncd '" +
                                run_.folder().path().string() + "'\n" + train + lines});
  }
  std::string log() const { return test::read_file(run_.folder() / "log"); }
  bool has_checkpoint() const {
    for (const auto& entry : fs::directory_iterator(run_.output_dir())) {
      if (entry.path().filename().string().starts_with("checkpoint-")) return true;
    }
    return false;
  }

  SmallRun run_;
  std::string config_ = run_.write_config();
};

TEST_F(Signals, ThatAskForTheEndSaveACheckpoint) {
  const std::vector<std::pair<std::string, int>> signals = {
      {"TERM", 143}, {"HUP", 129}, {"USR1", 138}, {"USR2", 140}, {"XCPU", 152}};
  for (const auto& [name, status] : signals) {
    fs::remove_all(run_.output_dir());
    fs::remove(run_.folder() / "log");
    const auto result = bash("train --set train.save_steps=100000 2>log & until_it_trains; kill -" + name +
                             " $!; wait $!; exit $?");
    EXPECT_EQ(result.status, status) << log();
    EXPECT_THAT(log(), HasSubstr("stopped by SIG" + name + " after step ")) << name;
    EXPECT_THAT(log(), HasSubstr("--resume continues exactly from there"));
    EXPECT_TRUE(has_checkpoint()) << name;
  }
}

TEST_F(Signals, ThatWereIgnoredAtTheStartStayIgnored) {
  const auto result = bash(
      "trap '' HUP INT USR1\n"
      "train 2>log & until_it_trains\n"
      "kill -HUP $!; kill -INT $!; kill -USR1 $!; sleep 0.2; kill -TERM $!; wait $!; exit $?");
  EXPECT_EQ(result.status, 143) << log();
  EXPECT_THAT(log(), HasSubstr("stopped by SIGTERM"));
}

// timeout sends its signal to the process and then to its group
TEST_F(Signals, CopiesOfASignalAreOneRequest) {
  const auto result = bash(
      "train 2>log & until_it_trains\n"
      "kill -TERM $!; kill -TERM $!; kill -HUP $!; kill -HUP $!; wait $!; exit $?");
  EXPECT_EQ(result.status, 143) << log();
  EXPECT_THAT(log(), HasSubstr("stopped by SIGTERM"));
  EXPECT_TRUE(has_checkpoint());
}

TEST_F(Signals, AReaderOfTheLogThatEndsDoesNotEndTheRun) {
  const auto result = bash("train --set train.max_steps=6 2>&1 | head -n 1; exit ${PIPESTATUS[0]}");
  EXPECT_EQ(result.status, 0);
  EXPECT_TRUE(fs::exists(run_.output_dir() / "model.safetensors"));
  EXPECT_TRUE(fs::exists(run_.output_dir() / "checkpoint-6"));
}

TEST_F(Signals, AFullOrClosedLogDoesNotEndTheRun) {
  for (const char* log : {"/dev/full", "&-"}) {
    fs::remove_all(run_.output_dir());
    const auto result = bash(std::string("train --set train.max_steps=6 2>") + log);
    EXPECT_EQ(result.status, 0) << log;
    EXPECT_EQ(
        test::sift({"generate", run_.output_dir().string(), "--prompt", "x", "--max-new-tokens", "1"}).status,
        0);
  }
}

TEST_F(Signals, AFileAboveTheLimitIsAFailedSave) {
  // the optimizer's file is the first above 1 MB
  const auto result = bash("ulimit -f 1000; train --set train.max_steps=6 2>log");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(log(), HasSubstr("could not be saved: "));
  EXPECT_THAT(log(), HasSubstr("File too large"));
}

TEST_F(Signals, AResultThatCannotBePrintedIsAnError) {
  const std::string model = SmallRun::model_folder().string();
  const std::vector<std::string> commands = {"inspect '" + config_ + "'",
                                             "evaluate '" + config_ + "' --json values.json",
                                             "options",
                                             "plugins",
                                             "describe nll",
                                             "train '" + config_ + "' --dump-config",
                                             "--help",
                                             "--version",
                                             "generate '" + model + "' --prompt x --max-new-tokens 1"};
  for (const std::string& command : commands) {
    for (const char* output : {"/dev/full", "&-"}) {
      const auto result = bash("sift " + command + " >" + output);
      EXPECT_EQ(result.status, 1) << command;
      EXPECT_THAT(result.err, HasSubstr("standard output")) << command;
    }
  }
  EXPECT_TRUE(fs::exists(run_.folder() / "values.json")) << "the file of evaluate is written first";
}

}  // namespace
}  // namespace sift
