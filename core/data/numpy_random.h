#pragma once

#include <cstdint>
#include <span>

namespace sift {

/// The part of numpy.random.default_rng(seed) that shuffles: SeedSequence, PCG64 (XSL RR 128/64) and
/// Generator.permutation of an integer range. TRL's `shuffle_dataset` orders rows with it.
class NumpyGenerator {
 public:
  explicit NumpyGenerator(std::uint64_t seed);

  /// Fisher-Yates from the end, as Generator.shuffle and Generator.permutation do.
  void shuffle(std::span<std::int64_t> values);

 private:
  using Wide = unsigned __int128;

  std::uint64_t next64();
  std::uint32_t next32();
  /// Uniform in [0, max], by rejection under a bit mask.
  std::uint64_t interval(std::uint64_t max);

  Wide state_ = 0;
  Wide increment_ = 0;
  bool has_half_ = false;  ///< a 64-bit draw serves two 32-bit ones, the low half first
  std::uint32_t half_ = 0;
};

}  // namespace sift
