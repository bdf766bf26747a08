#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace sift {

/// A tokenizer class of transformers 5.24: what it gives a tokenizer beyond its files.
struct TokenizerClass {
  std::string name = "TokenizersBackend";
  /// Special tokens by name, where no file names them. An empty text means none.
  std::map<std::string, std::string> default_tokens = {};
  /// Likewise, of names that are not standard, in this order. They are extra tokens, too.
  std::vector<std::pair<std::string, std::string>> infilling_tokens = {};
  /// It takes vocabulary and merges from tokenizer.json, but not the added tokens.
  bool leaves_added_tokens = false;
  /// Special tokens lose the flags that files give them.
  bool resets_flags = false;
  /// Named and extra tokens are added once more in the end, all of them special.
  bool adds_again = false;
  /// Every text starts with the bos token, whatever tokenizer.json says, and fill_token has a meaning of its
  /// own.
  bool fills_in = false;
};

/// The class that AutoTokenizer takes for a folder with these config.json and tokenizer_config.json: objects
/// that may be empty. `has_byte_level`: tokenizer.json has a part "ByteLevel". Throws Error for a class whose
/// steps Sift cannot build.
TokenizerClass find_tokenizer_class(const nlohmann::ordered_json& model_config,
                                    const nlohmann::ordered_json& tokenizer_config, bool has_byte_level);

}  // namespace sift
