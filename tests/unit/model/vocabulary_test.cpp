#include "model/vocabulary.h"

#include <ATen/Functions.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "formats/json_text.h"
#include "model/decoder/decoder.h"
#include "support/small_run.h"
#include "support/temp_folder.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// A tokenizer of 1024 tokens beside which tokenizer_config.json lists `extra`.
TextProcessor text_with(const test::TempFolder& folder, const Json& extra) {
  fs::copy(test::SmallRun::model_folder(), folder / "model");
  Json config = read_json_file<Json>(folder / "model" / "tokenizer_config.json");
  config["extra_special_tokens"] = extra;
  folder.write("model/tokenizer_config.json", config.dump());
  return TextProcessor::from_folder(folder / "model", {});
}

TEST(Vocabulary, TokensWithoutARowAreNamed) {
  const test::TempFolder folder;
  const TextProcessor text = text_with(folder, {"<|im_start|>", "<a>", "<b>"});
  ModelConfig config = ModelConfig::from_folder(folder / "model");
  EXPECT_EQ(
      test::error_of([&] { fit_vocabulary(config, text, false); }),
      (folder / "model").string() +
          ": the tokenizer files add tokens for which the model's embedding of 1024 rows has none: '<a>' "
          "(1024), '<b>' (1025); set resize_token_embeddings = true in [model] to add rows, or remove the "
          "tokens");
  fit_vocabulary(config, text, true);
  EXPECT_EQ(config.vocab_size, 1026);
  EXPECT_EQ(config.raw["vocab_size"], 1026);
  EXPECT_EQ(test::error_of([&] { fit_vocabulary(config, text, false); }), "");
}

TEST(Vocabulary, NeverShrinks) {
  const test::TempFolder folder;
  const TextProcessor text = text_with(folder, Json::array());
  ModelConfig config = ModelConfig::from_folder(folder / "model");
  config.set_vocab_size(2000);
  fit_vocabulary(config, text, true);
  EXPECT_EQ(config.vocab_size, 2000);
}

void expect_mean_rows(const fs::path& folder, std::size_t num_tables) {
  const ModelConfig config = ModelConfig::from_folder(folder);
  const Decoder before = Decoder::load(folder, config, at::kFloat, at::kCPU);
  const Decoder after = Decoder::load_resized(folder, config, config.vocab_size + 2, at::kFloat, at::kCPU);
  EXPECT_EQ(after.config().vocab_size, config.vocab_size + 2);
  std::size_t tables = 0;
  for (std::size_t i = 0; i < after.parameters().size(); ++i) {
    const at::Tensor old_vh = before.parameters()[i].tensor.detach();
    const at::Tensor new_vh = after.parameters()[i].tensor.detach();
    EXPECT_TRUE(after.parameters()[i].tensor.is_leaf());
    EXPECT_TRUE(at::equal(new_vh.narrow(0, 0, old_vh.size(0)), old_vh));
    if (new_vh.size(0) == old_vh.size(0)) continue;
    ++tables;
    const at::Tensor mean_h = old_vh.to(at::kDouble).mean(0).to(at::kFloat);
    EXPECT_TRUE(at::equal(new_vh[-1], mean_h));
    EXPECT_TRUE(at::equal(new_vh[-2], mean_h));
  }
  EXPECT_EQ(tables, num_tables);
}

TEST(Vocabulary, NewRowsAreTheMeanInEmbeddingAndHead) {
  const fs::path models = test::SmallRun::model_folder().parent_path();
  expect_mean_rows(models / "llama", 2);
  expect_mean_rows(models / "llama-tied-bias", 1);
}

}  // namespace
}  // namespace sift
