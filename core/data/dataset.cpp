#include "data/dataset.h"

#include <cassert>
#include <utility>

namespace sift {

void TokenDataset::add_row(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels) {
  start_row();
  start_document();
  add_tokens(input_ids, labels);
}

void TokenDataset::start_row() {
  row_ends_.push_back(document_ends_.size());
}

void TokenDataset::start_document() {
  assert(!row_ends_.empty());
  document_ends_.push_back(input_ids_.size());
  ++row_ends_.back();
}

void TokenDataset::add_tokens(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels) {
  assert(input_ids.size() == labels.size() && !document_ends_.empty());
  input_ids_.insert(input_ids_.end(), input_ids.begin(), input_ids.end());
  labels_.insert(labels_.end(), labels.begin(), labels.end());
  document_ends_.back() = input_ids_.size();
}

std::vector<Document> TokenDataset::documents(std::int64_t row) const {
  const auto index = static_cast<std::size_t>(row);
  std::vector<Document> result;
  for (std::size_t document = first_document(index); document < row_ends_.at(index); ++document) {
    const std::size_t begin = first_token(document);
    const std::size_t length = document_ends_[document] - begin;
    result.push_back({{input_ids_.data() + begin, length}, {labels_.data() + begin, length}});
  }
  return result;
}

std::span<const std::int32_t> TokenDataset::row_of(const std::vector<std::int32_t>& buffer,
                                                   std::int64_t row) const {
  const auto index = static_cast<std::size_t>(row);
  const std::size_t begin = first_token(first_document(index));
  return {buffer.data() + begin, first_token(row_ends_.at(index)) - begin};
}

std::vector<std::int64_t> TokenDataset::row_lengths() const {
  std::vector<std::int64_t> lengths;
  lengths.reserve(row_ends_.size());
  for (std::int64_t row = 0; row < num_rows(); ++row)
    lengths.push_back(static_cast<std::int64_t>(input_ids(row).size()));
  return lengths;
}

void TokenDataset::reorder(std::span<const std::int64_t> order) {
  assert(static_cast<std::int64_t>(order.size()) == num_rows());
  TokenDataset result;
  result.input_ids_.reserve(input_ids_.size());
  result.labels_.reserve(labels_.size());
  result.document_ends_.reserve(document_ends_.size());
  result.row_ends_.reserve(row_ends_.size());
  for (const std::int64_t row : order) {
    result.start_row();
    for (const Document& document : documents(row)) {
      result.start_document();
      result.add_tokens(document.input_ids, document.labels);
    }
  }
  *this = std::move(result);
}

}  // namespace sift
