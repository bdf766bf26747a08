#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "data/data_options.h"
#include "data/prepared_row.h"
#include "formats/json_fields.h"
#include "text/text_processor.h"

namespace sift {

/// The TextProcessor of a model folder, with the overrides of [data]. Warns if assistant_only_loss would not
/// train the token that ends a turn.
TextProcessor text_processor(const std::filesystem::path& model_folder, const DataOptions& options);

/// Converts rows of data to token ids and labels, as TRL's SFTTrainer does. The form of a row is the
/// first of these that matches: ready_ids(); `prompt` and `completion`, as texts or as messages; `messages`
/// (or `conversations`); the text field. A key that is null is a missing one. Thread-safe.
class RowPreparer {
 public:
  RowPreparer(const TextProcessor& text, const DataOptions& options, std::int64_t vocab_size);

  /// The columns that a row may use.
  static std::vector<std::string> columns(const DataOptions& options);

  /// `row` is one line of a .jsonl file. Throws Error with the problem, without its location.
  PreparedRow prepare(std::string_view row) const;

 private:
  using Json = nlohmann::ordered_json;

  PreparedRow prepare(const JsonFields& row) const;
  PreparedRow from_text(const JsonFields& row) const;
  PreparedRow from_messages(const JsonFields& row, const char* key) const;
  PreparedRow from_texts(const JsonFields& row) const;          ///< prompt and completion
  PreparedRow from_message_lists(const JsonFields& row) const;  ///< prompt and completion
  /// Ids of the rendered messages and, with assistant_only_loss, the mask of the assistant's tokens. Messages
  /// before `first_scored` are never scored. `variables`: see template_variables().
  PreparedRow render(const Json& messages, const Json& variables, std::size_t first_scored) const;
  void refuse_completion_only(const std::string& found) const;

  const TextProcessor& text_;
  const DataOptions& options_;
  std::int64_t vocab_size_;
};

}  // namespace sift
