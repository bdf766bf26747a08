#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sift {

/// How rows are packed; names as in TRL.
enum class PackingStrategy {
  kBfd,       ///< best fit decreasing; rows that are too long are truncated
  kBfdSplit,  ///< the same, but such rows are split into fragments
  kWrapped    ///< rows are concatenated and cut when a packed row is full
};

PackingStrategy packing_strategy_of(const std::string& name);

/// Tokens [begin, begin + length) of a row.
struct Piece {
  std::int64_t row = 0;
  std::int64_t begin = 0;
  std::int64_t length = 0;

  bool operator==(const Piece&) const = default;
};

/// The pieces of each packed row. No piece is empty.
struct PackedRows {
  std::vector<Piece> pieces;
  std::vector<std::size_t> row_ends;  ///< for each packed row, the index after its last piece

  std::size_t num_rows() const { return row_ends.size(); }
  std::span<const Piece> row(std::size_t index) const;
};

/// Packs rows of the given lengths into rows of at most `max_length` tokens, as trl.pack_dataset does: in
/// separate blocks of 1000 rows, empty ones included, since TRL packs in datasets.map with its default batch
/// size.
PackedRows pack_rows(std::span<const std::int64_t> lengths, std::int64_t max_length,
                     PackingStrategy strategy);

}  // namespace sift
