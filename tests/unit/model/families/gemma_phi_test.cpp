#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "formats/safetensors.h"
#include "model/decoder/decoder.h"
#include "support/temp_folder.h"
#include "support/tiny_model.h"

// What config.json means in the families of Gemma and Phi; their numbers are tested with all others'.

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
using Windows = std::vector<std::int64_t>;
using test::error_of;

Json tiny(const std::string& model_type, const std::string& class_name,
          const Json& changes = Json::object()) {
  Json json = test::tiny_config_json(model_type, class_name);
  for (const char* key : {"hidden_act", "rope_theta", "tie_word_embeddings"}) json.erase(key);
  json.update(changes);
  return json;
}
Json gemma2(const Json& changes = Json::object()) {
  return tiny("gemma2", "Gemma2ForCausalLM", changes);
}
Json gemma3(const Json& changes = Json::object()) {
  return tiny("gemma3_text", "Gemma3ForCausalLM", changes);
}
Json phi3(const Json& changes = Json::object()) {
  Json json = tiny("phi3", "Phi3ForCausalLM", {{"pad_token_id", nullptr}});
  json.update(changes);
  return json;
}
Json longrope(const Json& changes = Json::object()) {
  Json scaling = {{"type", "longrope"}, {"short_factor", {1, 2}}, {"long_factor", {3, 4}}};
  scaling.update(changes);
  return phi3({{"rope_scaling", scaling}});
}

ModelConfig config_of(const Json& json) {
  return ModelConfig::from_json(json, "config.json");
}

void expect_fault(const Json& json, const std::string& part) {
  const std::string text = error_of([&] { config_of(json); });
  EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' is not in: " << text;
}

TEST(Gemma, ASilentFileMeansWhatTransformersMeans) {
  const ModelConfig second = config_of(gemma2());
  EXPECT_EQ(second.sliding_windows, (Windows{4096, 0}));
  EXPECT_EQ(second.attention_softcap, 50.0);
  EXPECT_EQ(second.final_logit_softcap, 30.0);
  EXPECT_EQ(second.head_dim, 256);
  EXPECT_EQ(second.attention_scale, 1.0 / 16);
  EXPECT_EQ(second.pad_token_id, 0);
  EXPECT_TRUE(second.tie_word_embeddings);
  EXPECT_EQ(second.activation, Activation::kGeluTanh);
  EXPECT_FALSE(second.sliding_rope.has_value());

  const ModelConfig third = config_of(gemma3({{"num_hidden_layers", 7}}));
  EXPECT_EQ(third.sliding_windows, (Windows{4096, 4096, 4096, 4096, 4096, 0, 4096}));
  EXPECT_EQ(third.attention_softcap, 0.0);
  EXPECT_EQ(third.final_logit_softcap, 0.0);
  EXPECT_EQ(third.rope.theta, 1e6);
  ASSERT_TRUE(third.sliding_rope.has_value());
  EXPECT_EQ(third.sliding_rope->theta, 1e4);
}

TEST(Gemma, ANullSoftcapIsNone) {
  const ModelConfig config =
      config_of(gemma2({{"attn_logit_softcapping", nullptr}, {"final_logit_softcapping", nullptr}}));
  EXPECT_EQ(config.attention_softcap, 0.0);
  EXPECT_EQ(config.final_logit_softcap, 0.0);
}

TEST(Gemma, ScalingIsOfTheLayersThatSeeEverything) {
  const Json scaling = {{"rope_type", "linear"}, {"factor", 8.0}};
  for (const Json& json :
       {gemma3({{"rope_scaling", scaling}, {"rope_theta", 5e5}, {"rope_local_base_freq", 300.0}}),
        gemma3({{"rope_parameters",
                 {{"full_attention", {{"rope_type", "linear"}, {"factor", 8.0}, {"rope_theta", 5e5}}},
                  {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", 300.0}}}}}})}) {
    const ModelConfig config = config_of(json);
    EXPECT_EQ(config.rope.type, "linear");
    EXPECT_EQ(config.rope.factor, 8.0);
    EXPECT_EQ(config.rope.theta, 5e5);
    EXPECT_EQ(config.sliding_rope->type, "default");
    EXPECT_EQ(config.sliding_rope->theta, 300.0);
  }
}

TEST(Gemma, RefusesWhatWouldChangeNumbers) {
  expect_fault(gemma2({{"hidden_activation", "relu"}}),
               "'hidden_activation' is \"relu\"; supported: \"silu\"");
  expect_fault(gemma2({{"use_bidirectional_attention", true}}), "'use_bidirectional_attention' is true");
  expect_fault(gemma2({{"sliding_window", nullptr}}), "needs a sliding_window");
  expect_fault(gemma2({{"attn_logit_softcapping", -1.0}}), "'attn_logit_softcapping' is -1.0");
  expect_fault(gemma2({{"query_pre_attn_scalar", 0}}), "'query_pre_attn_scalar' is 0");
  expect_fault(gemma3({{"attn_logit_softcapping", 50.0}}), "Gemma 3 has no softcap");
  expect_fault(gemma3({{"rope_parameters", {{"rope_type", "default"}, {"rope_theta", 1e4}}}}),
               "expected \"full_attention\" and \"sliding_attention\"");
  expect_fault(gemma3({{"rope_parameters", {{"full_attention", 3}}}}), "is 3; expected a JSON object");
}

/// A Gemma 3 with images around `model`, as transformers writes it now (`is_new`) or wrote it before.
void save_with_images(const Decoder& model, const test::TempFolder& folder, bool is_new) {
  save_model(model, folder.path());
  std::vector<NamedTensor> tensors = {
      {is_new ? "model.vision_tower.x.weight" : "vision_tower.x.weight", at::ones({2})}};
  for (const Parameter& parameter : model.parameters()) {
    const std::string inner = parameter.name.substr(std::string("model.").size());
    tensors.push_back(
        {(is_new ? "model.language_model." : "language_model.model.") + inner, parameter.tensor.detach()});
  }
  write_safetensors(folder / "model.safetensors", tensors, {});
  Json text = model.config().raw;
  for (const char* key : {"architectures", "model_type", "eos_token_id"}) text.erase(key);
  const Json outer = {{"model_type", "gemma3"},
                      {"architectures", {"Gemma3ForConditionalGeneration"}},
                      {"eos_token_id", {1, 6}},
                      {"text_config", text},
                      {"vision_config", Json::object()}};
  folder.write("config.json", outer.dump());
}

TEST(Gemma, OfAModelWithImagesTheLanguageModelIsTaken) {
  const Decoder model = Decoder::random(config_of(gemma3({{"head_dim", 4}})), 7, at::kFloat, at::kCPU);
  for (const bool is_new : {false, true}) {
    const test::TempFolder folder;
    save_with_images(model, folder, is_new);
    const Decoder loaded = Decoder::load(folder.path(), at::kFloat, at::kCPU);
    ASSERT_EQ(loaded.parameters().size(), model.parameters().size());
    for (std::size_t i = 0; i < model.parameters().size(); ++i)
      EXPECT_TRUE(at::equal(loaded.parameters()[i].tensor, model.parameters()[i].tensor));
    EXPECT_EQ(loaded.config().eos_token_ids, (std::vector<std::int64_t>{1, 6}));

    save_model(loaded, folder.path());
    const Json saved = Json::parse(test::read_file(folder / "config.json"));
    EXPECT_EQ(saved["model_type"], "gemma3_text");
    EXPECT_EQ(saved["architectures"], Json({"Gemma3ForCausalLM"}));
    EXPECT_FALSE(saved.contains("text_config"));
    EXPECT_TRUE(ModelTensors(folder.path()).contains("model.layers.1.mlp.up_proj.weight"));
  }
  expect_fault({{"model_type", "gemma3"}}, "'text_config' is missing");
  expect_fault({{"model_type", "gemma3"}, {"text_config", 3}}, "'text_config' is 3; expected a JSON object");
}

TEST(Gemma, NormsBeginAsZeroAndTheScaleOfEmbeddingsIsRounded) {
  const ModelConfig config =
      config_of(gemma2({{"hidden_size", 20}, {"head_dim", 4}, {"num_hidden_layers", 1}}));
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const Decoder model = Decoder::random(config, 7, dtype, at::kCPU);
    for (const Parameter& parameter : model.parameters()) {
      if (parameter.name.find("norm") == std::string::npos) continue;
      EXPECT_EQ(parameter.tensor.abs().max().item<float>(), 0.0F) << parameter.name;
    }
    at::Tensor embedded;
    model.forward(test::make_batch({{3, 4}}), [&](const Layer& layer, const at::Tensor& x_nh) {
      embedded = x_nh.detach();
      return layer.forward(x_nh);
    });
    // sqrt(20) = 4.472...; 4.46875 is the bfloat16 next to it
    const double scale = dtype == at::kBFloat16 ? 4.46875 : std::sqrt(20.0);
    EXPECT_TRUE(at::equal(embedded[0], model.parameters().front().tensor.detach()[3] * scale));
  }
}

TEST(Phi3, ProjectionsAreFusedInMemoryAsInFiles) {
  const Decoder model = Decoder::random(config_of(phi3()), 7, at::kFloat, at::kCPU);
  const test::TempFolder folder;
  save_model(model, folder.path());
  const ModelTensors saved(folder.path());
  EXPECT_EQ(saved.shape("model.layers.0.self_attn.qkv_proj.weight"), (Windows{32, 16}));
  EXPECT_EQ(saved.shape("model.layers.0.mlp.gate_up_proj.weight"), (Windows{48, 16}));
  EXPECT_FALSE(saved.contains("model.layers.0.self_attn.q_proj.weight"));
  EXPECT_FALSE(saved.contains("model.layers.0.mlp.up_proj.weight"));
}

TEST(Phi3, LongropeIsReadUnderItsOldNamesToo) {
  for (const char* type : {"longrope", "su", "yarn"}) {
    const ModelConfig config = config_of(longrope({{"type", type}}));
    EXPECT_EQ(config.rope.type, "longrope");
    EXPECT_EQ(config.rope.long_factors, (std::vector<double>{3, 4}));
    EXPECT_EQ(config.rope.length_limit(), 4096) << "the family's own, where the file has none";
  }
  Json file = longrope({{"original_max_position_embeddings", 8}});
  file["original_max_position_embeddings"] = 16;
  EXPECT_EQ(config_of(file).rope.length_limit(), 16) << "that of the file goes before that of the parameters";
  EXPECT_EQ(config_of(file).rope.factor, 64.0 / 16.0);
}

TEST(Phi3, RefusesWhatItDoesNotHave) {
  expect_fault(longrope({{"short_factor", {1.0, 2.0, 3.0}}}), "expected a list of 2 numbers above 0");
  expect_fault(longrope({{"long_factor", {1.0, "2"}}}), "expected a list of 2 numbers above 0");
  expect_fault(longrope({{"long_factor", nullptr}}), "long_factor' is missing");
  expect_fault(longrope({{"type", "llama3"}}), "Phi-3 supports \"default\" and \"longrope\"");
  expect_fault(phi3({{"partial_rotary_factor", 0.3}}), "of the 4 features of a head it must rotate an even");
  expect_fault(phi3({{"partial_rotary_factor", 1.5}}), "partial_rotary_factor is 1.5");
  expect_fault(phi3({{"resid_pdrop", 0.1}}), "'resid_pdrop' is 0.1");
  expect_fault(phi3({{"attention_bias", true}}), "'attention_bias' is true");
}

}  // namespace
}  // namespace sift
