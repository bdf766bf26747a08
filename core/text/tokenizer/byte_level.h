#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sift::text {

/// GPT-2's alphabet: every byte has a printable character of its own. Bytes that are printable in Latin-1 are
/// themselves, the others are U+0100 and up in order.
char32_t byte_to_char(unsigned char byte);

/// UTF-8 of byte_to_char(byte).
std::string_view byte_to_utf8(unsigned char byte);

/// `text` (UTF-8 in that alphabet) turned back into bytes, or nothing when a character is not in the
/// alphabet.
std::optional<std::string> byte_level_to_bytes(std::string_view text);

/// GPT-2's splitting expression, which the ByteLevel pre-tokenizer applies when use_regex is set.
extern const char* const kByteLevelRegex;

}  // namespace sift::text
