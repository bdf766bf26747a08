#include "data/numpy_random.h"

#include <array>
#include <bit>
#include <utility>

namespace sift {
namespace {

// numpy's SeedSequence (M. E. O'Neill's seed_seq_fe128): a pool of four words, each mixed with all others.
constexpr std::size_t kPoolSize = 4;
using Pool = std::array<std::uint32_t, kPoolSize>;

class HashMix {
 public:
  HashMix(std::uint32_t init, std::uint32_t multiplier) : hash_(init), multiplier_(multiplier) {}

  std::uint32_t operator()(std::uint32_t value) {
    value ^= hash_;
    hash_ *= multiplier_;
    value *= hash_;
    return value ^ (value >> 16);
  }

 private:
  std::uint32_t hash_;
  std::uint32_t multiplier_;
};

std::uint32_t mix(std::uint32_t x, std::uint32_t y) {
  const std::uint32_t result = 0xca01f9ddU * x - 0x4973f715U * y;
  return result ^ (result >> 16);
}

Pool seed_pool(std::uint64_t seed) {
  const Pool entropy{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), 0, 0};
  HashMix hash(0x43b0d7e5U, 0x931e8875U);
  Pool pool{};
  for (std::size_t i = 0; i < kPoolSize; ++i) pool[i] = hash(entropy[i]);
  for (std::size_t source = 0; source < kPoolSize; ++source) {
    for (std::size_t target = 0; target < kPoolSize; ++target) {
      if (source != target) pool[target] = mix(pool[target], hash(pool[source]));
    }
  }
  return pool;
}

/// SeedSequence.generate_state(4, uint64).
std::array<std::uint64_t, 4> generate_state(const Pool& pool) {
  HashMix hash(0x8b51f9ddU, 0x58f38dedU);
  std::array<std::uint64_t, 4> state{};
  std::size_t word = 0;
  for (auto& value : state) {
    const std::uint64_t low = hash(pool[word++ % kPoolSize]);
    const std::uint64_t high = hash(pool[word++ % kPoolSize]);
    value = low | (high << 32);
  }
  return state;
}

}  // namespace

NumpyGenerator::NumpyGenerator(std::uint64_t seed) {
  const auto words = generate_state(seed_pool(seed));
  const Wide init_state = (static_cast<Wide>(words[0]) << 64) | words[1];
  const Wide init_sequence = (static_cast<Wide>(words[2]) << 64) | words[3];
  increment_ = (init_sequence << 1) | 1U;
  next64();
  state_ += init_state;
  next64();
}

std::uint64_t NumpyGenerator::next64() {
  constexpr Wide kMultiplier = (static_cast<Wide>(0x2360ED051FC65DA4ULL) << 64) | 0x4385DF649FCCF645ULL;
  state_ = state_ * kMultiplier + increment_;
  const auto folded = static_cast<std::uint64_t>(state_ >> 64) ^ static_cast<std::uint64_t>(state_);
  return std::rotr(folded, static_cast<int>(state_ >> 122));
}

std::uint32_t NumpyGenerator::next32() {
  if (has_half_) {
    has_half_ = false;
    return half_;
  }
  const std::uint64_t value = next64();
  has_half_ = true;
  half_ = static_cast<std::uint32_t>(value >> 32);
  return static_cast<std::uint32_t>(value);
}

std::uint64_t NumpyGenerator::interval(std::uint64_t max) {
  if (max == 0) return 0;
  const std::uint64_t mask = ~std::uint64_t{0} >> std::countl_zero(max);
  while (true) {
    const std::uint64_t value = (max <= 0xffffffffU ? next32() : next64()) & mask;
    if (value <= max) return value;
  }
}

void NumpyGenerator::shuffle(std::span<std::int64_t> values) {
  for (std::size_t i = values.size(); i-- > 1;) std::swap(values[i], values[interval(i)]);
}

}  // namespace sift
