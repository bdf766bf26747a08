#include "checkpoint/run_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::TempFolder;
using testing::HasSubstr;

class RunInputs : public testing::Test {
 protected:
  RunInputs() {
    for (const char* name :
         {"out/checkpoint-3/config.json", "out/train.jsonl", "base/config.json", "base/out/x"})
      folder_.write(name, "x");
  }
  std::string refusal(const fs::path& input, const fs::path& output_dir = {}) const {
    return error_of([&] {
      check_outside(output_dir.empty() ? folder_ / "out" : output_dir, {{"path in [model]", input}});
    });
  }

  TempFolder folder_;
};

TEST_F(RunInputs, InsideTheOutputFolderAreRefused) {
  for (const char* name : {"out", "out/", "out/checkpoint-3", "out/train.jsonl", "out/not-there.jsonl",
                           "base/../out/checkpoint-3", "out/./checkpoint-3/"}) {
    EXPECT_THAT(refusal(folder_ / name), HasSubstr("path in [model]: ")) << name;
  }
  EXPECT_THAT(refusal(folder_ / "out/checkpoint-3"),
              HasSubstr("/out/checkpoint-3 is inside output_dir " + (folder_ / "out").string()));
}

TEST_F(RunInputs, LinksAreFollowed) {
  fs::create_directory_symlink(folder_ / "out/checkpoint-3", folder_ / "model");
  fs::create_directory_symlink(folder_ / "out", folder_ / "same");
  fs::create_directory(folder_ / "linked");
  fs::create_symlink(folder_ / "out/train.jsonl", folder_ / "linked/train.jsonl");
  for (const char* name : {"model", "same", "same/checkpoint-3", "linked"})
    EXPECT_THAT(refusal(folder_ / name), HasSubstr("is inside")) << name;
  EXPECT_THAT(refusal(folder_ / "out/train.jsonl", folder_ / "same"), HasSubstr("is inside"));
  // the link itself would be moved
  fs::create_directory_symlink(folder_ / "base", folder_ / "out/checkpoint-6");
  EXPECT_THAT(refusal(folder_ / "out/checkpoint-6"), HasSubstr("is inside"));
}

TEST_F(RunInputs, OthersAreFine) {
  EXPECT_EQ(refusal(folder_ / "base"), "");
  EXPECT_EQ(refusal(folder_ / "base", folder_ / "base/out"), "")
      << "the output may be inside the model's folder";
  EXPECT_EQ(refusal(folder_ / "not-there"), "");
  EXPECT_EQ(refusal(folder_ / "base", folder_ / "new"), "");
}

}  // namespace
}  // namespace sift
