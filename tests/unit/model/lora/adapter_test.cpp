#include "model/lora/adapter.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include <sift/error.h>
#include "data/collate.h"
#include "model/decoder/decoder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path kModels = fs::path(SIFT_FIXTURES) / "parity/models";

LoraOptions on_modules(const std::vector<std::string>& modules) {
  LoraOptions options;
  options.r = 4;
  options.target_modules = modules;
  return options;
}

Decoder load_model(const std::string& model) {
  return Decoder::load(kModels / model, at::kFloat, at::kCPU);
}

Decoder with_adapter(const std::string& model, const LoraOptions& options, std::uint64_t seed = 3) {
  Decoder decoder = load_model(model);
  decoder.add_adapter(std::make_shared<const Adapter>(options, decoder.config()), seed);
  return decoder;
}

Batch some_tokens() {
  TokenDataset data;
  const std::vector<std::int32_t> ids = {5, 17, 3, 250, 99, 8, 12};
  data.add_row(ids, ids);
  return collate(data, std::vector<std::int64_t>{0}, at::kCPU);
}

at::Tensor hidden(const Decoder& model) {
  return model.forward(some_tokens()).detach();
}

const at::Tensor& value_of(const Decoder& model, const std::string& name) {
  const auto found = std::ranges::find(model.parameters(), name, &Parameter::name);
  EXPECT_NE(found, model.parameters().end()) << name;
  return found->tensor;
}

std::vector<std::string> names_of(const std::vector<Parameter>& parameters) {
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters) names.push_back(parameter.name);
  return names;
}

TEST(Adapter, TrainsItsOwnParametersAlone) {
  const Decoder model = with_adapter("llama", on_modules({"model.layers.0.self_attn.q_proj"}));
  const std::string q = "model.layers.0.self_attn.q_proj.";
  EXPECT_THAT(names_of(model.trainable()), ElementsAre(q + "lora_A.weight", q + "lora_B.weight"));
  for (const Parameter& parameter : model.parameters())
    EXPECT_EQ(parameter.tensor.requires_grad(), parameter.trained) << parameter.name;
}

// The order of transformers' named_parameters(), which optimizer.pt counts in.
TEST(Adapter, HasItsParametersBehindThoseOfTheModule) {
  LoraOptions options = on_modules({"q_proj"});
  options.bias = "lora_only";
  options.use_dora = true;
  const Decoder model = with_adapter("llama-tied-bias", options);
  const std::string q = "model.layers.0.self_attn.q_proj.";
  const std::vector<std::string> names = names_of(model.trainable());
  EXPECT_THAT(std::vector(names.begin(), names.begin() + 4),
              ElementsAre(q + "bias", q + "lora_A.weight", q + "lora_B.weight", q + "lora_magnitude_vector"));
}

TEST(Adapter, ChangesNothingAtFirstUnlessAskedTo) {
  const at::Tensor before = hidden(load_model("llama"));
  for (const char* init : {"true", "gaussian"}) {
    LoraOptions options = on_modules({"all-linear"});
    options.init_lora_weights = init;
    EXPECT_TRUE(at::allclose(hidden(with_adapter("llama", options)), before, 1e-5, 1e-5)) << init;
  }
  LoraOptions options = on_modules({"all-linear"});
  options.use_dora = true;
  EXPECT_TRUE(at::allclose(hidden(with_adapter("llama", options)), before, 1e-4, 1e-4));
  options.use_dora = false;
  options.init_lora_weights = "pissa";
  const Decoder pissa = with_adapter("llama", options);
  EXPECT_TRUE(at::allclose(hidden(pissa), before, 1e-3, 1e-3));
  const std::string q = "model.layers.0.self_attn.q_proj.";
  EXPECT_FALSE(
      at::allclose(value_of(pissa, q + "weight"), value_of(load_model("llama"), q + "weight"), 1e-3, 1e-3));
  options.init_lora_weights = "false";
  EXPECT_FALSE(at::allclose(hidden(with_adapter("llama", options)), before, 1e-3, 1e-3));
}

TEST(Adapter, DrawsTheSameValuesForTheSameSeed) {
  const std::string a = "model.layers.0.self_attn.q_proj.lora_A.weight";
  const LoraOptions options = on_modules({"q_proj"});
  const at::Tensor values = value_of(with_adapter("llama", options), a);
  EXPECT_TRUE(at::equal(value_of(with_adapter("llama", options), a), values));
  EXPECT_FALSE(at::equal(value_of(with_adapter("llama", options, 4), a), values));
  const double bound = 1.0 / 8;  // 1 / sqrt(64)
  EXPECT_LE(values.abs().max().item<double>(), bound);
  EXPECT_GT(values.abs().max().item<double>(), 0.9 * bound);
}

TEST(Adapter, ReachesEveryOfItsParametersWithGradients) {
  LoraOptions options = on_modules({"q_proj", "embed_tokens"});
  options.target_parameters = {"experts.gate_up_proj", "experts.down_proj", "gate.weight"};
  options.init_lora_weights = "false";
  options.modules_to_save = {"model.norm"};
  const Decoder model = with_adapter("mixtral", options);
  const at::Tensor hidden_nh = model.forward(some_tokens());
  at::mm(hidden_nh, model.head().weight_vh.t()).square().sum().backward();
  for (const Parameter& parameter : model.parameters()) {
    EXPECT_EQ(parameter.tensor.grad().defined(), parameter.trained) << parameter.name;
    if (!parameter.trained || parameter.name.ends_with("lora_embedding_B")) continue;
    EXPECT_GT(parameter.tensor.grad().abs().max().item<double>(), 0.0) << parameter.name;
  }
}

TEST(Adapter, UntiesAHeadThatIsTrainedWhole) {
  LoraOptions options = on_modules({"q_proj"});
  options.modules_to_save = {"lm_head"};
  const Decoder model = with_adapter("llama-tied-bias", options);
  EXPECT_TRUE(value_of(model, "lm_head.weight").requires_grad());
  EXPECT_FALSE(value_of(model, "model.embed_tokens.weight").requires_grad());
  EXPECT_TRUE(model.head().weight_vh.is_same(value_of(model, "lm_head.weight")));
  EXPECT_TRUE(at::equal(value_of(model, "lm_head.weight"), value_of(model, "model.embed_tokens.weight")));
}

TEST(Adapter, TrainsSingleTokensAlsoInATiedHead) {
  LoraOptions options = on_modules({"q_proj"});
  options.trainable_token_indices = {17, 99};
  const Decoder model = with_adapter("llama-tied-bias", options);
  const at::Tensor& rows = value_of(model, "model.embed_tokens.trainable_tokens_delta");
  const at::NoGradGuard no_grad;
  rows.add_(1.0);
  const at::Tensor expected = value_of(model, "model.embed_tokens.weight").select(0, 99) + 1.0;
  EXPECT_TRUE(at::equal(model.head().weight_vh.select(0, 99), expected));
  options.trainable_token_indices = {100000};
  EXPECT_THROW(with_adapter("llama", options), Error);
  options.trainable_token_indices = {17};
  options.modules_to_save = {"embed_tokens"};
  EXPECT_THROW(with_adapter("llama", options), Error);
}

TEST(Adapter, RefusesAPissaRankAboveThatOfTheWeight) {
  LoraOptions options = on_modules({"q_proj"});
  options.init_lora_weights = "pissa";
  options.r = 65;
  try {
    with_adapter("llama", options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("\"pissa\" needs an r of at most 64 for model.layers.0.self_attn.q_proj"));
  }
}

TEST(MergedModel, ComputesTheSame) {
  struct Case {
    const char* model;
    LoraOptions options;
  };
  std::vector<Case> cases;
  LoraOptions options = on_modules({"all-linear"});
  options.init_lora_weights = "false";
  cases.push_back({"llama", options});
  options.use_dora = true;
  cases.push_back({"llama-tied-bias", options});
  options.use_dora = false;
  options.target_modules = std::vector<std::string>{"q_proj", "embed_tokens"};
  cases.push_back({"llama-tied-bias", options});
  options.target_parameters = {"experts.gate_up_proj", "experts.down_proj"};
  cases.push_back({"mixtral", options});
  options = on_modules({"q_proj"});
  options.trainable_token_indices = {17};
  cases.push_back({"llama-tied-bias", options});
  for (const auto& [name, lora] : cases) {
    Decoder model = with_adapter(name, lora);
    {
      const at::NoGradGuard no_grad;
      at::manual_seed(3);
      for (const Parameter& parameter : model.trainable())
        parameter.tensor.add_(at::randn_like(parameter.tensor) * 0.1);
    }
    const at::Tensor hidden_nh = hidden(model), head_vh = model.head().weight_vh.detach().clone();
    const Decoder merged = std::move(model).merged();
    EXPECT_EQ(merged.adapter(), nullptr);
    EXPECT_TRUE(at::allclose(hidden(merged), hidden_nh, 1e-3, 1e-4)) << name;
    EXPECT_TRUE(at::allclose(merged.head().weight_vh, head_vh)) << name;
  }
}

}  // namespace
}  // namespace sift
