#include "model/lora/adapter_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include <sift/error.h>
#include "support/temp_folder.h"

namespace sift {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Json = nlohmann::ordered_json;

const fs::path kAdapters = fs::path(SIFT_FIXTURES) / "parity/adapters";

ModelConfig llama() {
  return ModelConfig::from_folder(fs::path(SIFT_FIXTURES) / "parity/models/llama");
}

std::string fault(const std::string& text) {
  const test::TempFolder folder;
  folder.write("adapter_config.json", text);
  try {
    read_adapter_config(folder.path());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// PEFT wrote these files.
TEST(AdapterConfig, IsWrittenAsPeftWritesIt) {
  for (const char* name : {"lora-patterns", "lora-dora", "lora-head"}) {
    const fs::path folder = kAdapters / name / "adapter";
    const AdapterConfig config = read_adapter_config(folder);
    const Json ours = adapter_config_json(Adapter(config.options, llama()), config.base);
    Json theirs = Json::parse(test::read_file(folder / "adapter_config.json"));
    Json found = ours;
    const auto sorted = [](Json& json) {
      if (json["layers_pattern"].is_string()) json["layers_pattern"] = Json::array({json["layers_pattern"]});
      auto names = json["target_modules"].get<std::vector<std::string>>();
      std::ranges::sort(names);
      json["target_modules"] = names;
    };
    sorted(theirs);
    sorted(found);
    EXPECT_EQ(found, theirs) << name;
    EXPECT_EQ(ours.begin().key(), "alora_invocation_tokens") << "in alphabetical order";
  }
}

TEST(AdapterConfig, NamesTheModulesThatAllLinearMeant) {
  LoraOptions options;
  options.target_modules = std::vector<std::string>{"all-linear"};
  const Json json = adapter_config_json(Adapter(options, llama()), "base");
  EXPECT_EQ(json.at("target_modules"),
            Json({"down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"}));
  options.target_modules.reset();
  options.target_modules_regex = ".*q_proj";
  EXPECT_EQ(adapter_config_json(Adapter(options, llama()), "base").at("target_modules"), ".*q_proj");
}

TEST(AdapterConfig, ReadsWhatOtherWritersLeaveOut) {
  const test::TempFolder folder;
  folder.write("adapter_config.json", R"({"peft_type": "LORA", "r": 2, "lora_alpha": 4,
    "target_modules": "all-linear", "layers_to_transform": 1, "trainable_token_indices": {"embed_tokens": [3]}})");
  const LoraOptions options = read_adapter_config(folder.path()).options;
  EXPECT_TRUE(options.targets_all_linear());
  EXPECT_EQ(options.layers_to_transform, std::vector<std::int64_t>{1});
  EXPECT_EQ(options.trainable_token_indices, std::vector<std::int64_t>{3});
  EXPECT_EQ(options.lora_dropout, 0.0);
}

TEST(AdapterConfig, RefusesOtherKindsAndVariantsByName) {
  EXPECT_THAT(fault(R"({"peft_type": "IA3"})"), HasSubstr("IA3"));
  EXPECT_THAT(fault(R"({"lora_bias": true})"), HasSubstr("'lora_bias'"));
  EXPECT_THAT(fault(R"({"layer_replication": [[0, 1]]})"), HasSubstr("'layer_replication'"));
  EXPECT_THAT(fault(R"({"init_lora_weights": "corda"})"), HasSubstr("corda"));
  EXPECT_THAT(fault(R"({"trainable_token_indices": {"lm_head": [1]}})"), HasSubstr("expected embed_tokens"));
  EXPECT_THAT(fault("{"), HasSubstr("adapter_config.json"));
}

TEST(AdapterConfig, NamesTheBaseModel) {
  const test::TempFolder folder;
  folder.write("adapter_config.json", R"({"base_model_name_or_path": "org/model"})");
  EXPECT_TRUE(is_adapter_folder(folder.path()));
  EXPECT_THROW(base_of(folder.path()), Error);
  const fs::path llama = fs::path(SIFT_FIXTURES) / "parity/models/llama";
  EXPECT_EQ(base_of(llama), llama);
  folder.write("adapter_config.json", Json({{"base_model_name_or_path", llama.string()}}).dump());
  EXPECT_EQ(base_of(folder.path()), llama);
}

}  // namespace
}  // namespace sift
