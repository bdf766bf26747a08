#include "model/model_config.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "model/decoder/rope.h"
#include "support/temp_folder.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
using test::error_of;
using test::tiny_config_json;

ModelConfig parsed(const Json& json) {
  return ModelConfig::from_json(json, "config.json");
}

std::string fault(const std::function<void(Json&)>& change) {
  Json json = tiny_config_json();
  change(json);
  return error_of([&] { parsed(json); });
}

void expect_fault(const std::function<void(Json&)>& change, const std::vector<std::string>& parts) {
  const std::string text = fault(change);
  EXPECT_NE(text, "") << "no error about " << parts.front();
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  for (const std::string& part : parts)
    EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
}

TEST(ModelConfig, ReadsSizesAndDefaults) {
  Json json = tiny_config_json();
  json.erase("num_key_value_heads");
  json.erase("rms_norm_eps");
  json.erase("bos_token_id");
  json["eos_token_id"] = {2, 5};
  const ModelConfig config = parsed(json);
  EXPECT_EQ(config.model_type, "llama");
  EXPECT_EQ(config.architecture, "LlamaForCausalLM");
  EXPECT_EQ(config.num_key_value_heads, 4);
  EXPECT_EQ(config.head_dim, 4);
  EXPECT_EQ(config.rms_norm_eps, 1e-6);
  EXPECT_EQ(config.bos_token_id, 1);
  EXPECT_EQ(config.eos_token_ids, (std::vector<std::int64_t>{2, 5}));
  EXPECT_EQ(config.dtype, "float32");
  EXPECT_EQ(config.rope.theta, 10000.0);
  EXPECT_FALSE(config.pad_token_id.has_value());
  EXPECT_EQ(config.raw, json);
}

TEST(ModelConfig, CountsANegativePadTokenFromTheEnd) {
  Json json = tiny_config_json();
  json["pad_token_id"] = -1;
  EXPECT_EQ(parsed(json).pad_token_id, 31);
  expect_fault([](Json& j) { j["pad_token_id"] = 32; }, {"'pad_token_id' is 32", "vocabulary"});
}

TEST(ModelConfig, ReadsOldAndNewRopeForms) {
  Json old_form = tiny_config_json();
  old_form["rope_theta"] = 500000;
  old_form["rope_scaling"] =
      Json::parse(R"({"type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4.0})");
  Json new_form = tiny_config_json();
  new_form.erase("rope_theta");
  new_form["rope_parameters"] = Json::parse(
      R"({"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
          "high_freq_factor": 4.0, "original_max_position_embeddings": 64})");
  for (const Json& json : {old_form, new_form}) {
    const RopeOptions rope = parsed(json).rope;
    EXPECT_EQ(rope.type, "llama3");
    EXPECT_EQ(rope.theta, 500000.0);
    EXPECT_EQ(rope.factor, 8.0);
    EXPECT_EQ(rope.original_max_position_embeddings, 64);
  }
}

TEST(ModelConfig, NamesTheKeyThatIsWrong) {
  expect_fault([](Json& j) { j.erase("hidden_size"); }, {"config.json", "'hidden_size' is missing"});
  expect_fault([](Json& j) { j["hidden_size"] = nullptr; }, {"'hidden_size' is missing"});
  expect_fault([](Json& j) { j["hidden_size"] = "16"; }, {"'hidden_size' is \"16\"", "whole number"});
  expect_fault([](Json& j) { j["hidden_size"] = 16.5; }, {"'hidden_size' is 16.5", "whole number"});
  expect_fault([](Json& j) { j["vocab_size"] = 0; }, {"'vocab_size' is 0", "from 1"});
  expect_fault([](Json& j) { j["num_hidden_layers"] = -2; }, {"'num_hidden_layers' is -2"});
  expect_fault([](Json& j) { j["vocab_size"] = 18446744073709551615ULL; }, {"'vocab_size'", "whole number"});
  expect_fault([](Json& j) { j["num_key_value_heads"] = 3; }, {"'num_key_value_heads' is 3", "divisor"});
  expect_fault([](Json& j) { j["num_attention_heads"] = 6, j["num_key_value_heads"] = 2; },
               {"'hidden_size' is 16", "multiple"});
  expect_fault([](Json& j) { j["head_dim"] = 5; }, {"head_dim is 5", "even"});
  expect_fault([](Json& j) { j["rms_norm_eps"] = 0; }, {"'rms_norm_eps' is 0"});
  expect_fault([](Json& j) { j["tie_word_embeddings"] = "yes"; }, {"'tie_word_embeddings'", "true or false"});
  expect_fault(
      [](Json& j) {
        j["eos_token_id"] = {1, "x"};
      },
      {"'eos_token_id[1]' is \"x\"; expected a whole number"});
  expect_fault([](Json& j) { j["torch_dtype"] = "int8"; }, {"'torch_dtype' is \"int8\"", "bfloat16"});
}

TEST(ModelConfig, RefusesWhatWouldChangeNumbers) {
  expect_fault([](Json& j) { j["hidden_act"] = "gelu"; }, {"'hidden_act' is \"gelu\"", "silu"});
  expect_fault([](Json& j) { j["attention_dropout"] = 0.1; }, {"'attention_dropout' is 0.1"});
  expect_fault([](Json& j) { j["pretraining_tp"] = 2; }, {"'pretraining_tp' is 2"});
  expect_fault([](Json& j) { j["quantization_config"] = {{"bits", 4}}; }, {"quantization_config"});
  expect_fault([](Json& j) { j["partial_rotary_factor"] = 0.5; }, {"partial_rotary_factor is 0.5"});
  expect_fault(
      [](Json& j) {
        j["rope_scaling"] = {{"rope_type", "su"}};
      },
      {"'su' is not supported", "default, dynamic, linear, llama3, longrope, yarn"});
  expect_fault(
      [](Json& j) {
        j["rope_scaling"] = {{"type", "linear"}};
      },
      {"'rope_scaling.factor' is missing"});
  expect_fault(
      [](Json& j) {
        j["rope_scaling"] = {{"type", "linear"}, {"factor", -1}};
      },
      {"'rope_scaling.factor' is -1"});
  expect_fault([](Json& j) { j["rope_scaling"] = "linear"; }, {"rope_scaling", "JSON object"});
}

TEST(ModelConfig, NamesAnUnsupportedArchitectureAndWhatIsSupported) {
  expect_fault([](Json& j) { j["architectures"] = {"FalconForCausalLM"}, j["model_type"] = "falcon"; },
               {"'FalconForCausalLM'", "'falcon'", "LlamaForCausalLM"});
  expect_fault([](Json& j) { j["architectures"] = {"LlamaForSequenceClassification"}; },
               {"'LlamaForSequenceClassification'", "LlamaForCausalLM"});
  expect_fault([](Json& j) { j.erase("architectures"), j.erase("model_type"); },
               {"model_type", "architectures"});
  Json bare = tiny_config_json();
  bare.erase("architectures");
  EXPECT_EQ(parsed(bare).architecture, "LlamaForCausalLM");
}

TEST(ModelConfig, FromFolderNamesTheFile) {
  const test::TempFolder folder;
  EXPECT_NE(error_of([&] { ModelConfig::from_folder(folder / "none"); }).find("no such folder"),
            std::string::npos);
  EXPECT_NE(error_of([&] { ModelConfig::from_folder(folder.path()); }).find("config.json"),
            std::string::npos);
  folder.write("config.json", "{\"vocab_size\": 3,");
  EXPECT_NE(error_of([&] { ModelConfig::from_folder(folder.path()); }).find("not valid JSON"),
            std::string::npos);
  folder.write("config.json", "[1, 2]");
  EXPECT_NE(error_of([&] { ModelConfig::from_folder(folder.path()); }).find("JSON object"),
            std::string::npos);
}

TEST(Rope, PlainAnglesAreThoseOfTheFormula) {
  const RotaryTables tables =
      rotary_tables(test::tiny_config(), {}, at::tensor({0, 1, 5}, at::kLong), 6, at::kFloat);
  EXPECT_EQ(tables.cos_nf.sizes(), (std::vector<std::int64_t>{3, 2}));
  EXPECT_FLOAT_EQ(tables.cos_nf[0][1].item<float>(), 1.0F);
  EXPECT_FLOAT_EQ(tables.sin_nf[2][0].item<float>(), std::sin(5.0F));
  EXPECT_FLOAT_EQ(tables.sin_nf[2][1].item<float>(), std::sin(5.0F * 0.01F));
}

}  // namespace
}  // namespace sift
