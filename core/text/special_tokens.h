#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "text/text_files.h"
#include "text/tokenizer/added_tokens.h"
#include "text/tokenizer_class.h"

namespace sift {

/// What tokenizer_config.json, special_tokens_map.json and added_tokens.json add to tokenizer.json, as
/// transformers 5.24 reads them.
struct SpecialTokens {
  /// bos_token, eos_token, image_token, ...: as templates name them.
  std::map<std::string, std::string> named;
  /// What the tokenizer takes on, in this order and without ids. One that it has gets these flags.
  std::vector<text::AddedToken> added;
  /// Texts of `added` that a file names, without those of tokenizer.json and the defaults of the class.
  std::set<std::string> from_files;
};

/// `own` are the added tokens of tokenizer.json, with ids. special_tokens_map.json and added_tokens.json
/// count only beside a tokenizer_config.json without added_tokens_decoder; then the map counts before that
/// file. Throws Error that names file and field.
SpecialTokens read_special_tokens(const TextFiles& files, const TokenizerClass& tokenizer_class,
                                  const std::vector<text::AddedToken>& own);

}  // namespace sift
