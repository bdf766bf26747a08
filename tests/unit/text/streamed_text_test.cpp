#include "text/streamed_text.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "formats/json_text.h"
#include "text/tokenizer/tokenizer_json.h"

namespace sift {
namespace {

using Pieces = std::vector<std::string>;

/// Llama 2's kind, but with its bytes, which are the ids from 3 on, as tokens of text.
Tokenizer pieces_and_bytes() {
  const auto file = std::filesystem::path(SIFT_FIXTURES) / "tokenizers" / "llama2.json";
  auto document = read_json_file<nlohmann::json>(file);
  document["added_tokens"].clear();
  return Tokenizer::from_document(document, file.string(), {});
}

class StreamedTextTest : public testing::Test {
 protected:
  Pieces pieces_of(std::span<const std::int32_t> ids) {
    Pieces pieces;
    StreamedText streamed(tokenizer_, [&](std::string_view piece) { pieces.emplace_back(piece); });
    for (const std::int32_t id : ids) streamed.add(id);
    EXPECT_EQ(streamed.finish(), tokenizer_.decode(ids, true));
    return pieces;
  }

  Tokenizer tokenizer_ = pieces_and_bytes();
};

TEST_F(StreamedTextTest, HoldsBackTheBytesOfACharacterUntilItIsComplete) {
  const std::vector<std::int32_t> heart = tokenizer_.encode("\n\U0001FA77 a", false).ids;
  EXPECT_EQ(pieces_of(heart), (Pieces{"\n", "\U0001FA77", " a"}));
}

TEST_F(StreamedTextTest, ShowsWholeCharactersWhereTheLastIsCut) {
  const std::vector<std::int32_t> cut = {3 + '\n', 3 + 0xF0, 3 + 0x9F};
  EXPECT_EQ(pieces_of(cut), (Pieces{"\n", "\uFFFD\uFFFD\uFFFD"}));
}

}  // namespace
}  // namespace sift
