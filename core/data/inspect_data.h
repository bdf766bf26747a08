#pragma once

#include <cstdint>
#include <string>

#include "data/dataset.h"
#include "text/tokenizer.h"

namespace sift {

// Prepared data in readable form, for `sift inspect`.

/// How scored tokens are marked.
enum class Marking {
  kColours,  ///< scored tokens green, others faint: for a terminal
  kBrackets  ///< scored tokens [[like this]]
};

/// The text of a document with its scored tokens marked. The first token of a document is never scored.
/// Control characters are shown as \xNN, so that data cannot send escape sequences to the terminal.
std::string marked_text(const Document& document, const Tokenizer& tokenizer, Marking marking);

/// A row with the statistics and texts of its documents.
std::string describe_row(const TokenDataset& dataset, std::int64_t row, const Tokenizer& tokenizer,
                         Marking marking);

/// A histogram of document lengths in tokens, with the shortest, mean and longest.
std::string length_histogram(const TokenDataset& dataset);

}  // namespace sift
