#pragma once

#include <cstdint>
#include <string>

namespace sift::jinja {

/// How a printf-like or str.format-like placeholder lays out what it prints.
struct Layout {
  std::string fill = " ";
  char align = 0;  // '<', '>', '^', '=' or 0 for the default of the value
  char sign = 0;   // '+', ' ' or 0
  bool alternate = false;
  char grouping = 0;  // ',' or '_' or 0
  std::int64_t width = 0;
  std::int64_t precision = -1;  // -1: not given
  char type = 0;
};

/// `body` with its fill; `sign_size` bytes at its start stay in front of '=' padding.
std::string pad(const std::string& body, std::size_t sign_size, const Layout& layout, char default_align);
/// An integer in the base of `layout.type` (d, x, X, o, b), with sign, grouping and padding.
std::string format_integer(std::int64_t value, const Layout& layout);
/// A float in the notation of `layout.type` (e, E, f, F, g, G, %).
std::string format_real(double value, const Layout& layout);

}  // namespace sift::jinja
