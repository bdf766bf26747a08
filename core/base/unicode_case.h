#pragma once

#include <string>

/// Full case mappings of single code points, without regard to the text around them (a final sigma is the
/// caller's).
namespace sift::unicode {

void append_upper(std::string& out, char32_t c);
void append_lower(std::string& out, char32_t c);
void append_title(std::string& out, char32_t c);
void append_folded(std::string& out, char32_t c);

/// One code point for all that differ in case alone (Simple_Case_Folding).
char32_t simple_fold(char32_t c);

}  // namespace sift::unicode
