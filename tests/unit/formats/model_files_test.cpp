#include "formats/model_files.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

TEST(ModelFiles, WeightsAreTheSingleFileItsIndexAndTheShards) {
  EXPECT_EQ(shard_name(0, 12), "model-00001-of-00012.safetensors");
  for (const std::string& name :
       {std::string(kWeightsFile), std::string(kWeightsIndexFile), shard_name(11, 12)})
    EXPECT_TRUE(is_weights_file(name)) << name;
  for (const char* name :
       {"model-mine.safetensors", "optimizer.safetensors", "model.safetensors.old", "model"})
    EXPECT_FALSE(is_weights_file(name)) << name;
}

}  // namespace
}  // namespace sift
