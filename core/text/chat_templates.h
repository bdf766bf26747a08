#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "text/chat_template.h"
#include "text/text_files.h"

namespace sift {

/// The chat templates of a model folder by name. Most folders have one, "default"; a row with tools takes the
/// one named "tool_use" where there is one, as in transformers.
class ChatTemplates {
 public:
  /// Template files count before the entries of tokenizer_config.json. With `assistant_only_loss` a template
  /// may be replaced by its training_template(). Throws Error for a template that cannot be read.
  static ChatTemplates read(const TextFiles& files, bool assistant_only_loss);

  bool empty() const { return names_.empty(); }
  /// Throws Error: it lists the names if none fits, and says how to give a template to a model without any.
  const ChatTemplate& of_row(bool has_tools) const;

 private:
  std::map<std::string, ChatTemplate> templates_;  ///< those that a row can take
  std::string names_;                              ///< of all
  std::string folder_;
};

}  // namespace sift
