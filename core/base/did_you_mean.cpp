#include "base/did_you_mean.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace sift {
std::size_t edit_distance(const std::string& a, const std::string& b) {
  // the last two rows of the table, and the one being filled
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char from = ascii_lower(a[i - 1]), to = ascii_lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (from == to ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && from == ascii_lower(b[j - 2]) && to == ascii_lower(a[i - 2]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::string nearest(const std::string& name, const std::vector<std::string>& candidates) {
  // at most a third of the letters may differ; very long names are not typos
  constexpr std::size_t kLongestName = 100;
  if (name.size() > kLongestName) return {};
  std::size_t best = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < best && distance < candidate.size()) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& candidates) {
  const std::string found = nearest(name, candidates);
  return found.empty() ? "" : fmt::format("; did you mean '{}'?", found);
}

std::string candidates_text(const std::string& name, const std::vector<std::string>& candidates,
                            const std::string& label) {
  const std::string meant = did_you_mean(name, candidates);
  return fmt::format("{}{} {}: {}", meant, meant.empty() ? ";" : "", label, listed(candidates));
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : text;
}

}  // namespace sift
