#pragma once

#include <string>
#include <string_view>

namespace sift {

/// The lower case of an ASCII letter; any other byte as it is, in every locale.
constexpr char ascii_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

inline std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) letter = ascii_lower(letter);
  return lower;
}

}  // namespace sift
