#include "model/weights/linear_layers.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "model/decoder/decoder.h"
#include "support/temp_folder.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

ModelConfig in_4_bits(ModelConfig config) {
  config.set_quantization(Quantization{QuantizedWeight::Kind::kNf4, true, at::kFloat, true});
  return config;
}

const Parameter& parameter_of(const Decoder& model, const std::string& name) {
  return *std::ranges::find(model.parameters(), name, &Parameter::name);
}

at::Tensor logits_of(const Decoder& model) {
  const Batch batch = test::make_batch({{3, 1, 4, 1, 5}, {9, 2, 6}});
  return at::mm(model.forward(batch), model.head().weight_vh.t());
}

/// The model with its quantised weights as tensors.
Decoder dequantised(const Decoder& model, const ModelConfig& config) {
  Decoder plain = Decoder::random(config, 1, at::kFloat, at::kCPU);
  const at::NoGradGuard no_grad;
  for (const Parameter& parameter : plain.parameters()) {
    const Parameter& from = parameter_of(model, parameter.name);
    at::Tensor(parameter.tensor)
        .copy_(from.quantized ? dequantize(*from.quantized, at::kFloat) : from.tensor);
  }
  return plain;
}

TEST(LinearLayers, AreQuantisedWhileTheyAreRead) {
  const test::TempFolder folder;
  const Decoder model = Decoder::random(test::tiny_config(), 3, at::kFloat, at::kCPU);
  save_model(model, folder.path());
  const Decoder found = Decoder::load(folder.path(), in_4_bits(test::tiny_config()), at::kFloat, at::kCPU);
  std::vector<std::string> names;
  for (const Parameter& parameter : found.parameters()) {
    const Parameter& full = parameter_of(model, parameter.name);
    EXPECT_EQ(parameter.numel(), full.tensor.numel());
    EXPECT_EQ(parameter.trained, !parameter.quantized) << parameter.name;
    if (!parameter.quantized) continue;
    names.push_back(parameter.name.substr(parameter.name.find("s.") + 2));
    const QuantizedWeight expected = quantize_4bit(full.tensor, QuantizedWeight::Kind::kNf4, true);
    EXPECT_TRUE(at::equal(parameter.quantized->codes, expected.codes)) << parameter.name;
  }
  EXPECT_EQ(found.num_parameters(), model.num_parameters());
  EXPECT_EQ(names.size(), 14);
  EXPECT_THAT(names, testing::IsSupersetOf({"0.self_attn.q_proj.weight", "1.mlp.down_proj.weight"}));
  EXPECT_TRUE(at::allclose(logits_of(found), logits_of(dequantised(found, test::tiny_config())), 1e-5, 1e-5));
}

TEST(LinearLayers, AreSavedAndReadInFourBits) {
  const test::TempFolder folder;
  const Decoder model = Decoder::random(in_4_bits(test::tiny_config()), 3, at::kFloat, at::kCPU);
  save_model(model, folder.path());
  const Decoder found = Decoder::load(folder.path(), at::kFloat, at::kCPU);
  EXPECT_TRUE(found.config().quantization.has_value());
  EXPECT_TRUE(at::equal(logits_of(found), logits_of(model)));
}

TEST(LinearLayers, AreTensorsOnceAnAdapterIsMerged) {
  LoraOptions options;
  options.target_modules = {"q_proj", "down_proj"};
  Decoder model = Decoder::random(in_4_bits(test::tiny_config()), 3, at::kFloat, at::kCPU);
  model.add_adapter(std::make_shared<const Adapter>(options, model.config()), 1);
  const at::NoGradGuard no_grad;
  for (const Parameter& parameter : model.trainable()) at::Tensor(parameter.tensor).normal_(0.0, 0.1);
  const at::Tensor logits = logits_of(model);
  const Decoder merged = std::move(model).merged();
  EXPECT_FALSE(merged.config().quantization.has_value());
  EXPECT_FALSE(merged.config().raw.contains("quantization_config"));
  for (const Parameter& parameter : merged.parameters()) EXPECT_FALSE(parameter.quantized) << parameter.name;
  EXPECT_TRUE(at::allclose(logits_of(merged), logits, 1e-4, 1e-5));
}

TEST(LinearLayers, OfExpertsAndRoutersAreNone) {
  const auto json = test::tiny_config_json("mixtral", "MixtralForCausalLM",
                                           {{"num_local_experts", 4}, {"num_experts_per_tok", 2}});
  for (const ParameterSpec& spec : parameter_specs(ModelConfig::from_json(json, "config.json")))
    EXPECT_EQ(is_linear_layer(spec), spec.name.find("_proj.weight") != std::string::npos) << spec.name;
}

}  // namespace
}  // namespace sift
