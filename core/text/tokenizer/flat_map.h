#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sift::text {

/// A hash map from 64-bit keys to 64-bit values that is filled once and then only read: one flat array, open
/// addressing with linear probing, at most half full, so that a miss costs about one cache line.
class FlatMap {
 public:
  static constexpr std::uint64_t kMissing = ~std::uint64_t{0};

  FlatMap() : FlatMap(0) {}
  /// Makes room for `num_entries` keys; more must not be inserted.
  explicit FlatMap(std::size_t num_entries)
      : shift_(64 - std::countr_zero(std::bit_ceil(num_entries * 2 + 2))),
        slots_(std::bit_ceil(num_entries * 2 + 2)) {}

  /// Inserts or overwrites. Neither the key nor the value may be kMissing.
  void insert(std::uint64_t key, std::uint64_t value) {
    std::size_t i = home(key);
    while (slots_[i].key != kMissing && slots_[i].key != key) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = {key, value};
  }

  std::uint64_t find(std::uint64_t key) const {
    for (std::size_t i = home(key);; i = (i + 1) & (slots_.size() - 1)) {
      if (slots_[i].key == key) return slots_[i].value;
      if (slots_[i].key == kMissing) return kMissing;
    }
  }

 private:
  struct Slot {
    std::uint64_t key = kMissing;
    std::uint64_t value = kMissing;
  };

  // Fibonacci hashing: the high bits of the product depend on all bits of the key.
  std::size_t home(std::uint64_t key) const {
    key ^= key >> 32U;
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> static_cast<unsigned>(shift_));
  }

  int shift_;
  std::vector<Slot> slots_;
};

}  // namespace sift::text
