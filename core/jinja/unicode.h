#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// UTF-8 text seen as Python sees it: a sequence of code points with Python's character classes.
namespace sift::jinja {

bool is_valid_utf8(std::string_view text);
bool is_ascii(std::string_view text);
void append_utf8(std::string& out, std::uint32_t code_point);
std::string to_utf8(std::uint32_t code_point);

/// The code point that starts at byte `at`; moves `at` past it. `text` is valid UTF-8.
std::uint32_t next_code_point(std::string_view text, std::size_t& at);
std::vector<std::uint32_t> code_points(std::string_view text);
std::size_t count_code_points(std::string_view text);

/// Byte offset of code point `index`, or the size of the text past its end.
std::size_t byte_offset(std::string_view text, std::size_t index);

bool is_space(std::uint32_t c);
bool is_alpha(std::uint32_t c);
bool is_digit(std::uint32_t c);
bool is_decimal(std::uint32_t c);
bool is_numeric(std::uint32_t c);
bool is_alnum(std::uint32_t c);
bool is_printable(std::uint32_t c);
bool is_lower(std::uint32_t c);
bool is_upper(std::uint32_t c);
bool is_cased(std::uint32_t c);
bool is_line_break(std::uint32_t c);  // where str.splitlines cuts

std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_title(std::string_view text);        // str.title
std::string to_capitalized(std::string_view text);  // str.capitalize
std::string swap_case(std::string_view text);
bool is_lower_text(std::string_view text);  // str.islower
bool is_upper_text(std::string_view text);  // str.isupper
bool is_title_text(std::string_view text);  // str.istitle

std::string_view strip_space_left(std::string_view text);
std::string_view strip_space_right(std::string_view text);

}  // namespace sift::jinja
