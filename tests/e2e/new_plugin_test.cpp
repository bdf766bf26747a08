#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/program.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// that what it writes builds and runs is for install_test to show

TEST(NewPlugin, NamesFollowTheKind) {
  const test::TempFolder folder;
  const auto file_of = [&](const std::string& kind, const std::string& name) {
    const std::string target = (folder / (kind + name)).string();
    const auto result = test::sift({"new-plugin", kind, name, target});
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_TRUE(fs::exists(target + "/CMakeLists.txt"));
    EXPECT_TRUE(fs::exists(target + "/README.md"));
    for (const auto& entry : fs::directory_iterator(target)) {
      if (entry.path().extension() == ".cpp") return entry.path();
    }
    return fs::path();
  };
  EXPECT_EQ(file_of("loss", "my_loss").filename(), "my_loss.cpp");
  const fs::path test = file_of("metric", "test");  // a name that CMake keeps for itself
  EXPECT_EQ(test.filename(), "test_metric.cpp");
  EXPECT_THAT(test::read_file(test), HasSubstr("class TestMetric final : public sift::Metric"));
  EXPECT_THAT(test::read_file(test), HasSubstr("registry.add_metric<TestMetric>(\"test\")"));
  EXPECT_THAT(test::read_file(test), testing::Not(HasSubstr("@")));
}

TEST(NewPlugin, RequestsThatCannotBeMeant) {
  const test::TempFolder folder;
  const std::string target = (folder / "x").string();
  const auto kind = test::sift({"new-plugin", "los", "x", target});
  EXPECT_EQ(kind.status, 2);
  EXPECT_EQ(kind.err,
            "sift: there is no kind of plugin called 'los'; did you mean 'loss'? known kinds: loss, metric, "
            "callback, memory, optimizer\n");
  for (const char* name : {"", "My", "1st", "a-b", "../x", "_x"}) {
    const auto result = test::sift({"new-plugin", "loss", name, target});
    EXPECT_EQ(result.status, 2) << name;
    EXPECT_THAT(result.err, HasSubstr("cannot be the name of a plugin")) << name;
  }
  EXPECT_EQ(test::sift({"new-plugin", "loss"}).status, 2);
  EXPECT_FALSE(fs::exists(target));
}

TEST(NewPlugin, OverwritesNothing) {
  const test::TempFolder folder;
  folder.write("mine/notes.txt", "mine");
  for (const std::string taken : {"mine", "mine/notes.txt"}) {
    const auto result = test::sift({"new-plugin", "loss", "x", (folder / taken).string()});
    EXPECT_EQ(result.status, 1);
    EXPECT_THAT(result.err, HasSubstr("is not an empty folder; nothing was written"));
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "mine"), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace sift
