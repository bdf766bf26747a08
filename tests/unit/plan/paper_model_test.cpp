#include "plan/paper_model.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/tiny_model.h"

namespace sift {
namespace {

ModelPlan plan_for(const ModelConfig& config, const std::optional<LoraOptions>& lora = std::nullopt) {
  return {config, config.vocab_size, lora ? std::make_shared<const Adapter>(*lora, config) : nullptr};
}

void expect_the_parameters_of_a_decoder(const ModelPlan& plan, at::ScalarType dtype = at::kFloat,
                                        const std::vector<std::string>& freeze = {}) {
  Decoder decoder = Decoder::random(plan.config, 1, dtype, at::kCPU);
  if (plan.adapter) decoder.add_adapter(plan.adapter, 1);
  decoder.freeze(freeze);
  const std::vector<Parameter>& expected = decoder.parameters();
  const std::vector<Parameter> found = paper_parameters(plan, dtype, freeze);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE(expected[i].name);
    EXPECT_EQ(found[i].name, expected[i].name);
    EXPECT_EQ(found[i].trained, expected[i].trained);
    EXPECT_EQ(found[i].tensor.requires_grad(), expected[i].tensor.requires_grad());
    EXPECT_EQ(found[i].tensor.sizes(), expected[i].tensor.sizes());
    EXPECT_EQ(found[i].tensor.scalar_type(), expected[i].tensor.scalar_type());
    EXPECT_TRUE(found[i].tensor.is_meta());
    EXPECT_EQ(found[i].quantized != nullptr, expected[i].quantized != nullptr);
    if (found[i].quantized && expected[i].quantized) {
      EXPECT_EQ(found[i].quantized->nbytes(), expected[i].quantized->nbytes());
    }
    EXPECT_EQ(found[i].numel(), expected[i].numel());
  }
}

TEST(PaperModel, HasTheParametersOfADecoder) {
  expect_the_parameters_of_a_decoder(plan_for(test::tiny_config()), at::kBFloat16);
  expect_the_parameters_of_a_decoder(plan_for(test::tiny_config()), at::kFloat, {"model.embed_tokens"});
  nlohmann::ordered_json tied = test::tiny_config_json();
  tied["tie_word_embeddings"] = true;
  expect_the_parameters_of_a_decoder(plan_for(ModelConfig::from_json(tied, "config.json")));
  const auto experts = test::tiny_config_json("mixtral", "MixtralForCausalLM",
                                              {{"num_local_experts", 4}, {"num_experts_per_tok", 2}});
  expect_the_parameters_of_a_decoder(plan_for(ModelConfig::from_json(experts, "config.json")));
}

TEST(PaperModel, HasTheAdapter) {
  LoraOptions options;
  options.target_modules = std::vector<std::string>{"all-linear"};
  options.use_dora = true;
  options.modules_to_save = {"lm_head"};
  expect_the_parameters_of_a_decoder(plan_for(test::tiny_config(), options), at::kBFloat16);
  nlohmann::ordered_json tied = test::tiny_config_json();
  tied["tie_word_embeddings"] = true;
  expect_the_parameters_of_a_decoder(plan_for(ModelConfig::from_json(tied, "config.json"), options));
  options.modules_to_save = {};
  options.use_dora = false;
  options.trainable_token_indices = {3, 5};
  expect_the_parameters_of_a_decoder(plan_for(test::tiny_config(), options));
}

TEST(PaperModel, HasWeightsInFourBits) {
  for (const bool nested : {false, true}) {
    ModelConfig config = test::tiny_config();
    Quantization quantization{QuantizedWeight::Kind::kNf4, nested, at::kFloat, true, {"o_proj"}};
    config.set_quantization(quantization);
    LoraOptions options;
    options.target_modules = std::vector<std::string>{"q_proj"};
    expect_the_parameters_of_a_decoder(plan_for(config, options));
  }
}

}  // namespace
}  // namespace sift
