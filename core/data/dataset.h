#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/mapped_file.h"
#include "data/growing_numbers.h"

namespace sift {

/// The position of a row in the data files.
struct RowOrigin {
  std::uint32_t file = 0;  ///< index of the file, from 0
  std::uint32_t line = 0;  ///< JsonLine::number; 0: not from a file

  bool operator==(const RowOrigin&) const = default;
};

/// Tokens from one row of the data files.
struct Excerpt {
  std::uint64_t end = 0;  ///< in tokens of the data set; it starts at the end of the previous one
  RowOrigin origin;

  bool operator==(const Excerpt&) const = default;
};

/// A document: the tokens under one causal mask. `labels` has the length of `input_ids` and is not shifted;
/// kIgnoreIndex is not scored.
struct Document {
  std::span<const std::int32_t> input_ids;
  std::span<const std::int32_t> labels;
};

/// Prepared rows of token ids and labels, in the order of the data. A row is one document, or several if it
/// is packed; a document is one excerpt, or several with cross_documents. All rows share two flat buffers: a
/// million short rows need only a few allocations, and large buffers may spill to files.
class TokenDataset {
 public:
  /// Its buffers.
  struct Buffers {
    std::span<const std::int32_t> input_ids, labels;
    std::span<const Excerpt> excerpts;
    std::span<const std::uint64_t> document_ends;  ///< in excerpts
    std::span<const std::uint64_t> row_ends;       ///< in documents
  };

  explicit TokenDataset(const Spill& spill = {});
  /// A read-only data set over a mapped file, which it keeps open.
  TokenDataset(const Buffers& buffers, std::shared_ptr<const MappedFile> file);

  /// A row of one document. `input_ids` and `labels` have the same length.
  void add_row(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels,
               RowOrigin origin = {});
  /// The same in parts: a row, then its documents, then excerpts of the last document.
  void start_row();
  void start_document();
  void add_tokens(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels,
                  RowOrigin origin = {});
  /// Appends a row of another data set, or tokens [begin, begin + length) of a row with a single excerpt.
  void add_row_of(const TokenDataset& other, std::int64_t row);
  void add_tokens_of(const TokenDataset& other, std::int64_t row, std::uint64_t begin, std::uint64_t length);

  std::int64_t num_rows() const { return static_cast<std::int64_t>(row_ends_.view().size()); }
  std::int64_t num_documents() const { return static_cast<std::int64_t>(document_ends_.view().size()); }
  std::int64_t num_tokens() const { return static_cast<std::int64_t>(input_ids_.view().size()); }
  std::vector<Document> documents(std::int64_t row) const;
  /// All tokens of a row, across its documents.
  std::span<const std::int32_t> input_ids(std::int64_t row) const { return row_of(input_ids_.view(), row); }
  std::span<const std::int32_t> labels(std::int64_t row) const { return row_of(labels_.view(), row); }
  std::span<const Excerpt> excerpts(std::int64_t row) const;
  /// Requires a data set whose rows have a single excerpt.
  std::vector<std::int64_t> row_lengths(std::span<const std::int64_t> rows) const;
  Buffers buffers() const;
  bool in_file() const { return input_ids_.own.in_file(); }
  /// Calls `action` with every row; only the rows read last stay resident.
  template <class Action>
  void each_row(const Action& action) const {
    constexpr std::int64_t kRowsResident = 4096;
    for (std::int64_t row = 0; row < num_rows(); ++row) {
      action(row);
      if (row % kRowsResident == 0) give_back_pages();
    }
  }
  /// Releases pages that are backed by files; they are read again on access.
  void give_back_pages() const;

 private:
  /// Owned numbers, or a view of another object's.
  template <class T>
  struct Numbers {
    GrowingNumbers<T> own;
    std::span<const T> foreign;

    std::span<const T> view() const { return foreign.empty() ? own.view() : foreign; }
    void append(const Numbers& other, std::size_t begin, std::size_t count) {
      if (other.foreign.empty()) {
        own.append(other.own, begin, count);
      } else {
        own.append(other.foreign.subspan(begin, count));
      }
    }
    void read(std::size_t begin, std::span<T> target) const {
      if (foreign.empty()) {
        own.read(begin, target);
      } else {
        std::ranges::copy(foreign.subspan(begin, target.size()), target.begin());
      }
    }
    std::vector<T> ends(std::size_t begin, std::size_t end) const { return read_ends<T>(*this, begin, end); }
  };

  void end_excerpt(std::uint64_t end, RowOrigin origin);
  /// The excerpts before and of a row, for a data set whose rows have a single excerpt.
  std::vector<Excerpt> ends_of_excerpt(std::int64_t row) const;
  // the first part of a row, document or excerpt; the index after the last is allowed
  std::size_t first_document(std::size_t row) const;
  std::size_t first_excerpt(std::size_t document) const;
  std::size_t first_token(std::size_t excerpt) const;
  std::size_t first_token_of_document(std::size_t document) const {
    return first_token(first_excerpt(document));
  }
  std::span<const std::int32_t> row_of(std::span<const std::int32_t> buffer, std::int64_t row) const;

  Numbers<std::int32_t> input_ids_;
  Numbers<std::int32_t> labels_;
  Numbers<Excerpt> excerpts_;
  Numbers<std::uint64_t> document_ends_;
  Numbers<std::uint64_t> row_ends_;
  std::shared_ptr<const MappedFile> file_;  // of numbers it does not own
};

/// A permutation of 0..n-1. A long one spills to a file.
using RowOrder = GrowingNumbers<std::int64_t>;

/// Calls `action` with several thousand rows of the order at a time, always in whole blocks of 1000.
template <class Action>
void each_part(const RowOrder& order, const Action& action) {
  constexpr std::size_t kRows = 32'000;
  std::vector<std::int64_t> rows;
  for (std::size_t begin = 0; begin < order.size(); begin += kRows) {
    rows.resize(std::min(kRows, order.size() - begin));
    order.read(begin, rows);
    action(std::span<const std::int64_t>(rows));
  }
}

/// The rows of `dataset` in the given order. Data in files is read at random without becoming resident.
TokenDataset reordered(const TokenDataset& dataset, const RowOrder& order, const Spill& spill = {});

}  // namespace sift
