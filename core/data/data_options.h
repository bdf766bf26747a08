#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sift/options.h>

namespace sift {

/// The section [data]. Names and defaults are TRL's, except that "no limit" is 0 instead of Python's None.
struct DataOptions {
  std::vector<std::string> train;
  std::vector<std::string> eval;
  std::string dataset_text_field = "text";
  std::int64_t max_length = 1024;
  std::optional<bool> completion_only_loss;
  bool assistant_only_loss = false;
  std::string chat_template_path;
  std::string eos_token;
  bool shuffle_dataset = false;
  bool packing = false;
  std::string packing_strategy = "bfd";
  std::optional<bool> eval_packing;  ///< not set: same as packing
  bool cross_documents = false;
  bool padding_free = false;
  std::string token_cache = "auto";
  double token_cache_max_gb = 50;

  static void describe(Schema<DataOptions>& schema);
};

}  // namespace sift
