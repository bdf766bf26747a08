#pragma once

#include <string_view>

#include "base/utf8.h"

/// The classes of characters that Python's str methods ask for.
namespace sift::jinja {

bool is_space(char32_t c);
bool is_alpha(char32_t c);
bool is_digit(char32_t c);
bool is_decimal(char32_t c);
bool is_numeric(char32_t c);
bool is_alnum(char32_t c);
bool is_printable(char32_t c);
bool is_line_break(char32_t c);  // where str.splitlines cuts

std::string_view strip_space_left(std::string_view text);
std::string_view strip_space_right(std::string_view text);

}  // namespace sift::jinja
