#include "checkpoint/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::error_of;
using test::TempFolder;
using testing::HasSubstr;
using testing::StartsWith;

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

TEST(Manifest, DamageNamesFileFoundAndExpected) {
  const TempFolder folder;
  write_folder(folder);
  const std::string weights = (folder / "weights").string();
  folder.write("weights", std::string(999, 'w'));
  EXPECT_EQ(damage_of(folder.path()), weights + ": has 999 bytes, expected 1000");
  std::string changed(1000, 'w');
  changed.back() = 'x';
  folder.write("weights", changed);
  EXPECT_THAT(damage_of(folder.path()), StartsWith(weights + ": its bytes have the hash "));
  fs::remove(folder / "weights");
  EXPECT_EQ(damage_of(folder.path()), weights + ": missing");
  fs::remove(folder / kManifestFile);
  EXPECT_EQ(damage_of(folder.path()), (folder / kManifestFile).string() + ": missing");
}

TEST(Manifest, DamagedManifestIsDamage) {
  const TempFolder folder;
  write_folder(folder);
  const std::string text = test::read_file(folder / kManifestFile);
  for (const std::size_t length : {std::size_t{0}, std::size_t{5}, text.size() / 2}) {
    folder.write(kManifestFile, text.substr(0, length));
    EXPECT_THAT(damage_of(folder.path()), HasSubstr("not a complete manifest"));
  }
  folder.write(kManifestFile, text + '\0');
  EXPECT_THAT(damage_of(folder.path()), HasSubstr("changed after it was written"));
  for (std::size_t i = 0; i < text.size(); i += 7) {
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    folder.write(kManifestFile, flipped);
    EXPECT_NE(damage_of(folder.path()), "") << i;
  }
}

TEST(Manifest, NamesOfOtherFoldersAreRefused) {
  for (const char* name : {"../secret", "/etc/passwd", "..", ""}) {
    const std::string text = std::string(R"({"format": 1, "hash": "murmur3-x64-128", "files": [{"name": ")") +
                             name + R"(", "size": 1, "hash": "0"}]})";
    EXPECT_EQ(error_of([&] { parse_manifest(text, "manifest.json"); }),
              "manifest.json: names a file outside of its folder");
  }
  EXPECT_EQ(error_of([] {
              parse_manifest(R"({"format": 1, "hash": "murmur3-x64-128", "files": [{"size": -245.6}]})",
                             "manifest.json");
            }),
            "manifest.json: 'size' is -245.6; expected a whole number");
  EXPECT_THAT(error_of([] { parse_manifest(R"({"format": 2, "files": []})", "manifest.json"); }),
              HasSubstr("format 2, expected 1"));
}

}  // namespace
}  // namespace sift
