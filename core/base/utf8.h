#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The one place that reads and writes UTF-8.
namespace sift {

/// Halves of UTF-16's pairs: no characters, so no well-formed text has them.
inline constexpr char32_t kFirstSurrogate = 0xD800;
inline constexpr char32_t kLastSurrogate = 0xDFFF;

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

bool is_ascii(std::string_view text);
std::string to_utf8(char32_t code_point);

// The texts of what follows are well formed.

/// The code point that starts at byte `pos`; moves `pos` past it.
char32_t next_code_point(std::string_view text, std::size_t& pos);
std::vector<char32_t> code_points(std::string_view text);
std::size_t count_code_points(std::string_view text);

/// Byte offset of code point `index`, or the size of the text past its end.
std::size_t byte_offset(std::string_view text, std::size_t index);

/// Start of the character that byte `pos` belongs to; the size of the text is a boundary, too.
std::size_t utf8_boundary(std::string_view text, std::size_t pos);

/// The number of bytes in a character whose first byte is `lead` (well-formed text only).
inline std::uint32_t utf8_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

inline bool is_utf8_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace sift
