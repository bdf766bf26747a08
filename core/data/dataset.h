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
  std::uint32_t file = 0;  ///< of the files in their order, from 0
  std::uint32_t line = 0;  ///< JsonLine::number; 0: of no file

  bool operator==(const RowOrigin&) const = default;
};

/// Tokens that come from one row of the data files.
struct Excerpt {
  std::uint64_t end = 0;  ///< in tokens of the data set; it begins where the one before ends
  RowOrigin origin;

  bool operator==(const Excerpt&) const = default;
};

/// A document: what one causal mask covers. As many labels as ids; labels are not shifted, and kIgnoreIndex
/// is not scored.
struct Document {
  std::span<const std::int32_t> input_ids;
  std::span<const std::int32_t> labels;
};

/// Rows of token ids and labels, prepared, in the order of the data. A row is one document, or several when
/// it is packed, and a document is one excerpt, or several when they are packed across. All rows share two
/// flat buffers, so that a million short rows cost a few allocations, and large ones may lie in files.
class TokenDataset {
 public:
  /// What it is made of.
  struct Buffers {
    std::span<const std::int32_t> input_ids, labels;
    std::span<const Excerpt> excerpts;
    std::span<const std::uint64_t> document_ends;  ///< in excerpts
    std::span<const std::uint64_t> row_ends;       ///< in documents
  };

  explicit TokenDataset(const Spill& spill = {});
  /// A data set that lies in a file, and keeps it mapped. Nothing can be added to it.
  TokenDataset(const Buffers& buffers, std::shared_ptr<const MappedFile> file);

  /// A row of one document. `input_ids` and `labels` have the same length.
  void add_row(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels,
               RowOrigin origin = {});
  /// The same piece by piece: a row, documents in it, excerpts in the last one of them.
  void start_row();
  void start_document();
  void add_tokens(std::span<const std::int32_t> input_ids, std::span<const std::int32_t> labels,
                  RowOrigin origin = {});
  /// A row of another data set, and tokens [begin, begin + length) of one whose rows have one excerpt each.
  void add_row_of(const TokenDataset& other, std::int64_t row);
  void add_tokens_of(const TokenDataset& other, std::int64_t row, std::uint64_t begin, std::uint64_t length);

  std::int64_t num_rows() const { return static_cast<std::int64_t>(row_ends_.view().size()); }
  std::int64_t num_documents() const { return static_cast<std::int64_t>(document_ends_.view().size()); }
  std::int64_t num_tokens() const { return static_cast<std::int64_t>(input_ids_.view().size()); }
  std::vector<Document> documents(std::int64_t row) const;
  /// All tokens of a row, whatever documents they are in.
  std::span<const std::int32_t> input_ids(std::int64_t row) const { return row_of(input_ids_.view(), row); }
  std::span<const std::int32_t> labels(std::int64_t row) const { return row_of(labels_.view(), row); }
  std::span<const Excerpt> excerpts(std::int64_t row) const;
  /// Of these rows, of a data set whose rows have one excerpt each.
  std::vector<std::int64_t> row_lengths(std::span<const std::int64_t> rows) const;
  Buffers buffers() const;
  bool in_file() const { return input_ids_.own.in_file(); }
  /// Calls `action` with every row, of which only the last ones that were read stay resident.
  template <class Action>
  void each_row(const Action& action) const {
    constexpr std::int64_t kRowsResident = 4096;
    for (std::int64_t row = 0; row < num_rows(); ++row) {
      action(row);
      if (row % kRowsResident == 0) give_back_pages();
    }
  }
  /// Releases the memory of pages that are backed by files; they are read again when needed.
  void give_back_pages() const;

 private:
  /// Numbers that it owns, or a view of another object's.
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
  /// The excerpt before that of a row, and its own, of a data set whose rows have one each.
  std::vector<Excerpt> ends_of_excerpt(std::int64_t row) const;
  // where the parts of a row, a document, an excerpt begin, or of the one after the last
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
  std::shared_ptr<const MappedFile> file_;  // of foreign numbers
};

/// A permutation of 0..n-1. A long one lies in a file.
using RowOrder = GrowingNumbers<std::int64_t>;

/// Calls `action` with some thousand rows of the order at a time, whole blocks of a thousand.
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

/// The rows of `dataset` in the given order. What lies in files is read from all over them without becoming
/// resident.
TokenDataset reordered(const TokenDataset& dataset, const RowOrder& order, const Spill& spill = {});

}  // namespace sift
