#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/processes.h"
#include "support/program.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::SmallRun;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class Launch : public testing::Test {
 protected:
  /// Starts a long run of so many processes in the background, and waits for its second step.
  std::string start_training(int processes) const {
    return "sift launch --nproc-per-node " + std::to_string(processes) + " train '" + config_ +
           "' --set train.max_steps=100000 2>log & until grep -qs 'step 2' log; do sleep 0.02; done\n";
  }
  /// Runs lines of bash. `pipe` is a configuration that is never written: a process that reads it waits.
  test::ProgramResult bash(const std::string& lines) const {
    const std::string begin =
        "PATH='" + fs::path(SIFT_PROGRAM).parent_path().string() + ":'$PATH\ncd '" +
        run_.folder().path().string() +
        "'\nexport TMPDIR=$PWD\nmkfifo pipe 2>/dev/null\n"
        "children() { cat /proc/$1/task/$1/children; }\n"
        "until_it_has() { until [[ $(children $1 | wc -w) == $2 ]]; do sleep 0.02; done; }\n"
        "until_ended() { for process in $@; do while [[ -e /proc/$process ]]; do sleep 0.02; done; done; }\n";
    return test::run_program("/bin/bash", {"-c", begin + lines});
  }
  std::string log() const { return test::read_file(run_.folder() / "log"); }

  const SmallRun run_;
  const std::string config_ = run_.write_config();
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_F(Launch, PrintsWhatTheFirstProcessPrints) {
  const std::string expected = test::sift({"describe", "nll"}).out;
  const auto result = test::sift({"launch", "--nproc-per-node", "2", "describe", "nll"});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, expected);
  EXPECT_EQ(result.err, "");
}

TEST_F(Launch, PrintsEveryLineOfEveryRank) {
  const auto result = test::sift({"launch", "--nproc-per-node=2", "--log-all-ranks", "describe", "nll"});
  EXPECT_EQ(result.status, 0);
  for (const char* prefix : {"[rank 0] ", "[rank 1] "})
    EXPECT_EQ(count(result.out, prefix + std::string("loss nll\n")), 1) << prefix;
}

TEST_F(Launch, ShowsTheErrorOfAllProcessesOnce) {
  const auto result = test::sift({"launch", "--nproc-per-node", "3", "train", "missing.toml"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(count(result.err, "missing.toml"), 1) << result.err;
  EXPECT_EQ(count(result.err, "\n"), 1) << result.err;
  const auto usage = test::sift({"launch", "--nproc-per-node", "2", "generate"});
  EXPECT_EQ(usage.status, 2) << "the status of the processes";
  EXPECT_EQ(count(usage.err, "--model"), 1) << usage.err;
}

TEST_F(Launch, NamesAProcessThatWasKilledAndEndsTheOthers) {
  const auto result = bash(
      "sift launch --nproc-per-node 3 inspect pipe 2>log & until_it_has $! 3\n"
      "all=($(children $!)); kill -KILL ${all[1]}; wait $!; status=$?\n"
      "until_ended ${all[@]}; echo ${all[1]}; exit $status");
  EXPECT_EQ(result.status, 137);
  const std::string process = result.out.substr(0, result.out.find('\n'));
  EXPECT_THAT(log(), MatchesRegex("sift: rank 1 of 3 on [^ ]+ \\(process " + process +
                                  "\\): it was killed by SIGKILL without a message; .*\n"));
  EXPECT_EQ(count(log(), "\n"), 1) << log();
}

TEST_F(Launch, TheDeathOfAProcessIsTheOneErrorOfARun) {
  const auto result =
      bash(start_training(2) + "sleep 3; all=($(children $!)); kill -KILL ${all[1]}; wait $!");
  EXPECT_EQ(result.status, 137);
  EXPECT_EQ(count(log(), "sift: "), 1) << log();
  EXPECT_THAT(log(), HasSubstr("sift: rank 1 of 2 on "));
  EXPECT_THAT(log(), HasSubstr(", at step "));
  EXPECT_THAT(log(), HasSubstr(": it was killed by SIGKILL without a message"));
}

TEST_F(Launch, ASignalToSeveralProcessesSavesOnce) {
  const auto result = bash(start_training(2) + "kill -TERM $!; wait $!");
  EXPECT_EQ(result.status, 143);
  EXPECT_EQ(count(log(), "stopped by SIGTERM after step "), 1) << log();
  EXPECT_EQ(count(log(), "sift: "), 0) << log();
}

TEST_F(Launch, KillsProcessesThatDoNotEnd) {
  const auto result = bash(
      "trap '' TERM\n"
      "sift launch --nproc-per-node 2 --grace-seconds 1 inspect pipe 2>log & until_it_has $! 2\n"
      "all=($(children $!)); kill -KILL ${all[0]}; wait $!; status=$?; until_ended ${all[@]}; exit $status");
  EXPECT_EQ(result.status, 137);
  EXPECT_THAT(log(), HasSubstr("sift: rank 0 "));
}

TEST_F(Launch, AStoppedProcessEndsToo) {
  const auto result = bash(
      "sift launch --nproc-per-node 2 --grace-seconds 600 inspect pipe 2>log & until_it_has $! 2\n"
      "all=($(children $!)); kill -STOP ${all[0]}; kill -KILL ${all[1]}; wait $!");
  EXPECT_EQ(result.status, 137);
  EXPECT_THAT(log(), HasSubstr("sift: rank 1 "));
}

TEST_F(Launch, PassesSignalsOn) {
  const auto result = bash(start_training(1) + "kill -TERM $!; wait $!");
  EXPECT_EQ(result.status, 143);
  EXPECT_THAT(log(), HasSubstr("stopped by SIGTERM after step "));
  EXPECT_THAT(log(), Not(HasSubstr("sift: ")));
  for (const auto& [name, status] :
       std::vector<std::pair<std::string, int>>{{"INT", 130}, {"HUP", 129}, {"USR1", 138}, {"USR2", 140}}) {
    // bash ignores SIGINT for what it starts in the background
    const auto ended = bash(
        "set -m; sift launch --nproc-per-node 2 inspect pipe 2>log & until_it_has $! 2\n"
        "all=$(children $!); kill -" +
        name + " $!; wait $!; status=$?; until_ended $all; exit $status");
    EXPECT_EQ(ended.status, status) << name << ended.err;
    EXPECT_EQ(log(), "") << name;
  }
}

TEST_F(Launch, ASignalToOneProcessIsNoFailureIfItSaves) {
  const auto result = bash(start_training(1) + "kill -USR1 $(children $!); wait $!");
  EXPECT_EQ(result.status, 138);
  EXPECT_THAT(log(), Not(HasSubstr("sift: ")));
}

TEST_F(Launch, NoProcessOutlivesTheLauncher) {
  const auto result = bash(
      "sift launch --nproc-per-node 2 inspect pipe 2>log & until_it_has $! 2\n"
      "all=$(children $!); kill -KILL $!; wait $!; until_ended $all; exit 0");
  EXPECT_EQ(result.status, 0);
}

TEST_F(Launch, TheStoreOutlivesTheProcessesOfAllNodes) {
  const auto result = bash(
      "launch() { sift launch --nproc-per-node 1 --nnodes 2 --node-rank $1 --master-addr 127.0.0.1 --master-port $2 "
      "--grace-seconds 600 describe nll >out$1 2>log$1; }\n"
      "port=$((20000 + $$ % 10000))\n"
      "launch 0 $port & sleep 1; kill -0 $! || exit 1\n"
      "launch 1 $port || exit 2\n"
      "wait $! || exit 3");
  EXPECT_EQ(result.status, 0) << test::read_file(run_.folder() / "log0")
                              << test::read_file(run_.folder() / "log1");
}

TEST_F(Launch, APortInUseIsOneError) {
  const test::TakenPort taken;
  const std::string port = std::to_string(taken.number());
  for (const char* nodes : {"1", "2"}) {
    const auto result = test::sift({"launch", "--nproc-per-node", "2", "--nnodes", nodes, "--node-rank", "0",
                                    "--master-addr", "127.0.0.1", "--master-port", port, "describe", "nll"});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.err, "sift: port " + port +
                              " of this machine is in use, perhaps by another run; choose a free one with "
                              "--master-port\n");
  }
}

TEST_F(Launch, AHostThatNeverComesIsOneError) {
  const auto result = bash(
      "export SIFT_RENDEZVOUS_TIMEOUT=2\n"
      "sift launch --nproc-per-node 2 --nnodes 2 --node-rank 0 --master-addr 127.0.0.1 --master-port " +
      std::to_string(test::free_port()) + " train '" + config_ + "' 2>log");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(count(log(), "sift: "), 1) << log();
  EXPECT_THAT(log(), HasSubstr("sift: 2 of 4 processes did not come to 127.0.0.1:"));
  EXPECT_THAT(log(), HasSubstr("missing: rank 2, 3;"));
}

TEST_F(Launch, WritesItsErrorForItsOwnLauncher) {
  const std::string file = (run_.folder() / "error.json").string();
  const std::map<std::string, std::string> environment = {{"TORCHELASTIC_ERROR_FILE", file}};
  test::sift({"train", "missing.toml"}, environment);
  EXPECT_THAT(test::read_file(file), HasSubstr("missing.toml"));
  fs::remove(file);
  test::sift({"launch", "--nproc-per-node", "2", "train", "missing2.toml"}, environment);
  EXPECT_THAT(test::read_file(file), HasSubstr("missing2.toml"));
}

TEST_F(Launch, UsageErrors) {
  const auto expect = [](std::vector<std::string> arguments, const std::string& message) {
    arguments.insert(arguments.begin(), "launch");
    const auto result = test::sift(arguments);
    EXPECT_EQ(result.status, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_EQ(count(result.err, "\n"), 1) << result.err;
  };
  expect({}, "--nproc-per-node");
  expect({"train", "run.toml"}, "--nproc-per-node");
  expect({"--nproc-per-node", "2"}, "needs a command to run");
  expect({"--nproc-per-node", "0", "train"}, "--nproc-per-node is 0; expected 1 to 1024");
  expect({"--nproc-per-node", "two", "train"}, "two");
  expect({"--nproc-per-node", "2", "--fast", "train", "run.toml"}, "--fast");
  expect({"--nproc-per-node", "2", "--log-all-ranks=yes", "train"}, "log-all-ranks");
  expect({"--nproc-per-node", "2", "fly"}, "cannot run 'fly'");
  expect({"--nproc-per-node", "2", "launch", "--nproc-per-node", "2", "train"}, "cannot run 'launch'");
  expect({"--nproc-per-node", "2", "--nnodes", "2", "train"}, "--nnodes above 1 needs --node-rank");
  expect({"--nproc-per-node", "2", "--nnodes", "2", "--node-rank", "1", "train"}, "needs --master-addr HOST");
  expect({"--nproc-per-node", "2", "--nnodes", "2", "--node-rank", "2", "--master-addr", "a", "train"},
         "--node-rank is 2; expected 0 to 1");
  expect({"--nproc-per-node", "2", "--master-port", "70000", "train"},
         "--master-port is 70000; expected 0 to 65535");
}

}  // namespace
}  // namespace sift
