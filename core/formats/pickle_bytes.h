#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace sift {

/// An error in a pickle; the reader adds the file and the place.
class PickleFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The bytes of a pickle from first to last. Numbers are little-endian, except floats.
class PickleBytes {
 public:
  explicit PickleBytes(std::string_view bytes) : bytes_(bytes) {}

  std::size_t position() const { return at_; }

  std::string_view take(std::size_t size) {
    if (size > bytes_.size() - at_) throw PickleFault("it is truncated");
    const std::string_view taken = bytes_.substr(at_, size);
    at_ += size;
    return taken;
  }

  template <class Number>
  Number number() {
    static_assert(std::endian::native == std::endian::little);
    Number value;
    std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    return value;
  }

  double big_endian_double() {
    std::uint64_t bits = 0;
    for (const char byte : take(sizeof(bits))) bits = bits << 8 | static_cast<unsigned char>(byte);
    return std::bit_cast<double>(bits);
  }

  std::int64_t long_integer() {
    const auto size = number<std::uint8_t>();
    if (size > 8) throw PickleFault("an integer of more than 8 bytes");
    const std::string_view taken = take(size);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < taken.size(); ++i)
      bits |= std::uint64_t{static_cast<unsigned char>(taken[i])} << (8 * i);
    const bool negative = !taken.empty() && (static_cast<unsigned char>(taken.back()) & 0x80U) != 0;
    if (negative && size < 8) bits |= ~std::uint64_t{0} << (8U * size);
    return static_cast<std::int64_t>(bits);
  }

  std::string_view line() {
    const std::size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos) throw PickleFault("it is truncated");
    const std::string_view taken = take(end - at_);
    ++at_;
    return taken;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

}  // namespace sift
