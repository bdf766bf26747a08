#include "checkpoint/old_checkpoints.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;
using Names = std::vector<std::string>;

class OldCheckpoints : public testing::Test {
 protected:
  fs::path folder(std::int64_t step) const { return output_ / ("checkpoint-" + std::to_string(step)); }

  /// Writes a checkpoint of a few files, and removes what is too much.
  void save(std::int64_t step, std::int64_t limit) const {
    output_.write("checkpoint-" + std::to_string(step) + "/inner/model.safetensors", "weights");
    remove_old_checkpoints(output_.path(), limit, {folder(step), "", ""});
  }

  Names names() const {
    Names found;
    for (const auto& entry : fs::directory_iterator(output_.path()))
      found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }

  TempFolder output_;
};

TEST_F(OldCheckpoints, GoByNumberAndNothingElseGoes) {
  const TempFolder elsewhere;
  fs::create_directory_symlink(elsewhere.path(), folder(1));
  fs::create_directory(output_ / "checkpoint-2-best");
  fs::create_directory(output_ / "checkpoint-");
  fs::create_directory(output_ / "my-checkpoint-2");
  output_.write("checkpoint-3", "a file");
  for (const std::int64_t step : {9, 10, 100}) save(step, 2);
  EXPECT_EQ(names(), (Names{"checkpoint-", "checkpoint-1", "checkpoint-10", "checkpoint-100",
                            "checkpoint-2-best", "checkpoint-3", "my-checkpoint-2"}));
  EXPECT_TRUE(fs::exists(elsewhere.path()));
}

TEST_F(OldCheckpoints, ThatAreKeptStayUnderAnyNameOfTheirs) {
  for (const std::int64_t step : {10, 20, 30, 40}) fs::create_directory(folder(step));
  remove_old_checkpoints(output_.path(), 1, {folder(20), output_ / "./checkpoint-10/"});
  EXPECT_EQ(names(), (Names{"checkpoint-10", "checkpoint-20"}));
  fs::create_directory(folder(30));
  remove_old_checkpoints(output_.path(), 1, {folder(30), folder(10)});
  EXPECT_EQ(names(), (Names{"checkpoint-10", "checkpoint-30"}));
}

TEST_F(OldCheckpoints, CountEvenIfTheyAreKept) {
  for (const std::int64_t step : {1, 2, 3, 4}) fs::create_directory(folder(step));
  remove_old_checkpoints(output_.path(), 2, {folder(4), folder(2)});
  EXPECT_EQ(names(), (Names{"checkpoint-2", "checkpoint-4"}));
  fs::create_directory(folder(5));
  remove_old_checkpoints(output_.path(), 2, {folder(5), folder(4)});
  EXPECT_EQ(names(), (Names{"checkpoint-4", "checkpoint-5"}));
}

TEST_F(OldCheckpoints, AreRemovedOverARemovalThatWasCutShort) {
  fs::create_directories(output_ / ".removed-checkpoint-5" / "inner");
  save(5, 1);
  save(6, 1);
  EXPECT_EQ(names(), (Names{"checkpoint-6"}));
}

}  // namespace
}  // namespace sift
