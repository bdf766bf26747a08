#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sift {

/// How rows are put together, by TRL's names.
enum class PackingStrategy {
  kBfd,       ///< best fit decreasing; of a row that is too long the rest is lost
  kBfdSplit,  ///< the same, but such a row is cut into fragments and nothing is lost
  kWrapped    ///< rows are laid end to end and cut where a packed row is full
};

PackingStrategy packing_strategy_of(const std::string& name);

/// Tokens [begin, begin + length) of a row.
struct Piece {
  std::int64_t row = 0;
  std::int64_t begin = 0;
  std::int64_t length = 0;

  bool operator==(const Piece&) const = default;
};

/// What each packed row is made of. No piece is empty.
struct PackedRows {
  std::vector<Piece> pieces;
  std::vector<std::size_t> row_ends;  ///< where the pieces of each packed row end

  std::size_t num_rows() const { return row_ends.size(); }
  std::span<const Piece> row(std::size_t index) const;
};

/// Packs rows of the given lengths into rows of at most `max_length` tokens, as trl.pack_dataset does: each
/// 1000 rows for themselves, empty ones counted, since TRL packs inside datasets.map with its default batch.
PackedRows pack_rows(std::span<const std::int64_t> lengths, std::int64_t max_length,
                     PackingStrategy strategy);

}  // namespace sift
