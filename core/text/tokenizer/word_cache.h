#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/tokenizer/bpe_merge.h"

namespace sift::text {

/// Remembers the tokens of short words, in a fixed amount of memory (2 MiB): a word is kept until another one
/// needs its slot. Belongs to one thread and one model.
class WordCache {
 public:
  /// Longer words and words of more tokens are not kept; a slot is exactly one cache line.
  static constexpr std::size_t kMaxBytes = 22;
  static constexpr std::size_t kMaxTokens = 8;

  struct alignas(64) Slot {
    std::array<std::uint64_t, 3> key{};  // the word, zeros, the number of its bytes in the last byte
    std::array<std::int32_t, kMaxTokens> ids{};
    std::array<std::uint8_t, kMaxTokens> num_bytes{};
  };
  static_assert(sizeof(Slot) == 64);

  WordCache() : slots_(kNumSlots) {}

  /// The slot that holds `word`, or would. Needs 0 < word.size() <= kMaxBytes.
  Slot& slot(std::string_view word, std::array<std::uint64_t, 3>& key);

  /// How many tokens the slot's word has. Kept in the key's last byte but one.
  static std::size_t num_tokens(const Slot& slot) { return slot.key[2] >> 48U & 0xFFU; }
  static bool holds(const Slot& slot, const std::array<std::uint64_t, 3>& key) {
    return slot.key[0] == key[0] && slot.key[1] == key[1] && (slot.key[2] & kKeyMask) == key[2];
  }
  static void store(Slot& slot, const std::array<std::uint64_t, 3>& key, const std::vector<Symbol>& symbols);

 private:
  static constexpr std::size_t kNumSlots = std::size_t{1} << 15U;
  static constexpr std::uint64_t kKeyMask = 0xFF00FFFFFFFFFFFFULL;
  std::vector<Slot> slots_;
};

}  // namespace sift::text
