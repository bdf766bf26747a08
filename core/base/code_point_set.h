#pragma once

#include <span>
#include <vector>

namespace sift {

/// The code points `first` to `last`, both included.
struct CodePointRange {
  char32_t first, last;
  bool operator==(const CodePointRange&) const = default;
};

inline constexpr char32_t kLastCodePoint = 0x10FFFF;

/// A set of code points as sorted ranges that neither overlap nor touch.
class CodePointSet {
 public:
  CodePointSet() = default;
  explicit CodePointSet(std::vector<CodePointRange> ranges);  // in any order, overlapping or not

  std::span<const CodePointRange> ranges() const { return ranges_; }
  bool empty() const { return ranges_.empty(); }
  bool contains(char32_t code_point) const;
  bool operator==(const CodePointSet&) const = default;

  void add(const CodePointSet& other);
  CodePointSet complement() const;  // within U+0000 to U+10FFFF
  /// What is in one of the two, not in both.
  CodePointSet difference(const CodePointSet& other) const;

 private:
  std::vector<CodePointRange> ranges_;
};

/// Whether sorted, disjoint `ranges` hold `code_point`.
bool contains(std::span<const CodePointRange> ranges, char32_t code_point);

}  // namespace sift
