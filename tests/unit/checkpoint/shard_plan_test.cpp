#include "checkpoint/shard_plan.h"

#include <ATen/Functions.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/model_files.h"

namespace sift {
namespace {

using testing::ElementsAre;

std::vector<SavedPiece> pieces_of_bytes(const std::vector<std::int64_t>& sizes) {
  std::vector<SavedPiece> pieces;
  for (const std::int64_t size : sizes) pieces.push_back({at::empty({size}, at::kByte), {}, {}});
  return pieces;
}

std::vector<std::int64_t> owners_of(const std::vector<ShardFile>& files) {
  std::vector<std::int64_t> owners;
  for (const ShardFile& file : files) owners.push_back(file.owner);
  return owners;
}

std::vector<std::size_t> lengths_of(const std::vector<ShardFile>& files) {
  std::vector<std::size_t> lengths;
  for (const ShardFile& file : files) lengths.push_back(file.pieces.size());
  return lengths;
}

TEST(ShardPlan, GivesEachProcessAboutEqualBytes) {
  const std::vector<SavedPiece> pieces = pieces_of_bytes({10, 10, 10, 10, 10, 10});
  const std::vector<ShardFile> files = divided(pieces, 3, weights_file_name);
  EXPECT_THAT(owners_of(files), ElementsAre(0, 1, 2));
  EXPECT_THAT(lengths_of(files), ElementsAre(2, 2, 2));
  EXPECT_EQ(files[2].name, "model-00003-of-00003.safetensors");
}

// A large piece is never divided: the process after it may have nothing to write.
TEST(ShardPlan, LeavesOutProcessesWithoutAPiece) {
  const std::vector<SavedPiece> pieces = pieces_of_bytes({1, 90, 9});
  const std::vector<ShardFile> files = divided(pieces, 3, weights_file_name);
  EXPECT_THAT(owners_of(files), ElementsAre(0, 2));
  EXPECT_THAT(lengths_of(files), ElementsAre(2, 1));
  EXPECT_EQ(files[1].name, "model-00002-of-00002.safetensors");
  EXPECT_EQ(divided(pieces_of_bytes({0}), 3, weights_file_name).front().name, kWeightsFile);
}

TEST(ShardPlan, BeginsANewFileAtTheLimit) {
  const std::vector<SavedPiece> pieces = pieces_of_bytes({40, 40, 100, 10});
  EXPECT_THAT(lengths_of(limited(pieces, 80)), ElementsAre(2, 1, 1));
  const std::vector<ShardFile> one = limited(pieces, 1000);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].name, kWeightsFile);
}

}  // namespace
}  // namespace sift
