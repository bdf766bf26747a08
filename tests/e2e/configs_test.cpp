#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "support/program.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::SmallRun;

/// Rows in the format that the configuration of this name is for.
std::string rows_for(const std::string& name) {
  std::string row =
      R"({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]})";
  if (name == "completion") row = R"({"prompt": "What is it? ", "completion": "A test."})";
  if (name == "text") row = R"({"text": "A few words to train on."})";
  if (name == "from_scratch") row = R"({"input_ids": [5, 6, 7, 8, 9]})";
  std::string rows;
  for (int i = 0; i < 40; ++i) rows += row + "\n";
  return rows;
}

/// `arguments` with the places of things and the length of the run set; the rest of the file is kept.
std::vector<std::string> two_steps(const SmallRun& run, const std::string& config, const std::string& rows) {
  const std::string data = run.folder().write("rows.jsonl", rows).string();
  return test::with_settings(
      {"train", config},
      {"model.path=" + SmallRun::model_folder().string(), "data.train=" + data, "data.eval=" + data,
       "train.output_dir=" + run.output_dir().string(), "train.max_steps=2", "train.device=cpu"});
}

/// The blocks of code in `language` of a page in Markdown.
std::vector<std::string> code_blocks(const std::string& page, const std::string& language) {
  const std::string begin = "```" + language + "\n", end = "```";
  std::vector<std::string> blocks;
  for (std::size_t at = 0; (at = page.find(begin, at)) != std::string::npos;) {
    at += begin.size();
    const std::size_t length = page.find(end, at) - at;
    blocks.push_back(page.substr(at, length));
    at += length + end.size();
  }
  return blocks;
}

TEST(Configs, EachTrainsForTwoSteps) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(SIFT_CONFIGS)) {
    const std::string name = entry.path().stem().string();
    const SmallRun run;
    const auto result = test::sift(two_steps(run, entry.path().string(), rows_for(name)));
    EXPECT_EQ(result.status, 0) << name << ": " << result.err;
    const char* weights = name == "lora" ? "adapter_model.safetensors" : "model.safetensors";
    EXPECT_TRUE(fs::exists(run.output_dir() / weights)) << name;
    ++count;
  }
  EXPECT_GE(count, 4);
}

TEST(ComingFromTrl, TheFileOfThePageTrains) {
  const std::string page = test::read_file(SIFT_TRL_PAGE);
  const std::vector<std::string> files = code_blocks(page, "toml");
  ASSERT_EQ(files.size(), 2u) << "a file, and entries to add to it";
  const SmallRun run;
  const std::string config = run.folder().write("run.toml", files[0] + files[1]).string();
  const auto result = test::sift(two_steps(run, config, rows_for("chat")));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(fs::exists(run.output_dir() / "model.safetensors"));
  EXPECT_FALSE(fs::is_empty(run.output_dir() / "runs")) << "TensorBoard's";
  const std::string state = test::read_file(run.output_dir() / "checkpoint-2" / "trainer_state.json");
  EXPECT_THAT(state, testing::HasSubstr("\"eval_mean_token_accuracy\""));
  EXPECT_THAT(state, testing::Not(testing::HasSubstr("entropy\"")));
}

TEST(ComingFromTrl, TheFileHasEveryOptionOfTheScript) {
  const std::string page = test::read_file(SIFT_TRL_PAGE);
  const std::string script = code_blocks(page, "python").at(0), file = code_blocks(page, "toml").at(0);
  const std::regex argument("\n        ([a-z_0-9]+)=");  // of SFTConfig, by its indent
  int count = 0;
  for (std::sregex_iterator match(script.begin(), script.end(), argument), end; match != end; ++match) {
    const std::string name = (*match)[1].str();
    EXPECT_THAT(file, testing::AnyOf(testing::HasSubstr("\n" + name + " = "),
                                     testing::HasSubstr("# " + name + "\n")));
    ++count;
  }
  EXPECT_GT(count, 20);
}

TEST(OptionsPage, IsTheOneThatTheProgramWrites) {
  const auto result = test::sift({"options"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(test::read_file(SIFT_OPTIONS_PAGE), result.out)
      << "docs/options.md is stale: sift options > docs/options.md";
}

}  // namespace
}  // namespace sift
