#include "data/dataset.h"

#include <cassert>

namespace sift {

void TokenDataset::add_row(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels) {
  assert(input_ids.size() == labels.size());
  input_ids_.insert(input_ids_.end(), input_ids.begin(), input_ids.end());
  labels_.insert(labels_.end(), labels.begin(), labels.end());
  row_ends_.push_back(input_ids_.size());
}

std::span<const std::int32_t> TokenDataset::row_of(const std::vector<std::int32_t>& buffer,
                                                   std::int64_t row) const {
  const auto index = static_cast<std::size_t>(row);
  const std::uint64_t begin = index == 0 ? 0 : row_ends_.at(index - 1);
  return {buffer.data() + begin, row_ends_.at(index) - begin};
}

std::span<const std::int32_t> TokenDataset::input_ids(std::int64_t row) const {
  return row_of(input_ids_, row);
}

std::span<const std::int32_t> TokenDataset::labels(std::int64_t row) const {
  return row_of(labels_, row);
}

void TokenDataset::reorder(std::span<const std::int64_t> order) {
  assert(static_cast<std::int64_t>(order.size()) == num_rows());
  TokenDataset result;
  result.input_ids_.reserve(input_ids_.size());
  result.labels_.reserve(labels_.size());
  result.row_ends_.reserve(row_ends_.size());
  for (const std::int64_t row : order) result.add_row(input_ids(row), labels(row));
  *this = std::move(result);
}

}  // namespace sift
