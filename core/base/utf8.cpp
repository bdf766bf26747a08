#include "base/utf8.h"

#include <algorithm>
#include <cstring>

namespace sift {
namespace {

constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// What is at one position: a whole character (`valid`), or the longest prefix that could have started one.
struct Step {
  std::size_t num_bytes;
  bool valid;
};

Step step_at(std::string_view text, std::size_t pos) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(pos);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const std::size_t need = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  // The second byte is where overlong forms, surrogates and values past U+10FFFF show.
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t k = 1; k <= need; ++k) {
    if (pos + k >= text.size()) return {k, false};
    const unsigned char c = byte(pos + k);
    const bool fits = k == 1 ? (c >= low && c <= high) : (c >= 0x80 && c <= 0xBF);
    if (!fits) return {k, false};
  }
  return {need + 1, true};
}

}  // namespace

std::size_t find_invalid_utf8(std::string_view text) {
  std::size_t pos = 0;
  while (pos < text.size()) {
    if (pos + 8 <= text.size()) {
      std::uint64_t block;
      std::memcpy(&block, text.data() + pos, 8);
      if ((block & 0x8080808080808080ULL) == 0) {
        pos += 8;
        continue;
      }
    }
    const Step step = step_at(text, pos);
    if (!step.valid) return pos;
    pos += step.num_bytes;
  }
  return std::string_view::npos;
}

Utf8Char decode_utf8(std::string_view text, std::size_t pos) {
  const auto bits = [&](std::size_t i, unsigned mask) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[i]) & mask);
  };
  switch (utf8_length(text[pos])) {
    case 1:
      return {bits(pos, 0x7F), 1};
    case 2:
      return {bits(pos, 0x1F) << 6U | bits(pos + 1, 0x3F), 2};
    case 3:
      return {bits(pos, 0x0F) << 12U | bits(pos + 1, 0x3F) << 6U | bits(pos + 2, 0x3F), 3};
    default:
      return {bits(pos, 0x07) << 18U | bits(pos + 1, 0x3F) << 12U | bits(pos + 2, 0x3F) << 6U |
                  bits(pos + 3, 0x3F),
              4};
  }
}

std::size_t previous_utf8(std::string_view text, std::size_t pos) {
  do {
    --pos;
  } while (pos > 0 && is_utf8_continuation(text[pos]));
  return pos;
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto put = [&](char32_t value) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value)));
  };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | code_point >> 6U);
    put(0x80U | (code_point & 0x3FU));
  } else if (code_point < 0x10000) {
    put(0xE0U | code_point >> 12U);
    put(0x80U | (code_point >> 6U & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  } else {
    put(0xF0U | code_point >> 18U);
    put(0x80U | (code_point >> 12U & 0x3FU));
    put(0x80U | (code_point >> 6U & 0x3FU));
    put(0x80U | (code_point & 0x3FU));
  }
}

std::string to_valid_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t pos = 0; pos < bytes.size();) {
    const Step step = step_at(bytes, pos);
    out += step.valid ? bytes.substr(pos, step.num_bytes) : kReplacementCharacter;
    pos += step.num_bytes;
  }
  return out;
}

char32_t next_code_point(std::string_view text, std::size_t& pos) {
  const Utf8Char c = decode_utf8(text, pos);
  pos += c.num_bytes;
  return c.code_point;
}

std::vector<char32_t> code_points(std::string_view text) {
  std::vector<char32_t> out;
  out.reserve(text.size());
  for (std::size_t pos = 0; pos < text.size();) out.push_back(next_code_point(text, pos));
  return out;
}

std::size_t count_code_points(std::string_view text) {
  return text.size() -
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_utf8_continuation));
}

std::size_t byte_offset(std::string_view text, std::size_t index) {
  std::size_t pos = 0;
  for (; pos < text.size() && index > 0; --index) pos += utf8_length(text[pos]);
  return pos;
}

std::size_t utf8_boundary(std::string_view text, std::size_t pos) {
  while (pos > 0 && pos < text.size() && is_utf8_continuation(text[pos])) --pos;
  return pos;
}

std::string to_utf8(char32_t code_point) {
  std::string out;
  append_utf8(out, code_point);
  return out;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace sift
