#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/data_options.h"
#include "text/text_processor.h"

namespace sift {

/// The TextProcessor of a model folder, with the overrides of [data].
TextProcessor text_processor(const std::filesystem::path& model_folder, const DataOptions& options);

/// A row before truncation. Each label is the token at its position, or kIgnoreIndex.
struct PreparedRow {
  std::vector<std::int32_t> input_ids;
  std::vector<std::int32_t> labels;
  bool prompt_is_prefix = true;    ///< false: the tokens of the prompt differ with and without the completion
  bool spans_by_prefixes = false;  ///< the assistant spans were found by assistant_spans_by_prefixes()
};

/// Converts rows of data to token ids and labels, as TRL's SFTTrainer does. The form of a row is the
/// first of these that matches: ready `input_ids` (with `labels`, or `completion_mask` and
/// `assistant_masks`); `messages` (or `conversations`); `prompt` and `completion`, as texts or as messages;
/// the text field. Thread-safe.
class RowPreparer {
 public:
  RowPreparer(const TextProcessor& text, const DataOptions& options, std::int64_t vocab_size);

  /// The columns that a row may use.
  static std::vector<std::string> columns(const DataOptions& options);

  /// `row` is one line of a .jsonl file. Throws Error with the problem, without its location.
  PreparedRow prepare(std::string_view row) const;

 private:
  using Json = nlohmann::ordered_json;
  struct Masks;

  PreparedRow from_ids(const Json& row) const;
  PreparedRow from_text(const Json& row) const;
  PreparedRow from_messages(const Json& row, const Json& messages) const;
  PreparedRow from_prompt_completion(const Json& row) const;
  /// Ids of the rendered messages and, with assistant_only_loss, the mask of the assistant's tokens. Messages
  /// before `first_scored` are never scored.
  PreparedRow render(const Json& row, const Json& messages, std::size_t first_scored) const;
  void require_completion_mask(const char* format) const;

  const TextProcessor& text_;
  const DataOptions& options_;
  std::int64_t vocab_size_;
};

}  // namespace sift
