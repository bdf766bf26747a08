#include "checkpoint/damage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/checkpoint_files.h"
#include "checkpoint/manifest.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using test::TempFolder;
using testing::HasSubstr;
using testing::StartsWith;

void write_checkpoint(const TempFolder& folder) {
  folder.write("weights", std::string(1000, 'w'));
  write_manifest(folder.path());
}

TEST(Damage, NamesFileFoundAndExpected) {
  const TempFolder folder;
  write_checkpoint(folder);
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

TEST(Damage, OfTheManifestItself) {
  const TempFolder folder;
  write_checkpoint(folder);
  const std::string text = test::read_file(folder / kManifestFile);
  for (const std::size_t length : {std::size_t{0}, std::size_t{5}, text.size() / 2}) {
    folder.write(kManifestFile, text.substr(0, length));
    EXPECT_THAT(damage_of(folder.path()), HasSubstr("not a complete manifest"));
  }
  folder.write(kManifestFile, text + '\0');
  EXPECT_THAT(damage_of(folder.path()),
              HasSubstr("not a complete manifest: not valid JSON: zero bytes from byte"));
  folder.write(kManifestFile, text + ' ');
  EXPECT_THAT(damage_of(folder.path()), HasSubstr("changed after it was written"));
  for (std::size_t i = 0; i < text.size(); i += 7) {
    std::string flipped = text;
    flipped[i] = static_cast<char>(flipped[i] ^ 1);
    folder.write(kManifestFile, flipped);
    EXPECT_NE(damage_of(folder.path()), "") << i;
  }
}

TEST(Damage, CheckpointsOfTransformersHaveNoManifest) {
  const TempFolder folder;
  folder.write(kTrainerStateFile, "{}");
  EXPECT_EQ(damage_of(folder.path()), "");
  folder.write(kSiftStateFile, "{}");
  EXPECT_EQ(damage_of(folder.path()), (folder / kManifestFile).string() + ": missing");
}

}  // namespace
}  // namespace sift
