#include "data/dataset.h"

#include <cassert>
#include <utility>

namespace sift {

TokenDataset::TokenDataset(const Spill& spill)
    : input_ids_{GrowingNumbers<std::int32_t>(spill), {}},
      labels_{GrowingNumbers<std::int32_t>(spill), {}},
      excerpts_{GrowingNumbers<Excerpt>(spill), {}},
      document_ends_{GrowingNumbers<std::uint64_t>(spill), {}},
      row_ends_{GrowingNumbers<std::uint64_t>(spill), {}} {}

TokenDataset::TokenDataset(const Buffers& buffers, std::shared_ptr<const MappedFile> file)
    : input_ids_{GrowingNumbers<std::int32_t>(), buffers.input_ids},
      labels_{GrowingNumbers<std::int32_t>(), buffers.labels},
      excerpts_{GrowingNumbers<Excerpt>(), buffers.excerpts},
      document_ends_{GrowingNumbers<std::uint64_t>(), buffers.document_ends},
      row_ends_{GrowingNumbers<std::uint64_t>(), buffers.row_ends},
      file_(std::move(file)) {}

TokenDataset::Buffers TokenDataset::buffers() const {
  return {input_ids_.view(), labels_.view(), excerpts_.view(), document_ends_.view(), row_ends_.view()};
}

std::size_t TokenDataset::first_document(std::size_t row) const {
  return row == 0 ? 0 : row_ends_.view()[row - 1];
}

std::size_t TokenDataset::first_excerpt(std::size_t document) const {
  return document == 0 ? 0 : document_ends_.view()[document - 1];
}

std::size_t TokenDataset::first_token(std::size_t excerpt) const {
  return excerpt == 0 ? 0 : excerpts_.view()[excerpt - 1].end;
}

void TokenDataset::add_row(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels,
                           RowOrigin origin) {
  start_row();
  start_document();
  add_tokens(input_ids, labels, origin);
}

void TokenDataset::add_row_of(const TokenDataset& other, std::int64_t row) {
  const auto index = static_cast<std::size_t>(row);
  const auto rows = other.row_ends_.ends(index, index + 1);
  const auto documents = other.document_ends_.ends(rows.front(), rows.back());
  const auto excerpts = other.excerpts_.ends(documents.front(), documents.back());
  const std::size_t begin = excerpts.front().end, length = excerpts.back().end - begin;
  const std::size_t moved = input_ids_.own.size() - begin;  // modulo 2^64, so also backwards
  input_ids_.append(other.input_ids_, begin, length);
  labels_.append(other.labels_, begin, length);
  start_row();
  std::size_t i = 1;
  for (std::size_t document = 1; document < documents.size(); ++document) {
    start_document();
    for (; i <= documents[document] - documents.front(); ++i)
      end_excerpt(excerpts[i].end + moved, excerpts[i].origin);
  }
}

void TokenDataset::add_tokens_of(const TokenDataset& other, std::int64_t row, std::uint64_t begin,
                                 std::uint64_t length) {
  const auto excerpts = other.ends_of_excerpt(row);
  input_ids_.append(other.input_ids_, excerpts.front().end + begin, length);
  labels_.append(other.labels_, excerpts.front().end + begin, length);
  end_excerpt(input_ids_.own.size(), excerpts.back().origin);
}

std::vector<Excerpt> TokenDataset::ends_of_excerpt(std::int64_t row) const {
  assert(num_rows() == static_cast<std::int64_t>(excerpts_.view().size()));
  const auto index = static_cast<std::size_t>(row);
  return excerpts_.ends(index, index + 1);
}

void TokenDataset::start_row() {
  assert(file_ == nullptr);
  row_ends_.own.push_back(document_ends_.own.size());
}

void TokenDataset::start_document() {
  assert(row_ends_.own.size() > 0);
  document_ends_.own.push_back(excerpts_.own.size());
  ++row_ends_.own.back();
}

void TokenDataset::add_tokens(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels,
                              RowOrigin origin) {
  assert(input_ids.size() == labels.size() && document_ends_.own.size() > 0);
  input_ids_.own.append(input_ids);
  labels_.own.append(labels);
  end_excerpt(input_ids_.own.size(), origin);
}

void TokenDataset::end_excerpt(std::uint64_t end, RowOrigin origin) {
  excerpts_.own.push_back({end, origin});
  document_ends_.own.back() = excerpts_.own.size();
}

std::vector<Document> TokenDataset::documents(std::int64_t row) const {
  const auto index = static_cast<std::size_t>(row);
  const Buffers all = buffers();
  std::vector<Document> result;
  for (std::size_t document = first_document(index); document < all.row_ends[index]; ++document) {
    const std::size_t begin = first_token_of_document(document);
    const std::size_t length = first_token_of_document(document + 1) - begin;
    result.push_back({all.input_ids.subspan(begin, length), all.labels.subspan(begin, length)});
  }
  return result;
}

std::span<const std::int32_t> TokenDataset::row_of(std::span<const std::int32_t> buffer,
                                                   std::int64_t row) const {
  const auto index = static_cast<std::size_t>(row);
  const std::size_t begin = first_token_of_document(first_document(index));
  return buffer.subspan(begin, first_token_of_document(first_document(index + 1)) - begin);
}

std::span<const Excerpt> TokenDataset::excerpts(std::int64_t row) const {
  const auto index = static_cast<std::size_t>(row);
  const std::size_t begin = first_excerpt(first_document(index));
  return excerpts_.view().subspan(begin, first_excerpt(first_document(index + 1)) - begin);
}

void TokenDataset::give_back_pages() const {
  if (file_ != nullptr) file_->give_back_pages(0, file_->size());
  input_ids_.own.give_back_pages();
  labels_.own.give_back_pages();
  excerpts_.own.give_back_pages();
  document_ends_.own.give_back_pages();
  row_ends_.own.give_back_pages();
}

std::vector<std::int64_t> TokenDataset::row_lengths(std::span<const std::int64_t> rows) const {
  std::vector<std::int64_t> lengths;
  lengths.reserve(rows.size());
  for (const std::int64_t row : rows) {
    const auto excerpts = ends_of_excerpt(row);
    lengths.push_back(static_cast<std::int64_t>(excerpts.back().end - excerpts.front().end));
  }
  return lengths;
}

TokenDataset reordered(const TokenDataset& dataset, const RowOrder& order, const Spill& spill) {
  assert(static_cast<std::int64_t>(order.size()) == dataset.num_rows());
  TokenDataset result(spill);
  each_part(order, [&](std::span<const std::int64_t> rows) {
    for (const std::int64_t row : rows) result.add_row_of(dataset, row);
  });
  return result;
}

}  // namespace sift
