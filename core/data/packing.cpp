#include "data/packing.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace sift {
namespace {

constexpr std::size_t kBlockRows = 1000;  // batch_size of datasets.map
constexpr std::int64_t kNone = -1;

/// The set of free spaces in 1..largest; finds the smallest sufficient one in O(log largest) with the segment
/// tree of "Fewer Truncations Improve Language Modeling" (arXiv 2404.10830).
class SpaceTree {
 public:
  explicit SpaceTree(std::int64_t largest)
      : num_leaves_(std::bit_ceil(static_cast<std::size_t>(largest))), nodes_(2 * num_leaves_, 0) {}

  void add(std::int64_t space) { set(space, space); }
  void remove(std::int64_t space) { set(space, 0); }

  /// Always succeeds: the space of a new bin is never removed.
  std::int64_t smallest_at_least(std::int64_t length) const {
    std::size_t node = 1;
    while (node < num_leaves_) {
      node *= 2;
      if (nodes_[node] < length) ++node;
    }
    return nodes_[node];
  }

 private:
  void set(std::int64_t space, std::int64_t value) {
    std::size_t node = num_leaves_ + static_cast<std::size_t>(space) - 1;
    nodes_[node] = value;
    for (node /= 2; node >= 1; node /= 2) nodes_[node] = std::max(nodes_[2 * node], nodes_[2 * node + 1]);
  }

  std::size_t num_leaves_;
  std::vector<std::int64_t> nodes_;  // each holds the largest space in its subtree
};

/// Best fit decreasing (TRL's _pack_bfd). Bins with equal space form a queue, oldest first.
class BestFit {
 public:
  explicit BestFit(std::int64_t max_length)
      : max_length_(max_length), tree_(max_length), queues_(static_cast<std::size_t>(max_length) + 1) {
    tree_.add(max_length);
  }

  /// `pieces` of one block, in the order of the data.
  void pack(std::vector<Piece>& pieces, PackedRows& result) {
    std::ranges::stable_sort(pieces, std::ranges::greater(), &Piece::length);
    bins_.clear();
    next_piece_.assign(pieces.size(), kNone);
    for (std::size_t piece = 0; piece < pieces.size(); ++piece) place(piece, pieces[piece].length);

    for (const Bin& bin : bins_) {
      for (std::int64_t piece = bin.first_piece; piece != kNone; piece = at(next_piece_, piece))
        result.pieces.push_back(at(pieces, piece));
      result.row_ends.push_back(result.pieces.size());
      // the next block starts without open bins
      if (bin.space > 0) tree_.remove(bin.space);
      at(queues_, bin.space) = {};
    }
  }

 private:
  struct Bin {
    std::int64_t space = 0;
    std::int64_t first_piece = kNone, last_piece = kNone;
    std::int64_t next_bin = kNone;  // after this one in the queue of its space
  };
  struct Queue {
    std::int64_t front = kNone, back = kNone;
  };

  template <class T>
  static T& at(std::vector<T>& values, std::int64_t index) {
    return values[static_cast<std::size_t>(index)];
  }

  void place(std::size_t piece, std::int64_t length) {
    const std::int64_t bin = take_bin(tree_.smallest_at_least(length));
    Bin& target = at(bins_, bin);
    const auto index = static_cast<std::int64_t>(piece);
    (target.first_piece == kNone ? target.first_piece : at(next_piece_, target.last_piece)) = index;
    target.last_piece = index;
    target.space -= length;
    put_bin(bin);
  }

  std::int64_t take_bin(std::int64_t space) {
    if (space == max_length_) {
      bins_.push_back({.space = max_length_});
      return static_cast<std::int64_t>(bins_.size()) - 1;
    }
    Queue& queue = at(queues_, space);
    const std::int64_t bin = queue.front;
    queue.front = at(bins_, bin).next_bin;
    if (queue.front == kNone) {
      queue.back = kNone;
      tree_.remove(space);
    }
    return bin;
  }

  void put_bin(std::int64_t bin) {
    at(bins_, bin).next_bin = kNone;
    const std::int64_t space = at(bins_, bin).space;
    if (space == 0) return;
    Queue& queue = at(queues_, space);
    if (queue.front == kNone) {
      queue.front = bin;
      tree_.add(space);
    } else {
      at(bins_, queue.back).next_bin = bin;
    }
    queue.back = bin;
  }

  std::int64_t max_length_;
  SpaceTree tree_;
  std::vector<Queue> queues_;  // by space
  std::vector<Bin> bins_;
  std::vector<std::int64_t> next_piece_;  // after this one in its bin
};

void pack_wrapped(std::span<const std::int64_t> lengths, std::int64_t first_row, std::int64_t max_length,
                  PackedRows& result) {
  std::int64_t space = max_length;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    for (std::int64_t begin = 0; begin < lengths[i];) {
      const std::int64_t length = std::min(space, lengths[i] - begin);
      result.pieces.push_back({first_row + static_cast<std::int64_t>(i), begin, length});
      begin += length;
      space -= length;
      if (space > 0) continue;
      result.row_ends.push_back(result.pieces.size());
      space = max_length;
    }
  }
  if (space < max_length) result.row_ends.push_back(result.pieces.size());
}

void cut(std::int64_t row, std::int64_t row_length, std::int64_t max_length, bool keep_rest,
         std::vector<Piece>& pieces) {
  const std::int64_t end = keep_rest ? row_length : std::min(row_length, max_length);
  for (std::int64_t begin = 0; begin < end; begin += max_length)
    pieces.push_back({row, begin, std::min(max_length, end - begin)});
}

}  // namespace

PackingStrategy packing_strategy_of(const std::string& name) {
  if (name == "wrapped") return PackingStrategy::kWrapped;
  return name == "bfd_split" ? PackingStrategy::kBfdSplit : PackingStrategy::kBfd;
}

std::span<const Piece> PackedRows::row(std::size_t index) const {
  const std::size_t begin = index == 0 ? 0 : row_ends.at(index - 1);
  return std::span(pieces).subspan(begin, row_ends.at(index) - begin);
}

PackedRows pack_rows(std::span<const std::int64_t> lengths, std::int64_t max_length,
                     PackingStrategy strategy) {
  assert(max_length > 0);
  PackedRows result;
  result.pieces.reserve(lengths.size());
  BestFit best_fit(max_length);
  std::vector<Piece> pieces;
  for (std::size_t begin = 0; begin < lengths.size(); begin += kBlockRows) {
    const auto block = lengths.subspan(begin, std::min(kBlockRows, lengths.size() - begin));
    const auto first_row = static_cast<std::int64_t>(begin);
    if (strategy == PackingStrategy::kWrapped) {
      pack_wrapped(block, first_row, max_length, result);
      continue;
    }
    pieces.clear();
    for (std::size_t i = 0; i < block.size(); ++i) {
      cut(first_row + static_cast<std::int64_t>(i), block[i], max_length,
          strategy == PackingStrategy::kBfdSplit, pieces);
    }
    best_fit.pack(pieces, result);
  }
  return result;
}

}  // namespace sift
