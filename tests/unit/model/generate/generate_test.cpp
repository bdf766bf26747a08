#include "model/generate/generate.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "support/temp_folder.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

using Tokens = std::vector<std::int32_t>;

Decoder tiny() {
  return Decoder::random(test::tiny_config(), 7, at::kFloat, at::kCPU);
}

/// The same without a cache: the whole sequence again for every token.
Tokens recomputed(const Decoder& model, const Tokens& prompt, std::size_t count) {
  std::vector<std::int64_t> ids(prompt.begin(), prompt.end());
  Tokens tokens;
  while (tokens.size() < count) {
    const at::Tensor hidden_nh = model.forward(test::make_batch({ids}));
    const at::Tensor logits_v = at::mv(model.head().weight_vh, hidden_nh[-1]);
    ids.push_back(logits_v.argmax().item<std::int64_t>());
    tokens.push_back(static_cast<std::int32_t>(ids.back()));
  }
  return tokens;
}

TEST(Generate, EqualsRecomputingThePrefix) {
  const Decoder model = tiny();
  const Tokens prompt = {3, 14, 15, 9, 2, 6};
  Tokens streamed;
  const Tokens tokens =
      generate_greedy(model, prompt, 12, {}, [&](std::int32_t token) { streamed.push_back(token); });
  EXPECT_EQ(tokens, recomputed(model, prompt, 12));
  EXPECT_EQ(streamed, tokens);
}

/// The same model as another family; its documents above 9 tokens turn by other angles.
Decoder tiny_phi3() {
  nlohmann::ordered_json json = test::tiny_config_json();
  json["model_type"] = "phi3";
  json["architectures"] = {"Phi3ForCausalLM"};
  json["pad_token_id"] = nullptr;
  json["original_max_position_embeddings"] = 9;
  json["rope_scaling"] = {{"type", "longrope"}, {"short_factor", {1.0, 1.5}}, {"long_factor", {40.0, 90.0}}};
  return Decoder::random(ModelConfig::from_json(json, "config.json"), 7, at::kFloat, at::kCPU);
}

TEST(Generate, StartsItsCacheAgainWhereTheAnglesChange) {
  const Decoder model = tiny_phi3();
  const Tokens prompt = {3, 14, 15, 9, 2, 6};
  EXPECT_EQ(generate_greedy(model, prompt, 12, {}, {}), recomputed(model, prompt, 12));
  const Tokens beyond = {3, 14, 15, 9, 2, 6, 5, 4, 8, 1, 7};
  EXPECT_EQ(generate_greedy(model, beyond, 6, {}, {}), recomputed(model, beyond, 6));
}

TEST(Generate, StopsAfterAStopToken) {
  const Decoder model = tiny();
  const Tokens prompt = {3, 14, 15};
  const Tokens all = recomputed(model, prompt, 5);
  const Tokens stopped = generate_greedy(model, prompt, 5, {1000, all[0]}, {});
  EXPECT_EQ(stopped, Tokens{all[0]});
  EXPECT_TRUE(generate_greedy(model, prompt, 0, {}, {}).empty());
}

TEST(Generate, RefusesABadPrompt) {
  const Decoder model = tiny();
  EXPECT_NE(test::error_of([&] { generate_greedy(model, {}, 5, {}, {}); }).find("prompt is empty"),
            std::string::npos);
  const Tokens outside = {3, 32};
  EXPECT_NE(test::error_of([&] { generate_greedy(model, outside, 5, {}, {}); }).find("token 32"),
            std::string::npos);
}

}  // namespace
}  // namespace sift
