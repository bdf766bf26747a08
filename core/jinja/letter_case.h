#pragma once

#include <string>
#include <string_view>

/// Python's str methods that deal with case. Texts are valid UTF-8.
namespace sift::jinja {

std::string to_upper(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_title(std::string_view text);        // str.title
std::string to_capitalized(std::string_view text);  // str.capitalize
std::string fold_case(std::string_view text);       // str.casefold
std::string swap_case(std::string_view text);
bool is_lower_text(std::string_view text);  // str.islower
bool is_upper_text(std::string_view text);  // str.isupper
bool is_title_text(std::string_view text);  // str.istitle

}  // namespace sift::jinja
