#include "jinja/unicode.h"
#include "jinja/unicode_tables.h"
#include "jinja/value.h"

namespace sift::jinja {
namespace {

constexpr std::uint32_t kCapitalSigma = 0x3A3;

void append_mapped(std::string& out, const CaseTable& table, std::uint32_t c) {
  for (const CaseSpecial& special : table.specials) {
    if (special.from != c) continue;
    for (std::uint32_t part : special.to) {
      if (part != 0) append_utf8(out, part);
    }
    return;
  }
  for (const CaseRun& run : table.runs) {
    if (run.first > c) break;
    if (c <= run.last && (c - run.first) % run.stride == 0) {
      append_utf8(out, static_cast<std::uint32_t>(static_cast<std::int64_t>(c) + run.delta));
      return;
    }
  }
  append_utf8(out, c);
}

void append_upper(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(is_lower(c) ? c - 32 : c));
  } else {
    append_mapped(out, up_table(), c);
  }
}

void append_title(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    append_upper(out, c);
  } else {
    append_mapped(out, title_table(), c);
  }
}

void append_lower(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(is_upper(c) ? c + 32 : c));
    return;
  }
  // Its lower case depends on the characters around it, which no template needs.
  if (c == kCapitalSigma) throw Fault("lower case of the Greek capital sigma is not supported");
  append_mapped(out, down_table(), c);
}

}  // namespace

std::string to_upper(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) append_upper(out, next_code_point(text, at));
  return out;
}

std::string to_lower(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) append_lower(out, next_code_point(text, at));
  return out;
}

std::string to_title(std::string_view text) {
  std::string out;
  bool after_cased = false;
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t c = next_code_point(text, at);
    if (after_cased) {
      append_lower(out, c);
    } else {
      append_title(out, c);
    }
    after_cased = is_cased(c);
  }
  return out;
}

std::string to_capitalized(std::string_view text) {
  if (text.empty()) return {};
  std::string out;
  std::size_t at = 0;
  append_title(out, next_code_point(text, at));
  return out + to_lower(text.substr(at));
}

std::string swap_case(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t c = next_code_point(text, at);
    if (is_upper(c)) {
      append_lower(out, c);
    } else if (is_lower(c)) {
      append_upper(out, c);
    } else {
      append_utf8(out, c);
    }
  }
  return out;
}

bool is_lower_text(std::string_view text) {
  bool found = false;
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t c = next_code_point(text, at);
    if (is_cased(c) && !is_lower(c)) return false;
    found = found || is_lower(c);
  }
  return found;
}

bool is_upper_text(std::string_view text) {
  bool found = false;
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t c = next_code_point(text, at);
    if (is_cased(c) && !is_upper(c)) return false;
    found = found || is_upper(c);
  }
  return found;
}

bool is_title_text(std::string_view text) {
  bool found = false;
  bool after_cased = false;
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t c = next_code_point(text, at);
    if (is_lower(c) ? !after_cased : (is_cased(c) && after_cased)) return false;
    after_cased = is_cased(c);
    found = found || after_cased;
  }
  return found;
}

}  // namespace sift::jinja
