#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "text/tokenizer/aligned_text.h"
#include "text/tokenizer/pattern.h"

namespace sift::text {

/// What becomes of the matches when a text is split around them.
enum class SplitBehavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

struct SplitStep {
  Pattern pattern;
  SplitBehavior behavior;
  bool invert;  // the text between the matches counts as the matches
};

struct ByteLevelStep {
  bool add_prefix_space;
  std::optional<Pattern> split;  // GPT-2's expression, or nothing
  bool write_chars;              // false where the model takes the bytes themselves
};

enum class PrependScheme { kAlways, kFirst, kNever };

struct MetaspaceStep {
  std::string replacement;  // one character
  PrependScheme prepend_scheme;
  bool split;
};

using PreTokenizerStep = std::variant<SplitStep, ByteLevelStep, MetaspaceStep>;

/// The memory that pre-tokenizing reuses from text to text; one per thread.
struct PreTokenizerScratch {
  RegexScratch regex;
  std::vector<Span> spans;
  std::vector<Piece> pieces;
};

/// The `pre_tokenizer` of a tokenizer.json, with nested sequences flattened.
class PreTokenizer {
 public:
  PreTokenizer() = default;
  explicit PreTokenizer(std::vector<PreTokenizerStep> steps) : steps_(std::move(steps)) {}

  /// True when the last step is the only ByteLevel one, so that nothing sees its characters but the model.
  bool ends_in_byte_level() const;
  /// From now on leaves bytes as they are in place of ByteLevel's characters (needs ends_in_byte_level()).
  void leave_bytes();
  /// Whether a step asks where in the original its text starts, offsets wanted or not.
  bool needs_tracking() const;

  /// Splits `text`, which steps may change, into non-empty words. `words` is overwritten.
  void split(AlignedText& text, PreTokenizerScratch& scratch, std::vector<Piece>& words) const;

 private:
  std::vector<PreTokenizerStep> steps_;
};

}  // namespace sift::text
