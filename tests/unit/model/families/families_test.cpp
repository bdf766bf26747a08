#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "formats/safetensors.h"
#include "model/decoder/decoder.h"
#include "model/generate/generate.h"
#include "optim/parameter_groups.h"
#include "support/temp_folder.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
using Windows = std::vector<std::int64_t>;
using test::error_of;

Json mixtral() {
  return test::tiny_config_json("mixtral", "MixtralForCausalLM", {{"num_local_experts", 3}});
}

Json qwen3_moe() {
  return test::tiny_config_json(
      "qwen3_moe", "Qwen3MoeForCausalLM",
      {{"num_experts", 4}, {"num_experts_per_tok", 2}, {"moe_intermediate_size", 6}});
}

ModelConfig parsed(const Json& json) {
  return ModelConfig::from_json(json, "config.json");
}

std::string fault(Json json, const Json& changes) {
  json.update(changes);
  return error_of([&] { parsed(json); });
}

TEST(Families, AnAbsentKeyIsTheFamilysDefaultAndANullIsNone) {
  EXPECT_EQ(parsed(test::tiny_config_json("mistral", "MistralForCausalLM")).sliding_windows,
            (Windows{4096, 4096}));
  EXPECT_TRUE(parsed(test::tiny_config_json("mistral", "MistralForCausalLM", {{"sliding_window", nullptr}}))
                  .sliding_windows.empty());
  Json silent = mixtral();
  for (const char* key : {"rope_theta", "rms_norm_eps", "eos_token_id", "bos_token_id"}) silent.erase(key);
  const ModelConfig config = parsed(silent);
  EXPECT_EQ(config.rope.theta, 1e6);
  EXPECT_EQ(config.rms_norm_eps, 1e-5);
  EXPECT_EQ(config.bos_token_id, 1);
  EXPECT_EQ(config.experts.num_experts_per_tok, 2);
  EXPECT_EQ(config.experts.router_aux_loss_coef, 0.001);
  EXPECT_EQ(config.raw, silent) << "what is saved is what was there";
}

TEST(Families, WindowsOfQwen) {
  const Json window = {{"use_sliding_window", true}, {"sliding_window", 8}, {"max_window_layers", 1}};
  const Json qwen2 = test::tiny_config_json("qwen2", "Qwen2ForCausalLM", window);
  EXPECT_EQ(parsed(qwen2).sliding_windows, (Windows{0, 8}));
  EXPECT_EQ(parsed(test::tiny_config_json("qwen2_moe", "Qwen2MoeForCausalLM", window)).sliding_windows,
            (Windows{8, 0}));
  Json off = qwen2, listed = qwen2;
  off["use_sliding_window"] = false;
  EXPECT_EQ(parsed(off).sliding_windows, (Windows{0, 0}));
  listed["layer_types"] = {"sliding_attention", "full_attention"};
  EXPECT_EQ(parsed(listed).sliding_windows, (Windows{8, 0}));
  listed["use_sliding_window"] = false;
  EXPECT_NE(error_of([&] { parsed(listed); }).find("needs a sliding_window"), std::string::npos);
  EXPECT_NE(fault(qwen2, {{"layer_types", {"full_attention"}}}).find("per layer"), std::string::npos);
  EXPECT_NE(fault(qwen2, {{"layer_types", {"a", "b"}}}).find("sliding_attention"), std::string::npos);
}

TEST(Families, NumExpertsHasTwoNames) {
  Json json = qwen3_moe();
  EXPECT_EQ(parsed(json).experts.num_experts, 4);
  json.erase("num_experts");
  json["num_local_experts"] = 5;
  EXPECT_EQ(parsed(json).experts.num_experts, 5);
}

TEST(Families, RefusesWhatWouldChangeNumbers) {
  EXPECT_NE(fault(mixtral(), {{"router_jitter_noise", 0.1}}).find("'router_jitter_noise' is 0.1"),
            std::string::npos);
  EXPECT_NE(fault(mixtral(), {{"num_experts_per_tok", 4}}).find("at most the number of experts, 3"),
            std::string::npos);
  EXPECT_NE(fault(qwen3_moe(), {{"mlp_only_layers", {0, 1}}}).find("leave no layer with experts"),
            std::string::npos);
  EXPECT_NE(fault(qwen3_moe(), {{"mlp_only_layers", 3}}).find("'mlp_only_layers' is 3"), std::string::npos);
  EXPECT_NE(fault(qwen3_moe(), {{"hidden_act", "gelu"}}).find("'hidden_act'"), std::string::npos);
}

TEST(Families, ExpertsAreFusedInMemoryAndSingleInFiles) {
  const Decoder model = Decoder::random(parsed(mixtral()), 7, at::kFloat, at::kCPU);
  const test::TempFolder folder;
  save_model(model, folder.path());
  const ModelTensors saved(folder.path());
  const std::string layer = "model.layers.1.";
  for (const Parameter& parameter : model.parameters()) {
    if (parameter.name != layer + "mlp.experts.gate_up_proj") continue;
    EXPECT_EQ(parameter.tensor.sizes(), (Windows{3, 48, 16}));
    const at::Tensor of_expert = parameter.tensor[2];
    const std::string expert = layer + "block_sparse_moe.experts.2.";
    EXPECT_TRUE(at::equal(saved.tensor(expert + "w1.weight"), of_expert.narrow(0, 0, 24)));
    EXPECT_TRUE(at::equal(saved.tensor(expert + "w3.weight"), of_expert.narrow(0, 24, 24)));
  }
  EXPECT_TRUE(saved.contains(layer + "block_sparse_moe.experts.0.w2.weight"));
  EXPECT_TRUE(saved.contains(layer + "block_sparse_moe.gate.weight"));
  for (const std::string& name : saved.names()) EXPECT_EQ(name.find("mlp"), std::string::npos) << name;

  save_model(model, folder.path(), 6000);
  const Decoder loaded = Decoder::load(folder.path(), at::kFloat, at::kCPU);
  for (std::size_t i = 0; i < model.parameters().size(); ++i) {
    EXPECT_TRUE(at::equal(loaded.parameters()[i].tensor, model.parameters()[i].tensor));
  }
}

TEST(Families, EveryExpertCountsAndDecays) {
  const Decoder model = Decoder::random(parsed(qwen3_moe()), 7, at::kFloat, at::kCPU);
  const std::int64_t attention = 16 * 16 * 2 + 16 * 8 * 2 + 2 * 4, experts = 4 * 3 * 16 * 6 + 4 * 16;
  EXPECT_EQ(model.num_non_embedding_parameters(), 2 * (attention + experts + 2 * 16) + 16 + 32 * 16);
  std::set<std::string> without_decay;
  for (const Parameter& parameter : model.parameters()) {
    if (parameter.name.find("layers.0.") != std::string::npos && is_without_decay(parameter.name))
      without_decay.insert(parameter.name.substr(std::string("model.layers.0.").size()));
  }
  EXPECT_EQ(without_decay, (std::set<std::string>{"input_layernorm.weight", "post_attention_layernorm.weight",
                                                  "self_attn.k_norm.weight", "self_attn.q_norm.weight"}));
}

TEST(Families, TheCoefficientIsOfExpertsOnly) {
  ModelConfig config = parsed(qwen3_moe());
  config.set_router_aux_loss_coef(0.25);
  EXPECT_EQ(config.experts.router_aux_loss_coef, 0.25);
  EXPECT_EQ(config.raw["router_aux_loss_coef"], 0.25);
  EXPECT_EQ(config.raw["output_router_logits"], true);
  ModelConfig dense = test::tiny_config();
  dense.set_router_aux_loss_coef(0.0);
  EXPECT_EQ(dense.raw, test::tiny_config_json());
  EXPECT_EQ(error_of([&] { dense.set_router_aux_loss_coef(0.1); }),
            "[model] router_aux_loss_coef is 0.1, but LlamaForCausalLM has no experts to balance: remove the "
            "option");
}

}  // namespace
}  // namespace sift
