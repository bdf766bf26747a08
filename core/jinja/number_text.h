#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sift::jinja {

/// int(text, base): white space, a sign and single underscores are allowed. A Fault for what has no 64 bits.
std::optional<std::int64_t> integer_from_text(std::string_view text, std::int64_t base);
/// float(text), with Python's "inf" and "nan".
std::optional<double> float_from_text(std::string_view text);

}  // namespace sift::jinja
