#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "text/tokenizer/decoder.h"
#include "text/tokenizer/normalizer.h"
#include "text/tokenizer/post_processor.h"
#include "text/tokenizer/pre_tokenizer.h"
#include "text/tokenizer/token_table.h"

namespace sift::text {

/// A tokenizer.json, read and checked.
struct TokenizerParts {
  TokenTable tokens;
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  PostProcessor post_processor;
  Decoder decoder;
  std::string fill_token;  ///< see TokenChanges
};

/// What the other files of a model folder make of the added tokens of a tokenizer.json.
struct TokenChanges {
  bool leaves_own = false;        ///< those of tokenizer.json do not count
  std::vector<AddedToken> added;  ///< see TokenTable::add
  std::string first;              ///< a token to put before every text, or empty
  std::string fill_token;         ///< texts with it are refused, unless it is empty
};

/// Throws sift::Error, beginning with `name`, for what is malformed, missing or not supported.
TokenizerParts read_tokenizer_json(const nlohmann::json& document, const std::string& name,
                                   const TokenChanges& changes = {});

/// The added tokens of the document alone.
std::vector<AddedToken> read_added_tokens(const nlohmann::json& document, const std::string& name);

}  // namespace sift::text
