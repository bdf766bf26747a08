#include "text/tokenizer/bpe_merge.h"

#include <algorithm>
#include <functional>

namespace sift::text {
namespace {

// Up to here scanning all pairs for every merge is faster than keeping a heap.
constexpr std::size_t kMaxScanned = 40;

constexpr std::uint32_t kEnd = ~std::uint32_t{0};

std::uint32_t rank_of(std::uint64_t pair) {
  return static_cast<std::uint32_t>(pair >> 32U);
}
std::int32_t merged_of(std::uint64_t pair) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(pair));
}

}  // namespace

void Merger::merge(std::vector<Symbol>& symbols, const MergeTable& table) {
  if (symbols.size() < 2) return;
  if (symbols.size() <= kMaxScanned) {
    merge_by_scan(symbols, table);
  } else {
    merge_by_heap(symbols, table);
  }
}

void Merger::merge_by_scan(std::vector<Symbol>& symbols, const MergeTable& table) {
  pairs_.resize(symbols.size() - 1);
  for (std::size_t i = 0; i < pairs_.size(); ++i) pairs_[i] = table.find(symbols[i].id, symbols[i + 1].id);
  while (!pairs_.empty()) {
    // A rank belongs to one pair only, so comparing whole entries compares ranks; the first minimum is
    // leftmost.
    const auto best = std::min_element(pairs_.begin(), pairs_.end());
    if (*best == MergeTable::kNone) break;
    const auto at = static_cast<std::size_t>(best - pairs_.begin());
    symbols[at] = {merged_of(*best), symbols[at].num_bytes + symbols[at + 1].num_bytes};
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    pairs_.erase(best);
    if (at > 0) pairs_[at - 1] = table.find(symbols[at - 1].id, symbols[at].id);
    if (at < pairs_.size()) pairs_[at] = table.find(symbols[at].id, symbols[at + 1].id);
  }
}

void Merger::update_pair(std::uint32_t at, const MergeTable& table) {
  Node& node = nodes_[at];
  node.pair = node.next == kEnd ? MergeTable::kNone : table.find(node.symbol.id, nodes_[node.next].symbol.id);
}

void Merger::merge_by_heap(std::vector<Symbol>& symbols, const MergeTable& table) {
  const auto count = static_cast<std::uint32_t>(symbols.size());
  nodes_.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    nodes_[i] = {symbols[i], i == 0 ? kEnd : i - 1, i + 1 == count ? kEnd : i + 1, MergeTable::kNone};
  }
  heap_.clear();
  const auto entry = [&](std::uint32_t at) { return std::uint64_t{rank_of(nodes_[at].pair)} << 32U | at; };
  for (std::uint32_t i = 0; i < count; ++i) {
    update_pair(i, table);
    if (nodes_[i].pair != MergeTable::kNone) heap_.push_back(entry(i));
  }
  std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
  const auto refresh = [&](std::uint32_t at) {
    update_pair(at, table);
    if (nodes_[at].pair == MergeTable::kNone) return;
    heap_.push_back(entry(at));
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  };
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const std::uint64_t top = heap_.back();
    heap_.pop_back();
    const auto at = static_cast<std::uint32_t>(top);
    Node& node = nodes_[at];
    // The pair may have been merged or changed since the entry was made.
    if (node.pair == MergeTable::kNone || rank_of(node.pair) != rank_of(top)) continue;
    Node& right = nodes_[node.next];
    node.symbol = {merged_of(node.pair), node.symbol.num_bytes + right.symbol.num_bytes};
    node.next = right.next;
    right.pair = MergeTable::kNone;
    if (node.next != kEnd) nodes_[node.next].previous = at;
    refresh(at);
    if (node.previous != kEnd) refresh(node.previous);
  }
  symbols.clear();
  for (std::uint32_t i = 0; i != kEnd; i = nodes_[i].next) symbols.push_back(nodes_[i].symbol);
}

}  // namespace sift::text
