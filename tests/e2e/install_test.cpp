#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "support/researcher.h"
#include "support/run_folder.h"
#include "support/small_run.h"

namespace sift {
namespace {

using testing::HasSubstr;

/// The indented block of the page in which `text` stands, without its indentation.
std::string block_with(const std::string& page, const std::string& text) {
  std::istringstream lines(page);
  std::string line, block, blanks;
  while (std::getline(lines, line)) {
    if (line.empty()) {
      blanks += "\n";  // belongs to the block when more of it follows
    } else if (line.starts_with("    ")) {
      block += (block.empty() ? "" : blanks) + line.substr(4) + "\n";
      blanks.clear();
    } else {
      if (block.find(text) != std::string::npos) return block;
      block.clear();
      blanks.clear();
    }
  }
  return {};
}

// The page tells a researcher what to do: install Sift, build a loss against it, train with it. This does it.
TEST(Install, LinesOfThePageLeadToATrainingRun) {
  const std::string page = test::read_file(SIFT_PLUGIN_PAGE);
  const std::string commands = block_with(page, "cmake --install build");
  const std::string configuration = block_with(page, "plugin = \"focal\"");
  for (const char* command : {"cmake -S examples/custom_loss", "cmake --build", "sift plugins",
                              "sift describe", "sift train run.toml"}) {
    ASSERT_THAT(commands, HasSubstr(command));
  }
  const test::Researcher researcher;
  const test::SmallRun run;
  researcher.home().write("run.toml", test::read_file(run.write_config(configuration)));

  const auto done = researcher.shell(commands);
  ASSERT_EQ(done.status, 0) << done.out << done.err;
  EXPECT_THAT(done.out, HasSubstr("custom_loss.so                         Focal loss"));
  EXPECT_THAT(done.out, HasSubstr("focusing parameter; 0 is nll"));
  EXPECT_TRUE(std::filesystem::exists(run.output_dir() / "model.safetensors"));

  // (1 - p)^gamma is below 1: focal is less than nll, and it is nll where gamma is 0
  const auto first_loss = [&](const std::string& setting) {
    const auto result =
        researcher.shell("sift train run.toml --overwrite --set train.max_steps=2 --set " + setting);
    EXPECT_EQ(result.status, 0) << result.err;
    return test::log_of(run.output_dir()).at(0).at("loss").get<double>();
  };
  const double nll = first_loss("loss.gamma=0");
  EXPECT_GT(nll, 1.0);
  const double focal = first_loss("loss.gamma=1.5");
  EXPECT_LT(focal, 0.999 * nll);
  EXPECT_GT(focal, 0.5 * nll);
}

TEST(Install, PrefixBringsItsOwnPlugins) {
  const test::Researcher researcher;
  const auto listed = researcher.shell("cmake --install build --prefix ~/sift >/dev/null\nsift plugins");
  ASSERT_EQ(listed.status, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr(researcher.home().path().string() + "/sift/"));
  EXPECT_THAT(listed.out, testing::Not(HasSubstr(SIFT_BUILD_DIR)));
  for (const char* name : {"nll", "accuracy", "logging", "csv", "gradient_checkpointing"})
    EXPECT_THAT(listed.out, HasSubstr(name));
}

TEST(Install, PrefixReadsParquet) {
  if (!std::filesystem::exists(SIFT_PLUGINS "/../libsift_parquet.so")) GTEST_SKIP() << "built without Arrow";
  const test::Researcher researcher;
  const test::SmallRun run;
  const auto inspected =
      researcher.shell("cmake --install build --prefix ~/sift >/dev/null\nsift inspect " +
                       run.write_config() + " --set data.train=" SIFT_FIXTURES "/parquet/texts.parquet");
  EXPECT_EQ(inspected.status, 0) << inspected.err;
  EXPECT_THAT(inspected.out, HasSubstr("10 rows read, 10 kept"));
}

}  // namespace
}  // namespace sift
