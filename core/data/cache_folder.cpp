#include "data/cache_folder.h"

#include <cstdlib>
#include <string>

#include "base/home_path.h"

namespace sift {

namespace fs = std::filesystem;

std::optional<fs::path> cache_folder(const DataOptions& options) {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  std::string chosen = options.token_cache;
  if (chosen == "auto") chosen = variable("SIFT_CACHE");
  if (chosen == "off") return std::nullopt;
  if (!chosen.empty()) return expand_home(chosen);
  if (const std::string caches = variable("XDG_CACHE_HOME"); !caches.empty())
    return fs::path(caches) / "sift";
  if (const std::string home = variable("HOME"); !home.empty()) return fs::path(home) / ".cache" / "sift";
  return std::nullopt;
}

Spill spill_of(const DataOptions& options) {
  return {cache_folder(options).value_or("")};
}

}  // namespace sift
