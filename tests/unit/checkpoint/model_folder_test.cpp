#include "checkpoint/model_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "formats/json_text.h"
#include "support/small_run.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// A copy of the model of the fixtures that a test may change.
class ModelFolderTest : public testing::Test {
 protected:
  ModelFolderTest() { fs::copy(test::SmallRun::model_folder(), model()); }

  fs::path model() const { return folder_ / "model"; }
  fs::path out() const { return folder_ / "out"; }
  Json saved(const char* name) const { return read_json_file<Json>(out() / name); }

  void change(const char* name, const Json& entries) const {
    Json json = fs::exists(model() / name) ? read_json_file<Json>(model() / name) : Json::object();
    json.update(entries);
    for (const auto& [key, value] : entries.items()) {
      if (value.is_null()) json.erase(key);
    }
    folder_.write("model/" + std::string(name), json.dump());
  }

  void save(const TextOverrides& overrides) {
    const TextProcessor text = TextProcessor::from_folder(model(), overrides);
    ModelConfig config = ModelConfig::from_folder(model());
    config.save_special_tokens(text.special_token_ids());
    write_model_folder(Decoder::load(model(), config, at::kFloat, at::kCPU),
                       ModelFolderSource::of(model(), text), out());
  }

  test::TempFolder folder_;
};

TEST_F(ModelFolderTest, AChosenEosTokenIsNamedEverywhere) {
  change("special_tokens_map.json", {{"eos_token", {{"content", "<|im_end|>"}, {"lstrip", false}}}});
  save({.chat_template_path = {}, .eos_token = "<|im_start|>"});
  EXPECT_EQ(saved("config.json")["eos_token_id"], 1023);
  EXPECT_EQ(saved("generation_config.json")["eos_token_id"], Json({1023, 1021}));
  EXPECT_EQ(saved("tokenizer_config.json")["eos_token"], "<|im_start|>");
  EXPECT_EQ(saved("special_tokens_map.json")["eos_token"], "<|im_start|>");
  EXPECT_EQ(TextProcessor::from_folder(out(), {}).eos_token(), "<|im_start|>");
}

TEST_F(ModelFolderTest, TheTokenizersTokensAreThoseOfTheConfigs) {
  change("tokenizer_config.json", {{"eos_token", "<|im_start|>"}, {"bos_token", "<|endoftext|>"}});
  change("config.json", {{"eos_token_id", {1021, 1022}}});
  save({});
  EXPECT_EQ(saved("config.json")["eos_token_id"], Json({1023, 1021, 1022}));
  EXPECT_EQ(saved("config.json")["bos_token_id"], 1022);
  EXPECT_EQ(saved("generation_config.json")["bos_token_id"], 1022);
  EXPECT_EQ(saved("config.json")["pad_token_id"], 1022);
}

TEST_F(ModelFolderTest, EosPadsWhereThereIsNoPadToken) {
  change("tokenizer_config.json", {{"pad_token", nullptr}});
  save({});
  EXPECT_EQ(saved("config.json")["pad_token_id"], 1021);
  EXPECT_EQ(saved("generation_config.json")["pad_token_id"], 1021);
  EXPECT_EQ(saved("tokenizer_config.json")["pad_token"], "<|im_end|>");
}

TEST_F(ModelFolderTest, SavesWhatItReadAtTheStart) {
  folder_.write("model/additional_chat_templates/tool_use.jinja", "tools");
  const TextProcessor text = TextProcessor::from_folder(model(), {});
  const auto source = ModelFolderSource::of(model(), text);
  const Decoder decoder = Decoder::load(model(), at::kFloat, at::kCPU);
  const std::string before = test::read_file(model() / "tokenizer.json");
  for (const char* name : {"tokenizer.json", "tokenizer_config.json", "generation_config.json",
                           "chat_template.jinja", "additional_chat_templates/tool_use.jinja"})
    folder_.write("model/" + std::string(name), "changed meanwhile");
  write_model_folder(decoder, source, out());
  EXPECT_EQ(test::read_file(out() / "tokenizer.json"), before);
  EXPECT_EQ(test::read_file(out() / "tokenizer_config.json"),
            test::read_file(test::SmallRun::model_folder() / "tokenizer_config.json"));
  EXPECT_EQ(test::read_file(out() / "additional_chat_templates" / "tool_use.jinja"), "tools");
  EXPECT_EQ(saved("generation_config.json")["eos_token_id"], 1021);
}

TEST_F(ModelFolderTest, AnotherTemplateReplacesTheNamedOnes) {
  folder_.write("model/additional_chat_templates/tool_use.jinja", "tools");
  folder_.write("mine.jinja", "mine");
  save({.chat_template_path = (folder_ / "mine.jinja").string(), .eos_token = {}});
  EXPECT_EQ(test::read_file(out() / "chat_template.jinja"), "mine");
  EXPECT_FALSE(fs::exists(out() / "additional_chat_templates"));
}

}  // namespace
}  // namespace sift
