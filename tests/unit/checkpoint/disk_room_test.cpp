#include "checkpoint/disk_room.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(DiskRoom, IsReckonedAsTheFilesOfACheckpointAre) {
  const fs::path checkpoint = fs::path(SIFT_FIXTURES) / "parity/checkpoints/llama-resume/checkpoint-10";
  const ModelConfig model = ModelConfig::from_folder(checkpoint);
  const auto weights = static_cast<double>(fs::file_size(checkpoint / "model.safetensors"));
  const auto optimizer = static_cast<double>(fs::file_size(checkpoint / "optimizer.pt"));
  const auto reckoned = [&](CheckpointParts parts) {
    return static_cast<double>(bytes_to_write(weight_bytes(model, at::kFloat), parts));
  };
  // names and shapes are more than the numbers of so small a model
  constexpr double kAlike = 0.1;
  EXPECT_NEAR(reckoned(CheckpointParts::kAll) / (2 * weights + optimizer), 1.0, kAlike);
  EXPECT_NEAR(reckoned(CheckpointParts::kModel) / (2 * weights), 1.0, kAlike);
  EXPECT_NEAR(reckoned(CheckpointParts::kNone) / weights, 1.0, kAlike);
}

TEST(DiskRoom, OfLowerPrecisionIsHalf) {
  const fs::path folder = fs::path(SIFT_FIXTURES) / "parity/models/llama";
  const ModelConfig model = ModelConfig::from_folder(folder);
  EXPECT_EQ(2 * weight_bytes(model, at::kBFloat16), weight_bytes(model, at::kFloat));
}

TEST(DiskRoom, OfAnAdapterHasTheTypeOfEachParameter) {
  const ModelConfig model = ModelConfig::from_folder(fs::path(SIFT_FIXTURES) / "parity/models/llama");
  LoraOptions options;
  options.r = 2;
  options.target_modules = {{"q_proj"}};
  const Adapter pairs(options, model);
  options.modules_to_save = {"lm_head"};
  const Adapter with_head(options, model);
  EXPECT_EQ(weight_bytes(pairs, at::kBFloat16), weight_bytes(pairs, at::kFloat)) << "adapters are float32";
  const std::int64_t head = model.vocab_size * model.hidden_size;
  EXPECT_EQ(weight_bytes(with_head, at::kFloat) - weight_bytes(pairs, at::kFloat), 4 * head);
  EXPECT_EQ(weight_bytes(with_head, at::kBFloat16) - weight_bytes(pairs, at::kFloat), 2 * head);
}

TEST(DiskRoom, ThatLacksIsTold) {
  const test::TempFolder folder;
  EXPECT_EQ(lack_of_room(folder.path(), 1), "");
  constexpr std::int64_t kMoreThanAnyDisk = std::int64_t{1} << 62;
  EXPECT_THAT(lack_of_room(folder.path(), kMoreThanAnyDisk),
              testing::AllOf(HasSubstr("output_dir " + folder.path().string()), HasSubstr(" MB free"),
                             HasSubstr("4611686018427.4 MB; free some space")));
  EXPECT_EQ(lack_of_room(folder / "nowhere", kMoreThanAnyDisk), "") << "a disk that does not say";
}

}  // namespace
}  // namespace sift
