#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/prepare.h"

namespace sift {

/// The arguments of prepare_data().
struct PrepareRequest {
  const std::vector<std::string>& files;
  const DataOptions& options;
  const TextProcessor& text;
  std::int64_t vocab_size = 0;
  Arrangement arrangement;
};

/// A folder of prepared data, so that repeated runs do not prepare the same data again. Its files may be
/// deleted at any time.
class TokenCache {
 public:
  /// `max_bytes` limits the size of the folder; 0: no limit.
  explicit TokenCache(std::filesystem::path folder, std::uint64_t max_bytes = 0)
      : folder_(std::move(folder)), max_bytes_(max_bytes) {}
  /// The cache of token_cache and token_cache_max_gb; nothing if it is off or "auto" finds no folder.
  static std::optional<TokenCache> of(const DataOptions& options);

  /// Identifies everything that the prepared data depends on: the content of the data files, of the tokenizer
  /// and of the chat template, the options of [data], and this build of Sift. Throws Error if a file cannot
  /// be read.
  static std::string key_of(const PrepareRequest& request);

  /// The mapped data, without the names of its files, marked as in use; nullopt if it is missing or
  /// damaged.
  std::optional<PreparedData> load(const std::string& key) const;
  /// Throws Error if it cannot be written.
  void store(const std::string& key, const PreparedData& data) const;
  /// Marks the data as used now, and as in use by this process while the result exists.
  std::shared_ptr<const void> use(const std::string& key) const;
  /// Evicts data until the folder is within its limit: the least recently used first, never data in use.
  /// Partial files of killed processes are removed after a day.
  void evict() const;

  std::filesystem::path file_of(const std::string& key) const { return folder_ / (key + ".tokens"); }

 private:
  std::filesystem::path folder_;
  std::uint64_t max_bytes_;
};

/// prepare_data() through the cache selected by the options. A failing cache only logs a warning.
PreparedData prepare_cached(const PrepareRequest& request);

}  // namespace sift
