#pragma once

#include <cstdint>
#include <string>

#include "data/dataset.h"
#include "text/tokenizer.h"

namespace sift {

// Prepared data for the eyes of a user: `sift inspect`.

/// How scored tokens are told from the others.
enum class Marking {
  kColours,  ///< scored green, the others faint: for a terminal
  kBrackets  ///< scored [[like this]]
};

/// The text of a document with its scored tokens marked: those that are a target of the loss, which the first
/// token of a document never is. Control characters are shown as \xNN, so that data cannot steer a terminal.
std::string marked_text(const Document& document, const Tokenizer& tokenizer, Marking marking);

/// A row with the statistics and texts of its documents.
std::string describe_row(const TokenDataset& dataset, std::int64_t row, const Tokenizer& tokenizer,
                         Marking marking);

/// How many documents have which length, in tokens, with shortest, mean and longest.
std::string length_histogram(const TokenDataset& dataset);

}  // namespace sift
