#include "model/decoder/decoder.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <fstream>
#include <memory>
#include <string>

#include <sift/loss.h>
#include "formats/safetensors.h"
#include "model/weights/parameter.h"
#include "support/temp_folder.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

using test::error_of;
using test::make_batch;
using test::TempFolder;

using Json = nlohmann::ordered_json;

/// The formula by which the generator of the golden files fills a model.
void fill(const Decoder& model) {
  const at::NoGradGuard no_grad;
  std::int64_t index = 0;
  for (const Parameter& parameter : model.parameters()) {
    const at::Tensor i = at::arange(parameter.tensor.numel(), at::kLong);
    at::Tensor values = (i * 2654435761 + index++ * 40503).remainder(65536).to(at::kDouble) / 65536 - 0.5;
    if (parameter.name.find("norm") != std::string::npos) values += 1;
    parameter.tensor.copy_(values.view_as(parameter.tensor));
  }
}

Decoder filled(const Json& config, at::ScalarType dtype = at::kFloat) {
  Decoder model = Decoder::random(ModelConfig::from_json(config, "golden"), 1, dtype, at::kCPU);
  fill(model);
  return model;
}

at::Tensor logits_of(const Decoder& model, const at::Tensor& hidden_nh) {
  const LmHead head = model.head();
  const at::Tensor logits_nv = at::matmul(hidden_nh, head.weight_vh.t()) * head.logit_scale;
  return head.softcap == 0.0 ? logits_nv : (logits_nv / head.softcap).tanh() * head.softcap;
}

void expect_equal_to_transformers(const Decoder& model, const Json& golden, double tolerance) {
  const Batch batch = make_batch(golden["documents"].get<std::vector<std::vector<std::int64_t>>>());
  const ExpertOptions& experts = model.config().experts;
  const auto balance = model.config().is_moe() ? std::make_shared<LoadBalancingLoss>(
                                                     experts.num_experts, experts.num_experts_per_tok,
                                                     experts.router_aux_loss_coef)
                                               : nullptr;
  const at::Tensor hidden_nh = model.forward(batch, {}, balance);
  double aux = 0.0;
  if (balance) {
    EXPECT_NEAR(balance->loss().item<double>(), golden["aux_loss"].get<double>(), 1e-5);
    aux = balance->weight() * balance->loss().item<double>();
  }

  const at::Tensor logits_nv = logits_of(model, hidden_nh);
  std::vector<float> expected;
  for (const Json& row : golden["logits"]) {
    for (const Json& value : row) expected.push_back(value.get<float>());
  }
  const at::Tensor difference = logits_nv.flatten() - at::tensor(expected);
  EXPECT_LT(difference.abs().max().item<double>(), tolerance);

  const LmHead head = model.head();
  const LossInput input{batch, hidden_nh, head, 1, {}};
  const at::Tensor loss = -token_stats(input).log_prob_m.sum();
  EXPECT_NEAR(loss.item<double>() + aux, golden["loss"].get<double>(), 1e-5 * loss.item<double>());
  torch::autograd::backward({loss}, {});
  const Json& norms = golden["gradient_norms"];
  ASSERT_EQ(norms.size(), model.parameters().size());
  for (std::size_t i = 0; i < norms.size(); ++i) {
    const Parameter& parameter = model.parameters()[i];
    EXPECT_EQ(parameter.name, norms[i][0].get<std::string>());
    const double norm = parameter.tensor.grad().norm().item<double>();
    EXPECT_NEAR(norm, norms[i][1].get<double>(), 1e-5 * (1 + norm)) << parameter.name;
  }
}

class DecoderGolden : public testing::TestWithParam<const char*> {
 protected:
  Json golden_ = Json::parse(std::ifstream(std::string(SIFT_FIXTURES "/decoder/") + GetParam() + ".json"));
  Decoder model_ = filled(golden_["config"]);

  bool has_angles_of_the_length() const {
    const RopeOptions& rope = model_.config().rope;
    return rope.type == "dynamic" || (rope.length_limit() > 0 && rope.length_limit() < 8);
  }
};

// Logits and gradients of transformers 5.24 (tests/reference/make_decoder_goldens.py), which are float32: in
// double only their rounding is left.
TEST_P(DecoderGolden, EqualsTransformers) {
  expect_equal_to_transformers(model_, golden_, 5e-5);
  expect_equal_to_transformers(filled(golden_["config"], at::kDouble), golden_, 1e-5);
}

TEST_P(DecoderGolden, IsSavedAndLoadedUnchanged) {
  const TempFolder folder;
  save_model(model_, folder.path());
  const Decoder loaded = Decoder::load(folder.path(), at::kFloat, at::kCPU);
  for (std::size_t i = 0; i < model_.parameters().size(); ++i) {
    EXPECT_TRUE(at::equal(loaded.parameters()[i].tensor, model_.parameters()[i].tensor))
        << model_.parameters()[i].name;
  }
}

// Only in double are these the same sums but for rounding; float32 has kernels of its own.
constexpr std::pair<at::ScalarType, double> kTypesAndRounding[] = {{at::kDouble, 1e-12}, {at::kFloat, 2e-5}};

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST_P(DecoderGolden, GoesOnWithACacheAsWithout) {
  const at::NoGradGuard no_grad;
  const std::vector<std::int64_t> ids = {1, 9, 7, 14, 3, 22, 5, 11};
  const at::Tensor ids_n = at::tensor(ids, at::kLong);
  if (has_angles_of_the_length()) GTEST_SKIP() << "its angles depend on the length";
  for (const auto& [dtype, rounding] : kTypesAndRounding) {
    const Decoder model = filled(golden_["config"], dtype);
    KeyValueCache cache(model.config(), 8, at::TensorOptions().dtype(dtype));
    std::vector<at::Tensor> parts = {model.extend(ids_n.narrow(0, 0, 5), cache)};
    for (std::int64_t i = 5; i < 8; ++i) parts.push_back(model.extend(ids_n.narrow(0, i, 1), cache));
    EXPECT_LT(largest_difference(at::cat(parts), model.forward(make_batch({ids}))), rounding) << dtype;
  }
}

TEST_P(DecoderGolden, DocumentsOfABatchDoNotSeeEachOther) {
  if (has_angles_of_the_length()) GTEST_SKIP() << "the longest document of a batch decides for all";
  const at::NoGradGuard no_grad;
  const auto documents = golden_["documents"].get<std::vector<std::vector<std::int64_t>>>();
  for (const auto& [dtype, rounding] : kTypesAndRounding) {
    const Decoder model = filled(golden_["config"], dtype);
    std::vector<at::Tensor> apart;
    for (const auto& document : documents) apart.push_back(model.forward(make_batch({document})));
    EXPECT_LT(largest_difference(model.forward(make_batch(documents)), at::cat(apart)), rounding) << dtype;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, DecoderGolden,
                         testing::Values("default", "old_theta", "linear", "dynamic_short", "dynamic_long",
                                         "llama3", "yarn", "yarn_mscale", "tied_bias_padding", "one_kv_head",
                                         "mistral", "qwen2", "qwen3", "qwen3_bias", "mixtral", "qwen2_moe",
                                         "qwen2_moe_dense", "qwen3_moe", "qwen3_moe_dense", "olmoe", "olmo2",
                                         "granite", "gemma2", "gemma2_plain", "gemma3", "gemma3_old", "phi3",
                                         "phi3_partial", "phi3_short", "phi3_long", "phi3_factor"),
                         [](const auto& param) { return std::string(param.param); });

Decoder tiny() {
  return Decoder::random(test::tiny_config(), 7, at::kFloat, at::kCPU);
}

TEST(Decoder, DocumentsOfABatchDoNotSeeEachOther) {
  const Decoder model = tiny();
  const std::vector<std::int64_t> first = {3, 4, 5, 6, 7}, second = {9, 8}, third = {1, 2, 3};
  const at::Tensor together = model.forward(make_batch({first, second, third}));
  const at::Tensor apart = at::cat({model.forward(make_batch({first})), model.forward(make_batch({second})),
                                    model.forward(make_batch({third}))});
  EXPECT_LT((together - apart).abs().max().item<float>(), 1e-5F);
}

TEST(Decoder, RunsEveryLayerThroughTheRunner) {
  const Decoder model = tiny();
  const Batch batch = make_batch({{3, 4, 5}});
  std::vector<std::int64_t> seen;
  const at::Tensor hidden_nh = model.forward(batch, [&](const Layer& layer, const at::Tensor& x_nh) {
    EXPECT_EQ(layer.num_layers, 2);
    seen.push_back(layer.index);
    const at::Tensor once = layer.forward(x_nh);
    EXPECT_TRUE(at::equal(once, layer.forward(x_nh))) << "a layer can be run again";
    return once;
  });
  EXPECT_EQ(seen, (std::vector<std::int64_t>{0, 1}));
  EXPECT_TRUE(at::equal(hidden_nh, model.forward(batch)));
}

TEST(Decoder, TheEmbeddingOfThePaddingTokenGetsNoGradient) {
  Json json = test::tiny_config_json();
  json["pad_token_id"] = 5;
  const Decoder model = Decoder::random(ModelConfig::from_json(json, "config.json"), 7, at::kFloat, at::kCPU);
  const at::Tensor embedding_vh = model.parameters().front().tensor;
  EXPECT_EQ(embedding_vh[5].abs().sum().item<float>(), 0.0F);
  torch::autograd::backward({model.forward(make_batch({{4, 5, 6}})).sum()}, {});
  EXPECT_EQ(embedding_vh.grad()[5].abs().sum().item<float>(), 0.0F);
  EXPECT_GT(embedding_vh.grad()[4].abs().sum().item<float>(), 0.0F);
}

TEST(Decoder, CountsParameters) {
  const Decoder model = tiny();
  const std::int64_t attention = 16 * 16 * 2 + 16 * 8 * 2, mlp = 3 * 16 * 24, norms = 2 * 16;
  const std::int64_t body = 2 * (attention + mlp + norms) + 16;
  EXPECT_EQ(model.num_parameters(), body + 2 * 32 * 16);
  EXPECT_EQ(model.num_non_embedding_parameters(), body + 32 * 16);

  Json json = test::tiny_config_json();
  json["tie_word_embeddings"] = true;
  const Decoder tied = Decoder::random(ModelConfig::from_json(json, "config.json"), 7, at::kFloat, at::kCPU);
  EXPECT_EQ(tied.num_parameters(), body + 32 * 16);
  EXPECT_EQ(tied.num_non_embedding_parameters(), body);
  EXPECT_TRUE(tied.head().weight_vh.is_same(tied.parameters().front().tensor));
}

TEST(Decoder, RandomWeightsDependOnTheSeedOnly) {
  const auto weight = [](std::uint64_t seed, at::ScalarType dtype) {
    return Decoder::random(test::tiny_config(), seed, dtype, at::kCPU).parameters()[3].tensor.to(at::kFloat);
  };
  EXPECT_TRUE(at::equal(weight(1, at::kFloat), weight(1, at::kFloat)));
  EXPECT_FALSE(at::equal(weight(1, at::kFloat), weight(2, at::kFloat)));
  EXPECT_TRUE(at::allclose(weight(1, at::kBFloat16), weight(1, at::kFloat), 1e-2));
  EXPECT_NEAR(weight(1, at::kFloat).std().item<double>(), 0.3, 0.05);
}

TEST(Decoder, Bfloat16StaysNearFloat32) {
  const Batch batch = make_batch({{3, 4, 5, 6}, {7, 8}});
  const Decoder half = Decoder::random(test::tiny_config(), 7, at::kBFloat16, at::kCPU);
  const at::Tensor hidden_nh = half.forward(batch);
  EXPECT_EQ(hidden_nh.scalar_type(), at::kBFloat16);
  EXPECT_LT((hidden_nh.to(at::kFloat) - tiny().forward(batch)).abs().max().item<float>(), 0.1F);
}

class StrictLoading : public testing::Test {
 protected:
  /// Saves the tiny model, lets `change` edit its tensors, and returns the error of loading it.
  std::string fault(const std::function<void(std::map<std::string, at::Tensor>&)>& change) {
    save_model(tiny(), folder_.path());
    std::map<std::string, at::Tensor> tensors;
    {
      const ModelTensors saved(folder_.path());
      for (const std::string& name : saved.names()) tensors[name] = saved.tensor(name).clone();
    }
    change(tensors);
    std::vector<NamedTensor> changed;
    for (const auto& [name, tensor] : tensors) changed.push_back({name, tensor});
    write_safetensors(folder_ / "model.safetensors", changed, {});
    return error_of([&] { Decoder::load(folder_.path(), at::kFloat, at::kCPU); });
  }
  static std::string lacks(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos ? std::string() : "'" + part + "' is not in: " + text;
  }

  TempFolder folder_;
};

TEST_F(StrictLoading, NamesMissingExtraAndMisshapenTensors) {
  EXPECT_EQ(fault([](auto&) {}), "");
  EXPECT_EQ(lacks(fault([](auto& t) { t.erase("model.norm.weight"); }), "'model.norm.weight' is missing"),
            "");
  EXPECT_EQ(
      lacks(fault([](auto& t) { t["surplus"] = at::ones({1}); }), "'surplus' is not part of this model"), "");
  EXPECT_EQ(lacks(fault([](auto& t) {
                    t["lm_head.weight"] = at::ones({32, 15});
                  }),
                  "'lm_head.weight' has shape [32, 15], expected [32, 16]"),
            "");
  EXPECT_EQ(
      lacks(fault([](auto& t) { t["model.norm.weight"] = at::ones({16}, at::kLong); }), "floating-point"),
      "");
  EXPECT_EQ(fault([](auto& t) { t["model.layers.0.self_attn.rotary_emb.inv_freq"] = at::ones({2}); }), "");
}

TEST_F(StrictLoading, ListsAtMostTenFaults) {
  const std::string text = fault([](auto& tensors) { tensors.clear(); });
  EXPECT_EQ(lacks(text, "; and 11 more"), "");
}

TEST_F(StrictLoading, TakesATiedHeadOnlyIfItIsTheEmbedding) {
  const auto tied_fault = [&](bool equal) {
    fault([&](auto& tensors) {
      tensors["lm_head.weight"] = equal ? tensors["model.embed_tokens.weight"].clone() : at::ones({32, 16});
    });
    Json json = test::tiny_config_json();
    json["tie_word_embeddings"] = true;
    folder_.write("config.json", json.dump());
    return error_of([&] { Decoder::load(folder_.path(), at::kFloat, at::kCPU); });
  };
  EXPECT_EQ(tied_fault(true), "");
  EXPECT_EQ(lacks(tied_fault(false), "config.json ties the two"), "");
}

TEST_F(StrictLoading, TakesATiedPairUnderTheNameOfTheHead) {
  at::Tensor embedding;
  fault([&](auto& tensors) {
    embedding = tensors["model.embed_tokens.weight"];
    tensors["lm_head.weight"] = embedding.clone();
    tensors.erase("model.embed_tokens.weight");
  });
  Json json = test::tiny_config_json();
  json["tie_word_embeddings"] = true;
  folder_.write("config.json", json.dump());
  const ModelConfig config = ModelConfig::from_folder(folder_.path());
  const auto parameters = load_parameters(folder_.path(), config, at::kFloat, at::kCPU);
  EXPECT_EQ(parameters.front().name, "model.embed_tokens.weight");
  EXPECT_TRUE(at::equal(parameters.front().tensor, embedding));
}

}  // namespace
}  // namespace sift
