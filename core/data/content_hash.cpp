#include "data/content_hash.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <vector>

#include <sift/error.h>

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

/// Hashes content in pieces: whole blocks first, then the remainder.
class Hasher {
 public:
  void add_blocks(std::string_view bytes) {
    assert(bytes.size() % kBlock == 0);
    for (std::size_t at = 0; at < bytes.size(); at += kBlock) {
      const auto [k1, k2] = words(bytes.data() + at);
      h1_ = (std::rotl(h1_ ^ mixed_first(k1), 27) + h2_) * 5 + 0x52dce729;
      h2_ = (std::rotl(h2_ ^ mixed_second(k2), 31) + h1_) * 5 + 0x38495ab5;
    }
    size_ += bytes.size();
  }

  std::string finish(std::string_view left) {
    std::array<char, kBlock> rest{};
    left.copy(rest.data(), kBlock);
    size_ += left.size();
    const auto [k1, k2] = words(rest.data());
    std::uint64_t h1 = h1_ ^ mixed_first(k1) ^ size_;
    std::uint64_t h2 = h2_ ^ mixed_second(k2) ^ size_;
    h1 += h2;
    h2 += h1;
    h1 = finished(h1);
    h2 = finished(h2);
    h1 += h2;
    h2 += h1;
    return fmt::format("{:016x}{:016x}", h1, h2);
  }

 private:
  std::uint64_t h1_ = 0, h2_ = 0, size_ = 0;
};

}  // namespace

std::string content_hash(std::string_view bytes) {
  Hasher hasher;
  const std::size_t whole = bytes.size() / kBlock * kBlock;
  hasher.add_blocks(bytes.substr(0, whole));
  return hasher.finish(bytes.substr(whole));
}

std::string content_hash_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> buffer(std::size_t{1} << 20);
  Hasher hasher;
  for (;;) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(file.gcount()));
    if (file.bad() || !(file || file.eof())) throw Error(fmt::format("{}: cannot be read", path.string()));
    const std::size_t whole = bytes.size() / kBlock * kBlock;
    hasher.add_blocks(bytes.substr(0, whole));
    if (bytes.size() < buffer.size()) return hasher.finish(bytes.substr(whole));
  }
}

}  // namespace sift
