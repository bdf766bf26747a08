#include "model/weights/parameter_path.h"

#include <gtest/gtest.h>

namespace sift {
namespace {

TEST(ParameterPath, LosesItsLastName) {
  EXPECT_EQ(module_of("model.layers.3.mlp.up_proj.weight"), "model.layers.3.mlp.up_proj");
  EXPECT_EQ(module_of("model"), "");
}

TEST(ParameterPath, IsTheSameForEveryLayer) {
  EXPECT_EQ(without_index("model.layers.12.mlp.up_proj"), "model.layers.*.mlp.up_proj");
  EXPECT_EQ(without_index("lm_head"), "lm_head");
}

}  // namespace
}  // namespace sift
