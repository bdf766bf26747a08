#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.h"
#include "support/small_run.h"

// What a run says about its data.

namespace sift {
namespace {

using test::SmallRun;
using testing::HasSubstr;

test::ProgramResult train_on_rows(const std::string& config, std::vector<std::string> settings) {
  std::vector<std::string> arguments{"train", config, "--overwrite", "--set", "train.max_steps=1"};
  for (const auto& setting : settings) arguments.insert(arguments.end(), {"--set", setting});
  return test::sift(arguments);
}

TEST(DataLog, TheSecondStartPreparesNothing) {
  const SmallRun run;
  run.folder().write("more-1.jsonl", "{\"text\": \"one more row\"}\n");
  run.folder().write("more-2.jsonl", "{\"text\": \"and another\"}\n");
  const std::vector<std::string> settings = {"data.train=[\"" + (run.folder() / "train.jsonl").string() +
                                                 "\", \"" + (run.folder() / "more-*.jsonl").string() + "\"]",
                                             "data.token_cache=" + (run.folder() / "cache").string(),
                                             "train.eval_strategy=steps", "train.eval_steps=1"};
  const std::string config = run.write_config();
  const auto first = train_on_rows(config, settings);
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("train data: 22 rows read, 22 kept"));
  EXPECT_THAT(first.err, HasSubstr("eval data: 4 rows read, 4 kept"));
  const auto second = train_on_rows(config, settings);
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_THAT(second.err, HasSubstr("train data (from the cache): 22 rows read, 22 kept"));
  EXPECT_THAT(second.err, HasSubstr("eval data (from the cache): 4 rows read, 4 kept"));
  run.folder().write("more-3.jsonl", "{\"text\": \"a file that was not there\"}\n");
  const auto third = train_on_rows(config, settings);
  EXPECT_THAT(third.err, HasSubstr("train data: 23 rows read, 23 kept"));
  EXPECT_THAT(third.err, HasSubstr("eval data (from the cache)"));
}

TEST(DataLog, WhatBecameOfTheRowsIsCounted) {
  const SmallRun run;
  const std::string rows =
      "{\"input_ids\": [5, 6, 7, 8, 9, 10]}\n"
      "{\"input_ids\": [5, 6, 7, 8, 9], \"labels\": [-100, -100, -100, -100, 9]}\n"
      "{\"input_ids\": []}\n"
      "{\"input_ids\": [5]}\n";
  const auto result =
      train_on_rows(run.write_config(),
                    {"data.max_length=4", "data.train=" + run.folder().write("r.jsonl", rows).string()});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(
      result.err,
      HasSubstr("train data: 4 rows read, 2 kept; 5 tokens, 3 scored; 2 truncated; 1 dropped: no tokens; 1 "
                "dropped: no scored token within max_length; 1 kept without a scored token"));
}

TEST(DataLog, LongRowsAndSplitsAreCounted) {
  const SmallRun run;
  const std::string rows = "{\"input_ids\": [5, 6, 7, 8, 9, 10]}\n{\"input_ids\": [5, 6]}\n";
  const std::string data = "data.train=" + run.folder().write("r.jsonl", rows).string();
  const std::string config = run.write_config();
  const auto packed = train_on_rows(config, {data, "data.max_length=4", "data.packing=true"});
  EXPECT_EQ(packed.status, 0) << packed.err;
  EXPECT_THAT(
      packed.err,
      HasSubstr("2 rows read, 2 kept; 6 tokens, 4 scored; 1 truncated; packed into 2 rows, 75.0 % full"));
  const auto split = train_on_rows(
      config, {data, "data.max_length=4", "data.packing=true", "data.packing_strategy=bfd_split"});
  EXPECT_THAT(split.err, HasSubstr("0 truncated; 1 longer than max_length and split; packed into 2 rows"));
}

TEST(DataLog, AStepWithNothingToScoreIsToldOf) {
  const SmallRun run;
  std::string rows = "{\"input_ids\": [5, 6, 7]}\n";
  for (int i = 0; i < 5; ++i) rows += "{\"input_ids\": [5, 6], \"labels\": [-100, -100]}\n";
  const auto result =
      train_on_rows(run.write_config(), {"data.train=" + run.folder().write("r.jsonl", rows).string(),
                                         "data.max_length=0", "train.max_steps=3"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("5 kept without a scored token"));
  EXPECT_THAT(
      result.err,
      HasSubstr(": no token contributes to the loss (every label is -100), so this step learns nothing"));
}

TEST(DataLog, SpansFoundByPrefixesAreToldOnce) {
  const SmallRun run;
  const std::string chat =
      run.folder()
          .write("own.jinja",
                 "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
                 "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
          .string();
  const auto result =
      train_on_rows(run.write_config(), {"data.assistant_only_loss=true", "data.chat_template_path=" + chat});
  EXPECT_EQ(result.status, 0) << result.err;
  const std::string note = "20 whose assistant spans were found by rendering prefixes";
  EXPECT_THAT(result.err, HasSubstr(note));
  EXPECT_EQ(result.err.find(note), result.err.rfind(note));
  EXPECT_THAT(result.err, HasSubstr("eval data: not read, since eval_strategy is"));
}

}  // namespace
}  // namespace sift
