#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "model/decoder/decoder.h"
#include "support/temp_folder.h"
#include "support/tiny_model.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
using test::TempFolder;

std::set<std::string> files_of(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

void expect_same(const Decoder& a, const Decoder& b) {
  ASSERT_EQ(a.parameters().size(), b.parameters().size());
  for (std::size_t i = 0; i < a.parameters().size(); ++i) {
    EXPECT_EQ(a.parameters()[i].name, b.parameters()[i].name);
    EXPECT_TRUE(at::equal(a.parameters()[i].tensor, b.parameters()[i].tensor)) << a.parameters()[i].name;
  }
}

TEST(SaveModel, LoadsBackUnchanged) {
  const TempFolder folder;
  const Decoder model = Decoder::random(test::tiny_config(), 3, at::kFloat, at::kCPU);
  save_model(model, folder / "new/model");
  EXPECT_EQ(files_of(folder / "new/model"), (std::set<std::string>{"config.json", "model.safetensors"}));
  expect_same(model, Decoder::load(folder / "new/model", at::kFloat, at::kCPU));

  const Json config = Json::parse(test::read_file(folder / "new/model/config.json"));
  Json expected = test::tiny_config_json();
  expected.erase("torch_dtype");
  expected["dtype"] = "float32";
  EXPECT_EQ(config, expected);
}

TEST(SaveModel, KeepsBfloat16AndSaysSo) {
  const TempFolder folder;
  const Decoder model = Decoder::random(test::tiny_config(), 3, at::kBFloat16, at::kCPU);
  save_model(model, folder.path());
  EXPECT_EQ(Json::parse(test::read_file(folder / "config.json"))["dtype"], "bfloat16");
  expect_same(model, Decoder::load(folder.path(), at::kBFloat16, at::kCPU));
}

TEST(SaveModel, SplitsIntoShardsAndClearsEarlierSaves) {
  const TempFolder folder;
  const Decoder model = Decoder::random(test::tiny_config(), 3, at::kFloat, at::kCPU);
  save_model(model, folder.path());
  save_model(model, folder.path(), 8000);
  EXPECT_EQ(files_of(folder.path()),
            (std::set<std::string>{"config.json", "model.safetensors.index.json",
                                   "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors",
                                   "model-00003-of-00003.safetensors"}));
  const Json index = Json::parse(test::read_file(folder / "model.safetensors.index.json"));
  EXPECT_EQ(index["metadata"]["total_size"], model.num_parameters() * 4);
  EXPECT_EQ(index["weight_map"]["model.embed_tokens.weight"], "model-00001-of-00003.safetensors");
  expect_same(model, Decoder::load(folder.path(), at::kFloat, at::kCPU));

  save_model(model, folder.path());
  EXPECT_EQ(files_of(folder.path()), (std::set<std::string>{"config.json", "model.safetensors"}));
}

TEST(SaveModel, DoesNotStoreATiedHead) {
  const TempFolder folder;
  Json json = test::tiny_config_json();
  json["tie_word_embeddings"] = true;
  const Decoder model = Decoder::random(ModelConfig::from_json(json, "config.json"), 3, at::kFloat, at::kCPU);
  save_model(model, folder.path());
  EXPECT_EQ(test::read_file(folder / "model.safetensors").find("lm_head"), std::string::npos);
  expect_same(model, Decoder::load(folder.path(), at::kFloat, at::kCPU));
}

TEST(SaveModel, NamesAFolderThatCannotBeMade) {
  const TempFolder folder;
  folder.write("file", "x");
  const Decoder model = Decoder::random(test::tiny_config(), 3, at::kFloat, at::kCPU);
  const std::string text = test::error_of([&] { save_model(model, folder / "file/model"); });
  EXPECT_NE(text.find("file/model: cannot be created"), std::string::npos) << text;
}

}  // namespace
}  // namespace sift
