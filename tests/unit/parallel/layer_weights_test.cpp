#include "parallel/layer_weights.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "parallel/division.h"
#include "support/process_threads.h"

namespace sift {
namespace {

std::vector<Parameter> make_parameters() {
  const auto values = [](std::int64_t numel) { return at::arange(numel, at::kFloat); };
  return {{"model.embed_tokens.weight", values(300)},
          {"model.layers.0.mlp.up_proj.weight", values(1000).view({10, 100}).clone().requires_grad_()},
          {"model.layers.0.input_layernorm.weight", (values(7) + 5).to(at::kBFloat16), false},
          {"model.layers.1.mlp.up_proj.weight", values(500).requires_grad_()},
          {"model.norm.weight", values(3)}};
}

bool is_empty(const Parameter& parameter) {
  return parameter.tensor.storage().nbytes() == 0;
}

TEST(LayerWeights, KnowTheLayerOfAParameter) {
  EXPECT_EQ(layer_of("model.layers.12.self_attn.q_proj.weight"), 12);
  EXPECT_EQ(layer_of("base_model.model.model.layers.3.mlp.up_proj.lora_A.weight"), 3);
  for (const char* name :
       {"model.embed_tokens.weight", "lm_head.weight", "model.layers.x.weight", "model.layers.1"})
    EXPECT_FALSE(layer_of(name)) << name;
}

TEST(LayerWeights, AreThereWhileTheyAreNeeded) {
  test::run_group(3, [](ProcessGroup& group) {
    const std::vector<Parameter> parameters = make_parameters(), original = make_parameters();
    LayerWeights layers(group);
    for (const Parameter& parameter : parameters) layers.add(parameter);
    ASSERT_EQ(layers.num_layers(), 2);
    layers.add(parameters[1]);
    for (const Parameter& parameter : parameters) EXPECT_TRUE(is_empty(parameter)) << parameter.name;
    const auto version = parameters[1].tensor._version();
    layers.need(0);
    layers.prefetch(1);
    layers.prefetch(3);
    for (const std::size_t i : {1, 2}) EXPECT_TRUE(at::equal(parameters[i].tensor, original[i].tensor)) << i;
    EXPECT_TRUE(is_empty(parameters[3]));
    layers.release(0);
    EXPECT_TRUE(is_empty(parameters[1]));
    layers.need(1);
    EXPECT_TRUE(at::equal(parameters[3].tensor, original[3].tensor));
    EXPECT_TRUE(is_empty(parameters[0]));
    layers.need(2);
    for (const std::size_t i : {0, 4}) EXPECT_TRUE(at::equal(parameters[i].tensor, original[i].tensor)) << i;
    layers.release_all();
    for (const Parameter& parameter : parameters) EXPECT_TRUE(is_empty(parameter)) << parameter.name;
    EXPECT_EQ(parameters[1].tensor._version(), version);
  });
}

TEST(LayerWeights, FollowTheirSlices) {
  test::run_group(2, [](ProcessGroup& group) {
    const std::vector<Parameter> parameters = make_parameters();
    LayerWeights layers(group);
    for (const Parameter& parameter : parameters) layers.add(parameter);
    EXPECT_FALSE(layers.slice("lm_head.weight").defined());
    EXPECT_EQ(layers.slice("model.norm.weight").numel(), group.rank() == 0 ? 3 : 0);
    const at::Tensor slice = layers.slice("model.layers.1.mlp.up_proj.weight");
    slice.fill_(static_cast<double>(group.rank()) + 1);
    layers.need(1);
    const at::Tensor weight = parameters[3].tensor.detach();
    for (std::int64_t rank = 0; rank < 2; ++rank)
      EXPECT_TRUE(slice_of(weight, 2, rank).eq(static_cast<double>(rank) + 1).all().item<bool>());
  });
}

// Autograd keeps the storage of a weight, and finds the values there again.
TEST(LayerWeights, AreThereAgainForBackward) {
  test::run_group(2, [](ProcessGroup& group) {
    const std::vector<Parameter> parameters = make_parameters();
    LayerWeights layers(group);
    for (const Parameter& parameter : parameters) layers.add(parameter);
    const at::Tensor x = at::ones({2, 100}).requires_grad_(), weight = parameters[1].tensor;
    layers.need(0);
    const at::Tensor y = at::linear(x, weight);
    layers.release(0);
    layers.need(0);
    y.sum().backward();
    EXPECT_TRUE(at::equal(x.grad()[0], weight.detach().sum(0)));
    EXPECT_TRUE(at::equal(weight.grad(), at::full({10, 100}, 2.0)));
  });
}

}  // namespace
}  // namespace sift
