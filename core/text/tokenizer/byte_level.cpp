#include "text/tokenizer/byte_level.h"

#include <array>

#include "base/utf8.h"

namespace sift::text {

const char* const kByteLevelRegex =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

namespace {

constexpr bool is_printable(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

// The highest character: 256 plus the number of bytes that are not printable.
constexpr char32_t kNumChars = 256 + 68;

struct Alphabet {
  std::array<char32_t, 256> chars{};
  std::array<std::string, 256> utf8;
  std::array<int, kNumChars> bytes{};

  Alphabet() {
    bytes.fill(-1);
    char32_t next = 256;
    for (unsigned byte = 0; byte < 256; ++byte) {
      const char32_t c = is_printable(byte) ? byte : next++;
      chars[byte] = c;
      append_utf8(utf8[byte], c);
      bytes[c] = static_cast<int>(byte);
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet instance;
  return instance;
}

}  // namespace

char32_t byte_to_char(unsigned char byte) {
  return alphabet().chars[byte];
}

std::string_view byte_to_utf8(unsigned char byte) {
  return alphabet().utf8[byte];
}

std::optional<std::string> byte_level_to_bytes(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t pos = 0; pos < text.size();) {
    const Utf8Char c = decode_utf8(text, pos);
    const int byte = c.code_point < kNumChars ? alphabet().bytes[c.code_point] : -1;
    if (byte < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(byte)));
    pos += c.num_bytes;
  }
  return bytes;
}

}  // namespace sift::text
