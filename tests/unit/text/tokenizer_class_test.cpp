#include "text/tokenizer_class.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sift {
namespace {

using JsonTree = nlohmann::json;

const JsonTree kBytes = {
    {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", JsonTree::array({{{"type", "ByteLevel"}}})}}}};
const JsonTree kPieces = {{"pre_tokenizer", nullptr}, {"model", {{"type", "BPE"}, {"unk_token", "<unk>"}}}};

// As AutoTokenizer of transformers 5.24 chooses.
TEST(TokenizerClass, IsTheOneThatTransformersLoads) {
  EXPECT_EQ(tokenizer_class_of("LlamaTokenizerFast", "llama", kPieces), "LlamaTokenizer");
  EXPECT_EQ(tokenizer_class_of("LlamaTokenizer", "", kPieces), "LlamaTokenizer");
  EXPECT_EQ(tokenizer_class_of("LlamaTokenizer", "llama", kBytes), "TokenizersBackend");
  EXPECT_EQ(tokenizer_class_of("", "llama", kPieces), "TokenizersBackend");
  for (const char* type : {"mistral", "mixtral", "phi3", "granite", "olmo2"}) {
    EXPECT_EQ(tokenizer_class_of("LlamaTokenizer", type, kPieces), "TokenizersBackend") << type;
  }
  EXPECT_EQ(tokenizer_class_of("PreTrainedTokenizerFast", "qwen2", kBytes), "Qwen2Tokenizer");
  EXPECT_EQ(tokenizer_class_of("LlamaTokenizer", "qwen2", kBytes), "Qwen2Tokenizer");
  EXPECT_EQ(tokenizer_class_of("LlamaTokenizer", "qwen3", kBytes), "TokenizersBackend");
  EXPECT_EQ(tokenizer_class_of("", "qwen3", kBytes), "Qwen2Tokenizer");
  EXPECT_EQ(tokenizer_class_of("GPT2Tokenizer", "llama", kBytes), "GPT2Tokenizer");
}

TEST(TokenizerClass, LlamaMarksOnlyTheStartOfTheText) {
  JsonTree document = kPieces;
  document["normalizer"] = {{"type", "Prepend"}, {"prepend", "\u2581"}};
  rebuild_as_class(document, "LlamaTokenizer", nlohmann::ordered_json::object());
  EXPECT_TRUE(document["normalizer"].is_null() && document["model"]["unk_token"].is_null());
  EXPECT_EQ(document["pre_tokenizer"]["prepend_scheme"], "first");
  rebuild_as_class(document, "LlamaTokenizer", {{"legacy", true}});
  EXPECT_EQ(document["pre_tokenizer"]["prepend_scheme"], "always");
  rebuild_as_class(document, "LlamaTokenizer", {{"add_prefix_space", false}});
  EXPECT_EQ(document["pre_tokenizer"]["prepend_scheme"], "never");
}

TEST(TokenizerClass, OthersStayAsTheyAre) {
  JsonTree document = kPieces;
  rebuild_as_class(document, "TokenizersBackend", nlohmann::ordered_json::object());
  EXPECT_EQ(document, kPieces);
}

}  // namespace
}  // namespace sift
