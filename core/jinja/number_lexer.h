#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sift::jinja {

struct NumberToken {
  bool is_float = false;
  std::string text;  // without underscores
  std::size_t end = 0;
};

/// The number literal that starts at `at`, if one does.
std::optional<NumberToken> read_number(std::string_view source, std::size_t at);

}  // namespace sift::jinja
