#include "data/content_hash.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace sift {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::uint64_t kFirst = 0x87c37b91114253d5;
constexpr std::uint64_t kSecond = 0x4cf5ad432745937f;

std::array<std::uint64_t, 2> words(const char* block) {
  std::array<std::uint64_t, 2> result{};
  std::memcpy(result.data(), block, kBlock);
  return result;
}

std::uint64_t mixed_first(std::uint64_t k) {
  return std::rotl(k * kFirst, 31) * kSecond;
}

std::uint64_t mixed_second(std::uint64_t k) {
  return std::rotl(k * kSecond, 33) * kFirst;
}

std::uint64_t finished(std::uint64_t k) {
  k = (k ^ (k >> 33)) * 0xff51afd7ed558ccd;
  k = (k ^ (k >> 33)) * 0xc4ceb9fe1a85ec53;
  return k ^ (k >> 33);
}

}  // namespace

std::string content_hash(std::string_view bytes) {
  std::uint64_t h1 = 0, h2 = 0;
  const std::size_t whole = bytes.size() / kBlock * kBlock;
  for (std::size_t at = 0; at < whole; at += kBlock) {
    const auto [k1, k2] = words(bytes.data() + at);
    h1 = (std::rotl(h1 ^ mixed_first(k1), 27) + h2) * 5 + 0x52dce729;
    h2 = (std::rotl(h2 ^ mixed_second(k2), 31) + h1) * 5 + 0x38495ab5;
  }
  std::array<char, kBlock> rest{};
  bytes.copy(rest.data(), kBlock, whole);
  const auto [k1, k2] = words(rest.data());
  h1 ^= mixed_first(k1) ^ bytes.size();
  h2 ^= mixed_second(k2) ^ bytes.size();
  h1 += h2;
  h2 += h1;
  h1 = finished(h1);
  h2 = finished(h2);
  h1 += h2;
  h2 += h1;
  return fmt::format("{:016x}{:016x}", h1, h2);
}

}  // namespace sift
