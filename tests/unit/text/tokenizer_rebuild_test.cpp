#include "text/tokenizer_rebuild.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sift {
namespace {

using Node = nlohmann::json;

const Node kPieces = {{"pre_tokenizer", nullptr}, {"model", {{"type", "BPE"}, {"unk_token", "<unk>"}}}};

TEST(TokenizerRebuild, LlamaMarksOnlyTheStartOfTheText) {
  Node document = kPieces;
  document["normalizer"] = {{"type", "Prepend"}, {"prepend", "\u2581"}};
  rebuild_as_class(document, "LlamaTokenizer", nlohmann::ordered_json::object(), {});
  EXPECT_TRUE(document["normalizer"].is_null() && document["model"]["unk_token"].is_null());
  EXPECT_EQ(document["pre_tokenizer"]["prepend_scheme"], "first");
  rebuild_as_class(document, "LlamaTokenizer", {{"legacy", true}}, {});
  EXPECT_EQ(document["pre_tokenizer"]["prepend_scheme"], "always");
  rebuild_as_class(document, "LlamaTokenizer", {{"add_prefix_space", false}}, {});
  EXPECT_EQ(document["pre_tokenizer"]["prepend_scheme"], "never");
}

TEST(TokenizerRebuild, OthersStayAsTheyAre) {
  Node document = kPieces;
  rebuild_as_class(document, "TokenizersBackend", nlohmann::ordered_json::object(), {});
  EXPECT_EQ(document, kPieces);
}

}  // namespace
}  // namespace sift
