#pragma once

#include <string>
#include <variant>
#include <vector>

#include "text/tokenizer/aligned_text.h"
#include "text/tokenizer/pattern.h"
#include "text/tokenizer/unicode_form.h"

namespace sift::text {

struct Lowercase {};
struct StripAccents {};
struct Prepend {
  std::string text;
};
struct Replace {
  Pattern pattern;
  std::string content;
};
struct Strip {
  bool left;
  bool right;
};
using NormalizerStep = std::variant<UnicodeForm, Lowercase, StripAccents, Prepend, Replace, Strip>;

/// The `normalizer` of a tokenizer.json, with nested sequences flattened; no steps means no change.
class Normalizer {
 public:
  Normalizer() = default;
  explicit Normalizer(std::vector<NormalizerStep> steps) : steps_(std::move(steps)) {}
  bool empty() const { return steps_.empty(); }
  void apply(AlignedText& text, RegexScratch& scratch) const;

 private:
  std::vector<NormalizerStep> steps_;
};

}  // namespace sift::text
