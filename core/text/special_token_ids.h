#pragma once

#include <cstdint>
#include <optional>

namespace sift {

/// The special tokens that a model's configs name by id, as far as the tokenizer has them.
struct SpecialTokenIds {
  std::optional<std::int64_t> bos, eos, pad;  ///< pad: the tokenizer's own or, as in TRL, eos
  bool eos_was_chosen = false;                ///< by eos_token in [data]
};

}  // namespace sift
