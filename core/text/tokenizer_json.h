#pragma once

#include <string>

#include "text/decoder.h"
#include "text/normalizer.h"
#include "text/post_processor.h"
#include "text/pre_tokenizer.h"
#include "text/token_table.h"

namespace sift::text {

/// A tokenizer.json, read and checked.
struct TokenizerParts {
  TokenTable tokens;
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  PostProcessor post_processor;
  Decoder decoder;
};

/// Throws sift::Error, beginning with `name`, for what is malformed, missing or not supported.
TokenizerParts read_tokenizer_json(const std::string& text, const std::string& name);

}  // namespace sift::text
