#include "plan/activations.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/live_memory.h"
#include "support/small_run.h"
#include "support/tiny_model.h"
#include "train/forward.h"
#include "train/run.h"

namespace sift {
namespace {

constexpr std::int64_t kTokens = 2048;

nlohmann::ordered_json wide(nlohmann::ordered_json json) {
  json.update(
      {{"hidden_size", 64}, {"intermediate_size", 160}, {"num_hidden_layers", 6}, {"vocab_size", 512}});
  return json;
}

class ActivationEstimate : public testing::Test {
 protected:
  /// The estimate over the peak of a real pass in float32 on a CPU, without weights and gradients.
  double ratio(const nlohmann::ordered_json& json, const std::string& sections = "") {
    const ModelConfig model = ModelConfig::from_json(wide(json), "config.json");
    const Config config = load_config(run_.write_config(sections), {}, host_);
    ActivationOptions options;
    options.tokens = kTokens;
    for (const ConfiguredComponent& memory : config.components.memory) options.use(memory);
    Components components(config.components);
    return static_cast<double>(estimate_activations(model, options)) /
           static_cast<double>(peak(model, components));
  }

  test::SmallRun run_;
  PluginHost host_;

 private:
  static std::int64_t peak(const ModelConfig& config, Components& components) {
    const Decoder model = Decoder::random(config, 1, at::kFloat, at::kCPU);
    std::vector<at::Tensor> weights;
    for (const Parameter& parameter : model.parameters()) weights.push_back(parameter.tensor);
    const Batch batch = test::make_batch(
        std::vector<std::vector<std::int64_t>>(8, std::vector<std::int64_t>(kTokens / 8, 3)));
    SingleProcess parallel;
    const test::LiveMemory memory;
    {
      const ScopeStack scopes = components.step_scopes({weights});
      forward(model, components, parallel, batch, {.num_items = kTokens}).loss.backward();
    }
    return memory.peak_bytes();
  }
};

TEST_F(ActivationEstimate, IsNearThePeakOfAPass) {
  EXPECT_NEAR(ratio(test::tiny_config_json()), 1.0, 0.15);
  EXPECT_NEAR(ratio(test::tiny_config_json("qwen3", "Qwen3ForCausalLM", {{"head_dim", 16}})), 1.0, 0.15);
  EXPECT_NEAR(ratio(test::tiny_config_json("mixtral", "MixtralForCausalLM",
                                           {{"num_local_experts", 4}, {"num_experts_per_tok", 2}})),
              1.0, 0.2);
}

TEST_F(ActivationEstimate, KnowsTheMemoryStrategies) {
  const std::string checkpointing = "[[memory]]\nplugin = \"gradient_checkpointing\"\n";
  EXPECT_NEAR(ratio(test::tiny_config_json(), checkpointing), 1.0, 0.15);
  EXPECT_NEAR(ratio(test::tiny_config_json(), checkpointing + "selective = true\n"), 1.0, 0.15);
  EXPECT_NEAR(ratio(test::tiny_config_json(), checkpointing + "every_n_layers = 2\n"), 1.0, 0.15);
}

// bfloat16 halves what is kept; autocast halves what the layers compute, but not the sum that runs through
// them.
TEST_F(ActivationEstimate, DependsOnTheType) {
  const ModelConfig model = ModelConfig::from_json(wide(test::tiny_config_json()), "config.json");
  const auto estimate = [&](at::ScalarType dtype, bool bf16) {
    ActivationOptions options;
    options.tokens = kTokens;
    options.dtype = dtype;
    options.bf16 = bf16;
    return static_cast<double>(estimate_activations(model, options));
  };
  EXPECT_NEAR(estimate(at::kBFloat16, false) / estimate(at::kFloat, false), 0.5, 0.02);
  EXPECT_LT(estimate(at::kFloat, true), estimate(at::kFloat, false));
  EXPECT_GT(estimate(at::kFloat, true), estimate(at::kBFloat16, false));
}

}  // namespace
}  // namespace sift
