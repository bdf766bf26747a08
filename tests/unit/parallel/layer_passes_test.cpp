#include "parallel/layer_passes.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/decoder/decoder.h"
#include "support/process_threads.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

/// A model of four layers whose weights are divided among the processes of a group.
struct DividedModel {
  explicit DividedModel(ProcessGroup& group, const std::vector<std::string>& frozen = {}) {
    model.freeze(frozen);
    layers = std::make_unique<LayerWeights>(group);
    for (const Parameter& parameter : model.parameters()) layers->add(parameter);
    passes = std::make_unique<LayerPasses>(*layers, model.parameters(),
                                           [this](std::int64_t layer) { ended.push_back(layer); });
  }
  at::Tensor forward(const Batch& batch) {
    passes->begin();
    return model.forward(
        batch, [this](const Layer& layer, const at::Tensor& hidden) { return passes->run(layer, hidden); });
  }

  Decoder model = Decoder::random(config(), 1, at::kFloat, at::kCPU);
  std::unique_ptr<LayerWeights> layers;
  std::unique_ptr<LayerPasses> passes;
  std::vector<std::int64_t> ended;

  static ModelConfig config() {
    return ModelConfig::from_json(
        test::tiny_config_json("llama", "LlamaForCausalLM", {{"num_hidden_layers", 4}}), "config.json");
  }
};

const std::vector<std::int64_t> kAllEnded = {4, 3, 2, 1, 0};

std::int64_t bytes_of_layers(const Decoder& model) {
  std::int64_t bytes = 0;
  for (const Parameter& parameter : model.parameters())
    if (layer_of(parameter.name)) bytes += static_cast<std::int64_t>(parameter.tensor.storage().nbytes());
  return bytes;
}

std::int64_t bytes_of_all(const Decoder& model) {
  std::int64_t bytes = 0;
  for (const Parameter& parameter : model.parameters())
    bytes += static_cast<std::int64_t>(parameter.tensor.storage().nbytes());
  return bytes;
}

TEST(LayerPasses, GiveTheBitsOfAWholeModel) {
  const Batch batch = test::make_batch({{1, 2, 3, 4}, {5, 6}});
  for (const std::vector<std::string>& frozen :
       {std::vector<std::string>{}, {"model.embed_tokens", "model.layers.0", "model.layers.1"}}) {
    test::run_group(3, [&](ProcessGroup& group) {
      Decoder whole = Decoder::random(DividedModel::config(), 1, at::kFloat, at::kCPU);
      whole.freeze(frozen);
      const at::Tensor expected_nh = whole.forward(batch);
      expected_nh.square().sum().backward();
      DividedModel divided(group, frozen);
      for (int pass = 0; pass < 2; ++pass) {
        const at::Tensor hidden_nh = divided.forward(batch);
        EXPECT_TRUE(at::equal(hidden_nh, expected_nh));
        hidden_nh.square().sum().backward();
        divided.passes->finish();
        EXPECT_EQ(bytes_of_all(divided.model), 0);
        EXPECT_EQ(divided.ended, kAllEnded);
        divided.ended.clear();
        for (std::size_t i = 0; i < whole.parameters().size(); ++i) {
          const at::Tensor& expected = whole.parameters()[i].tensor.grad();
          at::Tensor& found = divided.model.parameters()[i].tensor.mutable_grad();
          ASSERT_EQ(found.defined(), expected.defined()) << whole.parameters()[i].name;
          EXPECT_TRUE(!found.defined() || at::equal(found, expected)) << whole.parameters()[i].name;
          found.reset();
        }
      }
    });
  }
}

TEST(LayerPasses, AProcessWithoutRowsTakesPart) {
  const Batch batch = test::make_batch({{1, 2, 3, 4}});
  for (const std::vector<std::string>& frozen :
       {std::vector<std::string>{}, {"model.embed_tokens", "model.layers.0"}}) {
    test::run_group(2, [&](ProcessGroup& group) {
      DividedModel divided(group, frozen);
      if (group.rank() == 0) {
        divided.forward(batch).sum().backward();
      } else {
        divided.passes->begin();
        divided.passes->skip(true);
      }
      divided.passes->finish();
      EXPECT_EQ(divided.ended, kAllEnded);
      const at::NoGradGuard no_grad;
      if (group.rank() == 1) {
        divided.forward(batch);
      } else {
        divided.passes->begin();
        divided.passes->skip(false);
      }
      EXPECT_EQ(bytes_of_layers(divided.model), 0);
      divided.layers->release_all();
      EXPECT_EQ(bytes_of_all(divided.model), 0);
    });
  }
}

TEST(LayerPasses, HoldAtMostTwoLayersInForward) {
  test::run_group(2, [](ProcessGroup& group) {
    DividedModel divided(group);
    const at::NoGradGuard no_grad;
    const std::int64_t of_all = [] {
      return bytes_of_layers(Decoder::random(DividedModel::config(), 1, at::kFloat, at::kCPU));
    }();
    divided.passes->begin();
    divided.model.forward(test::make_batch({{1, 2}}), [&](const Layer& layer, const at::Tensor& hidden) {
      const Layer inner{layer.index, layer.num_layers, [&](const at::Tensor& x) {
                          EXPECT_LE(bytes_of_layers(divided.model), of_all / 2);
                          return layer.forward(x);
                        }};
      return divided.passes->run(inner, hidden);
    });
  });
}

}  // namespace
}  // namespace sift
