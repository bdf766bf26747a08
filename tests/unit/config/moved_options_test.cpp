#include "config/moved_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/config_fixture.h"

namespace sift::config_test {
namespace {

using testing::HasSubstr;

const std::string kLogging = "[[callbacks]]\nplugin = \"logging\"\n";
const std::string kCheckpoint = "[[callbacks]]\nplugin = \"checkpoint\"\n";

struct Read {
  Config config;
  std::string warning;
};

Read read_old(const std::string& text, const std::vector<std::string>& set = {}) {
  testing::internal::CaptureStderr();
  Config config = read(text, set);
  return {std::move(config), testing::internal::GetCapturedStderr()};
}

TEST(MovedOptions, AreThoseOfTrain) {
  const Read old =
      read_old(kSmall + kLogging + "logging_steps = 0.5\nprogress = \"off\"\nlogging_first_step = true\n" +
               kCheckpoint + "save_steps = 7\nsave_strategy = \"epoch\"\nsave_total_limit = 2\n");
  EXPECT_EQ(old.config.train.logging_steps, 0.5);
  EXPECT_TRUE(old.config.train.logging_first_step);
  EXPECT_EQ(old.config.train.save_strategy, "epoch");
  EXPECT_EQ(old.config.train.save_steps, 7);
  EXPECT_EQ(old.config.train.save_total_limit, 2);
  EXPECT_EQ(names(old.config.components.callbacks), Names{"logging"});
  EXPECT_EQ(static_cast<const LogKnobs*>(old.config.components.callbacks[0].options.get())->progress, "off");
  EXPECT_THAT(old.warning,
              HasSubstr("sift.toml:9:1: [[callbacks]] when a run logs and saves is set in [train] now: write "
                        "logging_steps (on line 9), logging_first_step (on line 11), save_steps (on line "
                        "14), save_strategy (on line 15), save_total_limit (on line 16) there, and remove "
                        "[[callbacks]] plugin = \"checkpoint\" (on line 13)\n"));
  EXPECT_EQ(read_old(dump_config(old.config)).warning, "");
}

TEST(MovedOptions, ThePluginIsDroppedEvenWithoutOptions) {
  const Read old = read_old(kSmall + kCheckpoint);
  EXPECT_EQ(names(old.config.components.callbacks), Names{"logging"});
  EXPECT_EQ(old.config.train.save_strategy, "steps");
  EXPECT_THAT(old.warning,
              HasSubstr("sift.toml:8:1: [[callbacks]] when a run logs and saves is set in "
                        "[train] now: remove [[callbacks]] plugin = \"checkpoint\" (on line 8)\n"));
  EXPECT_EQ(read_old(kSmall + kLogging).warning, "");
  EXPECT_EQ(faults(kCheckpoint + "save_steps = 3\n").substr(0, 20), "sift.toml:1:1: [mode")
      << "no [train] at all";
}

TEST(MovedOptions, WrittenTwiceAreAFault) {
  EXPECT_EQ(
      faults(kSmall + "save_steps = 3\n" + kCheckpoint + "save_steps = 4\n"),
      "sift.toml:10:1: [[callbacks]] 'save_steps' belongs in [train], which has it on line 7; remove it "
      "here");
  EXPECT_EQ(
      faults(kSmall + kCheckpoint + "save_steps = 4\n" + kCheckpoint + "save_steps = 4\n"),
      "sift.toml:12:1: [[callbacks]] 'save_steps' belongs in [train], which has it on line 9; remove it "
      "here");
}

TEST(MovedOptions, FaultsAreReportedWhereTheyWereWritten) {
  EXPECT_EQ(faults(kSmall + kCheckpoint + "save_strategy = \"never\"\n").substr(0, 40),
            "sift.toml:9:17: [train] save_strategy: e");
  EXPECT_EQ(faults(kSmall + kCheckpoint + "save_stepz = 4\n"),
            "sift.toml:9:1: [[callbacks]] unknown key 'save_stepz' for plugin 'checkpoint', whose options "
            "belong in [train]");
  EXPECT_EQ(faults(kSmall + kLogging + "save_steps = 4\n"),
            "sift.toml:9:1: [[callbacks]] unknown key 'save_steps' for plugin 'logging'; it belongs in "
            "[train]");
}

TEST(MovedOptions, OfTheCommandLineWinOverTheFile) {
  const std::string old = kSmall + kLogging + "logging_steps = 2\n" + kCheckpoint + "save_steps = 3\n";
  const auto steps = [&](const std::string& file, const std::vector<std::string>& set) {
    const TrainOptions options = read_old(file, set).config.train;
    return std::pair(options.logging_steps, options.save_steps);
  };
  EXPECT_EQ(steps(old, {}), std::pair(2.0, 3.0));
  EXPECT_EQ(steps(old, {"callbacks.logging.logging_steps=4", "callbacks.checkpoint.save_steps=5"}),
            std::pair(4.0, 5.0));
  EXPECT_EQ(steps(old, {"train.logging_steps=4", "train.save_steps=5"}), std::pair(4.0, 5.0));
  EXPECT_EQ(steps(old, {"callbacks.0.logging_steps=4", "callbacks.1.save_steps=5"}), std::pair(4.0, 5.0));
  EXPECT_EQ(steps(kSmall + "save_steps = 3\n", {"callbacks.checkpoint.save_steps=5"}), std::pair(10.0, 5.0));
  EXPECT_EQ(steps(old, {"train.save_steps=5", "callbacks.1.save_steps=6"}), std::pair(2.0, 6.0));
  EXPECT_EQ(steps(old, {"callbacks.1.save_steps=6", "train.save_steps=5"}), std::pair(2.0, 5.0));
  EXPECT_THAT(read_old(kSmall, {"callbacks.checkpoint.save_steps=5"}).warning,
              HasSubstr("--set callbacks.checkpoint.save_steps: [[callbacks]] when a run logs and saves is "
                        "set in [train] now: write save_steps (by --set callbacks.checkpoint.save_steps) "
                        "there\n"));
}

}  // namespace
}  // namespace sift::config_test
