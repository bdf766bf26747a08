#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.h"
#include "support/small_run.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::run_program;
using testing::HasSubstr;

// What a researcher does: install Sift, build a loss of their own against it, train with it.
TEST(Install, PrefixRunsAndBuildsAPlugin) {
  const test::SmallRun run;
  const std::string prefix = (run.folder() / "prefix").string();
  const auto installed = run_program(SIFT_CMAKE, {"--install", SIFT_BUILD_DIR, "--prefix", prefix});
  ASSERT_EQ(installed.status, 0) << installed.err;
  const std::string program = prefix + "/bin/sift";

  const auto plugins = run_program(program, {"plugins"});
  EXPECT_EQ(plugins.status, 0);
  EXPECT_THAT(plugins.out, HasSubstr(prefix));
  for (const char* name : {"nll", "accuracy", "logging", "checkpoint"})
    EXPECT_THAT(plugins.out, HasSubstr(name));

  if (fs::exists(SIFT_PLUGINS "/../libsift_parquet.so")) {
    const auto inspected = run_program(program, {"inspect", run.write_config(), "--set",
                                                 "data.train=" SIFT_FIXTURES "/parquet/texts.parquet"});
    EXPECT_EQ(inspected.status, 0) << inspected.err;
    EXPECT_THAT(inspected.out, HasSubstr("10 rows read, 10 kept"));
  }

  const std::string build = (run.folder() / "plugin").string();
  const auto configured =
      run_program(SIFT_CMAKE, {"-S", SIFT_EXAMPLES "/custom_loss", "-B", build, "-DCMAKE_BUILD_TYPE=Release",
                               "-DCMAKE_PREFIX_PATH=" + prefix});
  ASSERT_EQ(configured.status, 0) << configured.out << configured.err;
  const auto built = run_program(SIFT_CMAKE, {"--build", build});
  ASSERT_EQ(built.status, 0) << built.out << built.err;

  const std::string config = run.write_config(
      "[loss]\nplugin = \"focal\"\ngamma = 1.5\n[plugins]\npaths = [\"" + build + "/custom_loss.so\"]\n");
  const auto trained = run_program(program, {"train", config});
  EXPECT_EQ(trained.status, 0) << trained.err;
  EXPECT_TRUE(fs::exists(run.output_dir() / "model.safetensors"));
  EXPECT_THAT(run_program(program, {"describe", "focal", build + "/custom_loss.so"}).out, HasSubstr("gamma"));
}

}  // namespace
}  // namespace sift
