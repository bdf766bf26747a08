#include "model/generate.h"

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
