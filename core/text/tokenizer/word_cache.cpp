#include "text/tokenizer/word_cache.h"

#include <bit>
#include <cassert>
#include <cstring>

namespace sift::text {

// The layout of the last key word below counts bytes from the low end.
static_assert(std::endian::native == std::endian::little);

WordCache::Slot& WordCache::slot(std::string_view word, std::array<std::uint64_t, 3>& key) {
  assert(!word.empty() && word.size() <= kMaxBytes);
  key = {};
  std::memcpy(key.data(), word.data(), word.size());
  key[2] |= static_cast<std::uint64_t>(word.size()) << 56U;
  std::uint64_t hash = key[0] * 0x9E3779B97F4A7C15ULL;
  hash = (std::rotl(hash, 29) ^ key[1]) * 0xBF58476D1CE4E5B9ULL;
  hash = (std::rotl(hash, 31) ^ key[2]) * 0x94D049BB133111EBULL;
  return slots_[hash >> (64U - static_cast<unsigned>(std::countr_zero(kNumSlots)))];
}

void WordCache::store(Slot& slot, const std::array<std::uint64_t, 3>& key,
                      const std::vector<Symbol>& symbols) {
  if (symbols.size() > kMaxTokens) return;
  slot.key = key;
  slot.key[2] |= static_cast<std::uint64_t>(symbols.size()) << 48U;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    slot.ids[i] = symbols[i].id;
    slot.num_bytes[i] = static_cast<std::uint8_t>(symbols[i].num_bytes);
  }
}

}  // namespace sift::text
