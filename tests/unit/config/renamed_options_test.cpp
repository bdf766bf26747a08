#include "config/renamed_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "config/renamed_values.h"
#include "config/sections.h"
#include "unit/config/config_fixture.h"

namespace sift::config_test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// All options of `trl sft`: the fields of SFTConfig, ModelConfig, ScriptArguments and DatasetMixtureConfig.
Names trl_names() {
  std::ifstream file(std::filesystem::path(SIFT_FIXTURES) / "trl_sft_names.txt");
  Names names;
  for (std::string line; std::getline(file, line);) names.push_back(line);
  return names;
}

std::string name_of(const std::string& key) {
  return "'" + key + "' ";
}

/// An answer says more than that the key is unknown or looks like another.
void expect_answer(const std::string& key, const std::string& fault) {
  const std::string home = section_of_option(key);
  if (home.empty()) {
    EXPECT_THAT(fault, HasSubstr(name_of(key) + fate_of_option(key))) << key;
    EXPECT_THAT(fault, Not(HasSubstr("unknown"))) << key;
  } else {
    EXPECT_THAT(fault, HasSubstr("belongs in [" + home + "]")) << key;
  }
}

TEST(RenamedOptions, EveryNameOfTrlIsAcceptedOrAnswered) {
  const Names names = trl_names();
  EXPECT_EQ(names.size(), 163u);
  for (const std::string& key : names) {
    EXPECT_NE(section_of_option(key).empty(), fate_of_option(key).empty())
        << key << " needs an answer, or has one beside an option";
  }
}

TEST(RenamedOptions, TheAnswerComesWhereverTheNameIsWritten) {
  for (const std::string& key : trl_names()) {
    for (const std::string value : {"true", "\"x\"", "[\"x\"]", "{ x = 1 }"}) {
      expect_answer(key, faults(key + " = " + value + "\n" + kSmall));
      expect_answer(key, faults(kSmall, {key + "=" + value}));
    }
    expect_answer(key, faults(kSmall, {key + ".x=1"}));
    for (const std::string section : {"model", "data", "train", "plugins", "loss"}) {
      if (section == section_of_option(key)) continue;
      expect_answer(key, faults(kSmall, {section + "." + key + "=1"}));
    }
    expect_answer(key, faults(kSmall + "[[callbacks]]\nplugin = \"csv\"\n" + key + " = 1\n"));
    expect_answer(key, faults(kSmall + "[" + key + "]\nx = 1\n"));
  }
}

TEST(RenamedOptions, AnswersSayWhatToWrite) {
  EXPECT_EQ(faults(kSmall + "dataset_test_split = \"test\"\n"),
            "sift.toml:7:1: [train] 'dataset_test_split' has no use here: eval in [data] names the files to "
            "evaluate on");
  EXPECT_EQ(faults(kSmall + "hub_strategy = \"end\"\n"),
            "sift.toml:7:1: [train] 'hub_strategy' is not supported: Sift uploads nothing; upload output_dir "
            "when the run has ended");
  EXPECT_EQ(faults(kSmall + "gradient-accumulation-steps = 2\nhub-strategy = 1\n"),
            "sift.toml:7:1: [train] unknown key 'gradient-accumulation-steps'; did you mean "
            "'gradient_accumulation_steps'? " +
                faults(kSmall + "gradient-accumulation-steps = 2\n")
                    .substr(faults(kSmall + "gradient-accumulation-steps = 2\n").find("known: ")) +
                "\nsift.toml:8:1: [train] 'hub-strategy' is not supported: Sift uploads nothing; upload "
                "output_dir when the run has ended");
  EXPECT_EQ(
      faults(kSmall + "path = \"m\"\n[plugins]\npath = \"p\"\n"),
      "sift.toml:7:1: [train] unknown key 'path'; it belongs in [model]\n"
      "sift.toml:9:1: [plugins] unknown key 'path'; it belongs in [model]; did you mean 'paths'? known: "
      "paths");
  EXPECT_EQ(faults("report_to = [\"tensorboard\"]\n[lr_scheduler_kwargs]\npower = 2\n" + kSmall),
            "sift.toml:1:1: 'report_to' belongs in [train]\n"
            "sift.toml:2:2: 'lr_scheduler_kwargs' belongs in [train]");
}

TEST(RenamedOptions, NoOptionIsToldToBeNone) {
  for (const Section& section : sections()) {
    for (const OptionSpec& spec : section.specs) {
      EXPECT_EQ(fate_of_option(spec.key), "") << spec.key;
      EXPECT_EQ(section_of_option(spec.key), section.name) << spec.key << " is in two sections";
    }
  }
  EXPECT_EQ(fate_of_option("foo"), "");
  EXPECT_EQ(advice_for_option("foo"), "");
}

}  // namespace
}  // namespace sift::config_test
