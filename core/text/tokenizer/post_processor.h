#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/tokenizer.h"
#include "text/tokenizer/token_table.h"

namespace sift::text {

/// ByteLevel with trim_offsets: takes the spaces at the ends of tokens out of their offsets.
struct TrimOffsets {
  bool add_prefix_space;
};

/// TemplateProcessing for one text: tokens put before and after it.
struct Template {
  std::vector<std::int32_t> before;
  std::vector<std::int32_t> after;
};

/// An added token found in the text, with the text that was found: more than the token's own when it takes
/// white space along.
struct FoundToken {
  std::size_t index;  // in Encoding::ids
  std::string text;
};

/// The `post_processor` of a tokenizer.json, with nested sequences flattened.
class PostProcessor {
 public:
  /// Trimming goes before templates whatever the file's order: HF tokenizers trims each sequence by itself.
  void add(TrimOffsets step) { trims_.push_back(step); }
  void add(Template step) { templates_.push_back(std::move(step)); }

  /// Whether apply() looks at the found tokens when there are offsets.
  bool needs_found_tokens() const { return !trims_.empty(); }
  /// `text` is what was encoded.
  void apply(Encoding& encoding, std::string_view text, const TokenTable& tokens,
             std::span<const FoundToken> found, bool add_special_tokens, bool with_offsets) const;

 private:
  static void trim_all(const TrimOffsets& step, Encoding& encoding, std::string_view text,
                       const TokenTable& tokens, std::span<const FoundToken> found);
  std::vector<TrimOffsets> trims_;
  std::vector<Template> templates_;
};

}  // namespace sift::text
