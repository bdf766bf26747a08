#pragma once

#include <string>

/// Properties of characters as the Rust code of HF tokenizers has them. Each comes from another crate there,
/// and so from another version of Unicode, whatever unicode::kVersion is.
namespace sift::text {

/// char::is_numeric of the standard library, which knows Unicode 17.
bool is_numeric(char32_t c);
/// Appends char::to_lowercase, by Unicode 17 as well. A final sigma is like any other.
void append_lowercase(std::string& out, char32_t c);
/// ASCII punctuation as Rust has it, and Unicode's as of version 8.
bool is_punctuation(char32_t c);
/// A mark to the crate that normalises, which knows Unicode 9.
bool is_combining_mark(char32_t c);
/// \w of the regex crate, by Unicode 16: a word character of UTS 18.
bool is_word(char32_t c);

}  // namespace sift::text
