#include "data/inspect_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include <sift/tensors.h>
#include "data/collate.h"

namespace sift {
namespace {

constexpr int kBars = 10;
constexpr std::int64_t kBarWidth = 50;

std::string without_control_characters(std::string_view text) {
  std::string shown;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    const bool control = (code < 0x20 && letter != '\n' && letter != '\t') || code == 0x7F;
    if (control) {
      shown += fmt::format("\\x{:02X}", code);
    } else {
      shown += letter;
    }
  }
  return shown;
}

bool is_scored(const Document& document, std::size_t token) {
  return token > 0 && document.labels[token] != kIgnoreIndex;
}

std::string marked(const std::string& text, bool scored, Marking marking) {
  if (text.empty()) return text;
  if (marking == Marking::kBrackets) return scored ? "[[" + text + "]]" : text;
  return (scored ? "\x1b[32m" : "\x1b[2m") + text + "\x1b[0m";
}

/// The smallest of 1, 2, 5, 10, ... tokens per bar that needs at most kBars bars.
std::int64_t bar_step(std::int64_t longest) {
  for (std::int64_t power = 1;; power *= 10) {
    for (const std::int64_t digit : {1, 2, 5}) {
      if (digit * power * kBars >= longest) return digit * power;
    }
  }
}

/// The number of documents of each length.
std::map<std::int64_t, std::int64_t> documents_by_length(const TokenDataset& dataset) {
  std::map<std::int64_t, std::int64_t> counts;
  dataset.each_row([&](std::int64_t row) {
    for (const Document& document : dataset.documents(row))
      ++counts[static_cast<std::int64_t>(document.input_ids.size())];
  });
  return counts;
}

}  // namespace

std::string marked_text(const Document& document, const Tokenizer& tokenizer, Marking marking) {
  std::string result;
  std::string so_far;
  for (std::size_t begin = 0; begin < document.input_ids.size();) {
    const bool scored = is_scored(document, begin);
    std::size_t end = begin + 1;
    while (end < document.input_ids.size() && is_scored(document, end) == scored) ++end;
    // decoded from the start of the document: the text of a token depends on the tokens before it
    std::string whole = tokenizer.decode(document.input_ids.first(end), /*skip_special_tokens=*/false);
    const std::size_t known = std::min(so_far.size(), whole.size());
    result += marked(without_control_characters(std::string_view(whole).substr(known)), scored, marking);
    so_far = std::move(whole);
    begin = end;
  }
  return result;
}

std::string describe_row(const TokenDataset& dataset, std::int64_t row, const Tokenizer& tokenizer,
                         Marking marking) {
  const std::vector<Document> documents = dataset.documents(row);
  std::string text = fmt::format("--- row {}: {} tokens, {} scored", row, dataset.input_ids(row).size(),
                                 num_scored(dataset, row));
  if (documents.size() > 1) text += fmt::format(", {} documents", documents.size());
  text += "\n";
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (documents.size() > 1) {
      text += fmt::format("- document {}: {} tokens, {} scored\n", i, documents[i].input_ids.size(),
                          num_scored(documents[i].labels));
    }
    text += marked_text(documents[i], tokenizer, marking) + "\n";
  }
  return text;
}

std::string length_histogram(const TokenDataset& dataset) {
  if (dataset.num_documents() == 0) return "no documents\n";
  const std::map<std::int64_t, std::int64_t> documents = documents_by_length(dataset);
  const std::int64_t shortest = documents.begin()->first, longest = documents.rbegin()->first;
  const std::int64_t step = bar_step(longest);
  std::vector<std::int64_t> counts(
      static_cast<std::size_t>((std::max<std::int64_t>(1, longest) + step - 1) / step), 0);
  for (const auto& [length, count] : documents)
    counts[static_cast<std::size_t>(std::max<std::int64_t>(0, length - 1) / step)] += count;

  const double mean =
      static_cast<double>(dataset.num_tokens()) / static_cast<double>(dataset.num_documents());
  std::string text =
      fmt::format("tokens per document: {} to {}, {:.1f} on average\n", shortest, longest, mean);
  const std::int64_t most = *std::ranges::max_element(counts);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::int64_t first = static_cast<std::int64_t>(i) * step + 1;
    // rounded up, so that every nonzero count is visible
    const std::int64_t bar = (counts[i] * kBarWidth + most - 1) / most;
    text += fmt::format("{:>7} - {:<7} {:>9} {}\n", first, first + step - 1, counts[i],
                        std::string(static_cast<std::size_t>(bar), '#'));
  }
  return text;
}

}  // namespace sift
