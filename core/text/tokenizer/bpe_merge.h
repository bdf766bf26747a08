#pragma once

#include <cstdint>
#include <vector>

#include "text/tokenizer/flat_map.h"

namespace sift::text {

/// A token on its way to the final one, with the bytes of the word that it covers.
struct Symbol {
  std::int32_t id;
  std::uint32_t num_bytes;
};

/// The merges of a BPE model: for a pair of token ids, how early it is merged and into what.
class MergeTable {
 public:
  /// The key value of FlatMap for no merge, so that the smallest entry is the next merge.
  static constexpr std::uint64_t kNone = FlatMap::kMissing;

  MergeTable() = default;
  explicit MergeTable(std::size_t num_merges) : map_(num_merges) {}
  void add(std::int32_t left, std::int32_t right, std::uint32_t rank, std::int32_t merged) {
    map_.insert(key(left, right), std::uint64_t{rank} << 32U | static_cast<std::uint32_t>(merged));
  }
  /// Rank (high half) and merged id (low half), or kNone.
  std::uint64_t find(std::int32_t left, std::int32_t right) const { return map_.find(key(left, right)); }

 private:
  static std::uint64_t key(std::int32_t left, std::int32_t right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32U | static_cast<std::uint32_t>(right);
  }
  FlatMap map_;
};

/// Merges the symbols of one word, always the pair of lowest rank and among equals the leftmost, until none
/// is left. Takes O(n log n) however long the word is; the object only keeps memory between calls.
class Merger {
 public:
  void merge(std::vector<Symbol>& symbols, const MergeTable& table);

 private:
  struct Node {
    Symbol symbol;
    std::uint32_t previous;
    std::uint32_t next;
    std::uint64_t pair;  // what the table says about this symbol and the next
  };

  void merge_by_scan(std::vector<Symbol>& symbols, const MergeTable& table);
  void merge_by_heap(std::vector<Symbol>& symbols, const MergeTable& table);
  void update_pair(std::uint32_t at, const MergeTable& table);

  std::vector<std::uint64_t> pairs_;
  std::vector<Node> nodes_;
  std::vector<std::uint64_t> heap_;  // rank (high half) and position of a pair, smallest first
};

}  // namespace sift::text
