#include "optim/parameter_groups.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace sift {
namespace {

TEST(ParameterGroups, DecayIsTransformers) {
  for (const char* name : {"model.norm.weight", "model.layers.0.input_layernorm.weight", "a.q_norm.weight",
                           "model.layers.0.self_attn.q_proj.bias", "x.RMSNorm.weight", "norm.weight"}) {
    EXPECT_TRUE(is_without_decay(name)) << name;
  }
  for (const char* name :
       {"model.embed_tokens.weight", "lm_head.weight", "model.layers.0.mlp.gate_proj.weight",
        "model.normal.weight", "model.enormous.weight", "model.layers.0.mlp.experts.gate_up_proj",
        "model.layers.0.mlp.gate.weight"}) {
    EXPECT_FALSE(is_without_decay(name)) << name;
  }
}

TEST(ParameterGroups, KeepTheOrderOfTheParameters) {
  const std::vector<Parameter> parameters{
      {"norm.weight", at::zeros({1})}, {"b.weight", at::zeros({2})}, {"a.weight", at::zeros({3})}};
  const std::vector<ParameterGroup> groups = parameter_groups(parameters, 0.1);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].weight_decay, 0.1);
  EXPECT_EQ(groups[1].weight_decay, 0.0);
  ASSERT_EQ(groups[0].parameters.size(), 2U);
  EXPECT_EQ(groups[0].parameters[0].name, "b.weight");
  EXPECT_TRUE(groups[0].parameters[1].tensor.is_same(parameters[2].tensor));
  EXPECT_EQ(groups[1].parameters.at(0).name, "norm.weight");
}

}  // namespace
}  // namespace sift
