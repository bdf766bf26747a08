#pragma once

#include <string>
#include <vector>

#include "model/model_config.h"
#include "text/tokenizer/pcre.h"

namespace sift {

/// The modules that keep their type while others are quantised: llm_int8_skip_modules, by the rule of
/// transformers 5.24 (should_convert_module). A name is the end of a path ("o_proj"), or a regular expression
/// for its beginning, up to a dot or the end of the path ("model.layers.0", ".*mlp").
class SkippedModules {
 public:
  /// Throws Error for an invalid expression.
  explicit SkippedModules(const std::vector<std::string>& names);

  /// `module`: a path, "model.layers.0.mlp.up_proj".
  bool contains(const std::string& module) const;

 private:
  std::vector<std::string> names_;
  std::vector<text::PcreCode> beginnings_;
};

/// Throws Error, which lists the modules, for a name that matches none that has weights.
void check_skipped_modules(const std::vector<std::string>& names, const ModelConfig& config);

}  // namespace sift
