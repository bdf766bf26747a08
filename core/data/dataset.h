#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sift {

/// Rows of token ids and labels, prepared, in the order of the data. All rows share two flat buffers, so
/// that a million short rows cost two allocations. Labels are not shifted; kIgnoreIndex is not scored.
class TokenDataset {
 public:
  /// `input_ids` and `labels` have the same length.
  void add_row(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels);

  std::int64_t num_rows() const { return static_cast<std::int64_t>(row_ends_.size()); }
  std::int64_t num_tokens() const { return static_cast<std::int64_t>(input_ids_.size()); }
  std::span<const std::int32_t> input_ids(std::int64_t row) const;
  std::span<const std::int32_t> labels(std::int64_t row) const;

  /// Brings the rows into the given order, a permutation of 0..num_rows()-1.
  void reorder(std::span<const std::int64_t> order);

 private:
  std::span<const std::int32_t> row_of(const std::vector<std::int32_t>& buffer, std::int64_t row) const;

  std::vector<std::int32_t> input_ids_;
  std::vector<std::int32_t> labels_;
  std::vector<std::uint64_t> row_ends_;
};

}  // namespace sift
