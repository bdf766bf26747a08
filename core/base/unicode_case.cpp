#include "base/unicode_case.h"

#include <algorithm>
#include <optional>

#include "base/unicode_data.h"
#include "base/utf8.h"

namespace sift::unicode {
namespace {

const CaseExpansion* find_expansion(const CaseTable& table, char32_t c) {
  const auto found =
      std::lower_bound(table.expansions.begin(), table.expansions.end(), c,
                       [](const CaseExpansion& one, char32_t value) { return one.from < value; });
  return found != table.expansions.end() && found->from == c ? &*found : nullptr;
}

// The one code point that the table says `c` maps to, which may be `c` itself.
std::optional<char32_t> find_one(const CaseTable& table, char32_t c) {
  const auto after = std::upper_bound(table.runs.begin(), table.runs.end(), c,
                                      [](char32_t value, const CaseRun& run) { return value < run.first; });
  if (after == table.runs.begin()) return std::nullopt;
  const CaseRun& run = *(after - 1);
  if (c > run.last || (c - run.first) % run.stride != 0) return std::nullopt;
  return static_cast<char32_t>(static_cast<std::int64_t>(c) + run.delta);
}

// False where the table does not name `c`.
bool append_mapped(std::string& out, const CaseTable& table, char32_t c) {
  if (const CaseExpansion* several = find_expansion(table, c)) {
    for (const char32_t part : several->to) {
      if (part != 0) append_utf8(out, part);
    }
    return true;
  }
  const std::optional<char32_t> mapped = find_one(table, c);
  if (mapped) append_utf8(out, *mapped);
  return mapped.has_value();
}

}  // namespace

void append_upper(std::string& out, char32_t c) {
  if (!append_mapped(out, kUpper, c)) append_utf8(out, c);
}

void append_lower(std::string& out, char32_t c) {
  if (!append_mapped(out, kLower, c)) append_utf8(out, c);
}

void append_title(std::string& out, char32_t c) {
  if (!append_mapped(out, kTitle, c)) append_upper(out, c);
}

void append_folded(std::string& out, char32_t c) {
  if (!append_mapped(out, kFold, c)) append_lower(out, c);
}

char32_t simple_fold(char32_t c) {
  if (const std::optional<char32_t> folded = find_one(kFold, c)) return *folded;
  return find_one(kLower, c).value_or(c);
}

}  // namespace sift::unicode
