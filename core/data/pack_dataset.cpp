#include "data/pack_dataset.h"

#include <numeric>
#include <span>
#include <vector>

#include "data/sampler.h"

namespace sift {
namespace {

RowOrder order_of(std::int64_t num_rows, const PackingOptions& options, const Spill& spill) {
  if (options.shuffle_seed) return shuffled_order(num_rows, *options.shuffle_seed, spill);
  RowOrder order(spill);
  const auto rows = order.extend(static_cast<std::size_t>(num_rows));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  order.give_back_pages();
  return order;
}

/// PackedRows of a whole data set, which may spill to files.
class Plan {
 public:
  Plan(const TokenDataset& dataset, const PackingOptions& options, const Spill& spill)
      : pieces_(spill), row_ends_(spill) {
    each_part(order_of(dataset.num_rows(), options, spill), [&](std::span<const std::int64_t> rows) {
      add(pack_rows(dataset.row_lengths(rows), options.max_length, options.strategy), rows);
    });
  }

  std::int64_t num_rows() const { return static_cast<std::int64_t>(row_ends_.size()); }

  std::vector<Piece> row(std::int64_t index) const {
    const auto place = static_cast<std::size_t>(index);
    const auto ends = read_ends<std::uint64_t>(row_ends_, place, place + 1);
    std::vector<Piece> pieces(ends.back() - ends.front());
    pieces_.read(ends.front(), pieces);
    return pieces;
  }

 private:
  /// `packed` holds indices into `rows`.
  void add(const PackedRows& packed, std::span<const std::int64_t> rows) {
    for (std::size_t row = 0; row < packed.num_rows(); ++row) {
      for (Piece piece : packed.row(row)) {
        piece.row = rows[static_cast<std::size_t>(piece.row)];
        pieces_.push_back(piece);
      }
      row_ends_.push_back(pieces_.size());
    }
  }

  GrowingNumbers<Piece> pieces_;
  GrowingNumbers<std::uint64_t> row_ends_;
};

void add_row(const std::vector<Piece>& pieces, const TokenDataset& dataset, bool cross_documents,
             TokenDataset& result) {
  result.start_row();
  if (cross_documents) result.start_document();
  for (const Piece& piece : pieces) {
    if (!cross_documents) result.start_document();
    result.add_tokens_of(dataset, piece.row, static_cast<std::uint64_t>(piece.begin),
                         static_cast<std::uint64_t>(piece.length));
  }
}

}  // namespace

TokenDataset pack(const TokenDataset& dataset, const PackingOptions& options, const Spill& spill) {
  const Plan plan(dataset, options, spill);
  TokenDataset result(spill);
  each_part(order_of(plan.num_rows(), options, spill), [&](std::span<const std::int64_t> rows) {
    for (const std::int64_t row : rows) add_row(plan.row(row), dataset, options.cross_documents, result);
  });
  return result;
}

std::int64_t num_packed_rows(const TokenDataset& dataset, const PackingOptions& options, const Spill& spill) {
  return Plan(dataset, options, spill).num_rows();
}

}  // namespace sift
