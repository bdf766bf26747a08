#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(Configs, EachTrainsForTwoSteps) {
  int count = 0;
  for (const auto& entry : fs::directory_iterator(SIFT_CONFIGS)) {
    const std::string name = entry.path().stem().string();
    const SmallRun run;
    const std::string data = run.folder().write("rows.jsonl", rows_for(name)).string();
    // whatever stands in the file is kept but for the places of things and the length of the run
    const auto result = test::sift(test::with_settings(
        {"train", entry.path().string()},
        {"model.path=" + SmallRun::model_folder().string(), "data.train=" + data, "data.eval=" + data,
         "train.output_dir=" + run.output_dir().string(), "train.max_steps=2", "train.device=cpu"}));
    EXPECT_EQ(result.status, 0) << name << ": " << result.err;
    EXPECT_TRUE(fs::exists(run.output_dir() / "model.safetensors")) << name;
    ++count;
  }
  EXPECT_GE(count, 4);
}

TEST(OptionsPage, IsTheOneThatTheProgramWrites) {
  const auto result = test::sift({"options"});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(test::read_file(SIFT_OPTIONS_PAGE), result.out)
      << "docs/options.md is stale: sift options > docs/options.md";
}

}  // namespace
}  // namespace sift
