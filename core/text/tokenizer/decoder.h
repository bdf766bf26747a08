#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "text/tokenizer/normalizer.h"

namespace sift::text {

struct ByteLevelDecoder {};
struct ByteFallbackDecoder {};
struct FuseDecoder {};
struct StripDecoder {
  char32_t content;
  std::size_t start;  // at most so many at the front of every token
  std::size_t stop;
};
struct MetaspaceDecoder {
  std::string replacement;
  bool drop_first;
};

/// The `decoder` of a tokenizer.json, with nested sequences flattened: makes text of tokens.
class Decoder {
 public:
  using Step = std::variant<ByteLevelDecoder, ByteFallbackDecoder, FuseDecoder, StripDecoder,
                            MetaspaceDecoder, Replace>;

  /// No decoder: tokens are joined with spaces.
  Decoder() = default;
  explicit Decoder(std::vector<Step> steps) : steps_(std::move(steps)), present_(true) {}

  std::string decode(std::vector<std::string> tokens) const;

 private:
  std::vector<Step> steps_;
  bool present_ = false;
};

}  // namespace sift::text
