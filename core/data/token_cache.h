#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
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
  /// `max_bytes` limits the size of the folder; 0: no limit.
  explicit TokenCache(std::filesystem::path folder, std::uint64_t max_bytes = 0)
      : folder_(std::move(folder)), max_bytes_(max_bytes) {}
  /// As token_cache and token_cache_max_gb say; none where it is off, or "auto" finds no home for it.
  static std::optional<TokenCache> of(const DataOptions& options);

  /// Names everything that the prepared data depends on: the content of the data files, of the tokenizer and
  /// of the chat template, the options of [data], and this build of Sift. Throws Error for a file that cannot
  /// be read.
  static std::string key_of(const PrepareRequest& request);

  /// The data mapped into memory but for the names of its files, in use from now on, or nullopt when it is
  /// not there or damaged.
  std::optional<PreparedData> load(const std::string& key) const;
  /// Throws Error when it cannot be written.
  void store(const std::string& key, const PreparedData& data) const;
  /// Marks the data as used, now, and by this process for as long as the result lives.
  std::shared_ptr<const void> use(const std::string& key) const;
  /// Removes data until the folder holds no more than it may: what was not used for longest first, nothing
  /// that is in use. What killed processes left half written goes a day later.
  void evict() const;

  std::filesystem::path file_of(const std::string& key) const { return folder_ / (key + ".tokens"); }

 private:
  std::filesystem::path folder_;
  std::uint64_t max_bytes_;
};

/// prepare_data() through the cache that the options name. A cache that fails costs time and a warning.
PreparedData prepare_cached(const PrepareRequest& request);

}  // namespace sift
