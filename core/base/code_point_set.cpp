#include "base/code_point_set.h"

#include <algorithm>
#include <utility>

namespace sift {

bool contains(std::span<const CodePointRange> ranges, char32_t code_point) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), code_point,
                       [](char32_t value, const CodePointRange& range) { return value < range.first; });
  return after != ranges.begin() && code_point <= (after - 1)->last;
}

CodePointSet::CodePointSet(std::vector<CodePointRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const CodePointRange& a, const CodePointRange& b) { return a.first < b.first; });
  for (const CodePointRange& range : ranges) {
    if (!ranges_.empty() && range.first <= ranges_.back().last + 1) {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    } else {
      ranges_.push_back(range);
    }
  }
}

bool CodePointSet::contains(char32_t code_point) const {
  return sift::contains(ranges_, code_point);
}

void CodePointSet::add(const CodePointSet& other) {
  std::vector<CodePointRange> all = std::move(ranges_);
  all.insert(all.end(), other.ranges_.begin(), other.ranges_.end());
  *this = CodePointSet(std::move(all));
}

CodePointSet CodePointSet::complement() const {
  CodePointSet result;
  char32_t next = 0;
  for (const CodePointRange& range : ranges_) {
    if (next < range.first) result.ranges_.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= kLastCodePoint) result.ranges_.push_back({next, kLastCodePoint});
  return result;
}

CodePointSet CodePointSet::difference(const CodePointSet& other) const {
  // Each end of a range of either set is where the answer changes; two at the same place cancel out.
  std::vector<char32_t> changes;
  for (const CodePointSet* set : {this, &other}) {
    for (const CodePointRange& range : set->ranges_) {
      changes.push_back(range.first);
      changes.push_back(range.last + 1);
    }
  }
  std::sort(changes.begin(), changes.end());
  std::vector<CodePointRange> ranges;
  for (std::size_t i = 0; i + 1 < changes.size(); i += 2) {
    if (changes[i] < changes[i + 1]) ranges.push_back({changes[i], changes[i + 1] - 1});
  }
  return CodePointSet(std::move(ranges));
}

}  // namespace sift
