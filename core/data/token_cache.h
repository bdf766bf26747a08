#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/prepare.h"

namespace sift {

/// What prepare_data() is asked for.
struct PrepareRequest {
  const std::vector<std::string>& files;
  const DataOptions& options;
  std::filesystem::path model_folder;  ///< that `text` was read from
  const TextProcessor& text;
  std::int64_t vocab_size = 0;
  Arrangement arrangement;
};

/// A folder of prepared data, so that the same run started again does not prepare it again. Whatever is in it
/// may be deleted at any time.
class TokenCache {
 public:
  explicit TokenCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// SIFT_CACHE, else XDG_CACHE_HOME/sift, else ~/.cache/sift; none with SIFT_CACHE=off, or without a home.
  static std::optional<TokenCache> of_environment();

  /// Names everything that the prepared data depends on: the content of the data files, of the tokenizer and
  /// of the chat template, the options of [data], and this build of Sift. Throws Error for a file that cannot
  /// be read.
  static std::string key_of(const PrepareRequest& request);

  /// The data mapped into memory, or nullopt when it is not there or damaged.
  std::optional<PreparedData> load(const std::string& key) const;
  /// Throws Error when it cannot be written.
  void store(const std::string& key, const PreparedData& data) const;

  std::filesystem::path file_of(const std::string& key) const { return folder_ / (key + ".tokens"); }

 private:
  std::filesystem::path folder_;
};

/// prepare_data() through the cache of the environment. A cache that fails costs time and a warning.
PreparedData prepare_cached(const PrepareRequest& request);

}  // namespace sift
