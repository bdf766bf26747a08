#include "checkpoint/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/checkpoint_files.h"
#include "checkpoint/damage.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

using test::error_of;
using test::TempFolder;
using testing::HasSubstr;

void write_folder(const TempFolder& folder) {
  folder.write("weights", std::string(1000, 'w'));
  folder.write("empty", "");
  write_manifest(folder.path());
}

TEST(Manifest, EveryFileIsAsItWasWritten) {
  const TempFolder folder;
  write_folder(folder);
  EXPECT_EQ(damage_of(folder.path()), "");
  const auto entries = parse_manifest(test::read_file(folder / kManifestFile), "manifest");
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].name, "empty");
  EXPECT_EQ(entries[1].size, 1000U);
  folder.write("notes.txt", "what the user keeps there is not looked at");
  EXPECT_EQ(damage_of(folder.path()), "");
}

TEST(Manifest, NamesOfOtherFoldersAreRefused) {
  for (const char* name : {"../secret", "/etc/passwd", "..", ""}) {
    const std::string text = std::string(R"({"format": 1, "hash": "murmur3-x64-128", "files": [{"name": ")") +
                             name + R"(", "size": 1, "hash": "0"}]})";
    EXPECT_EQ(error_of([&] { parse_manifest(text, "manifest.json"); }),
              "manifest.json: names a file outside of its folder");
  }
  EXPECT_EQ(error_of([] {
              parse_manifest(
                  R"({"format": 1, "hash": "murmur3-x64-128", "files": [{"name": "a", "size": -245.6}]})",
                  "manifest.json");
            }),
            "manifest.json: 'files[0].size' is -245.6; expected a whole number");
  EXPECT_THAT(error_of([] { parse_manifest(R"({"format": 2, "files": []})", "manifest.json"); }),
              HasSubstr("format 2, expected 1"));
}

}  // namespace
}  // namespace sift
