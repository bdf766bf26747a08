#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sift::text {

/// One decoded character: its code point and how many bytes it takes.
struct Utf8Char {
  char32_t code_point;
  std::uint32_t num_bytes;
};

/// Offset of the first byte that is not part of well-formed UTF-8, or npos when all of `text` is well formed
/// (no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t find_invalid_utf8(std::string_view text);

/// The character that starts at byte `pos`. The text must be well formed and `pos` a character boundary.
Utf8Char decode_utf8(std::string_view text, std::size_t pos);

/// Start of the character that ends just before byte `pos` (pos > 0, text well formed).
std::size_t previous_utf8(std::string_view text, std::size_t pos);

void append_utf8(std::string& out, char32_t code_point);

/// `bytes` with every maximal ill-formed part replaced by one U+FFFD, as Rust's String::from_utf8_lossy does.
std::string to_valid_utf8(std::string_view bytes);

/// The Unicode White_Space property (Rust's char::is_whitespace).
bool is_whitespace(char32_t code_point);

/// The number of bytes in a character whose first byte is `lead` (well-formed text only).
inline std::uint32_t utf8_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

inline bool is_utf8_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace sift::text
