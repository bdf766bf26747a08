#include <dlfcn.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>
#include <string>

#include "data/content_hash.h"
#include "data/data_files.h"
#include "data/data_format.h"
#include "data/data_options.h"
#include "data/token_cache.h"

namespace sift {
namespace fs = std::filesystem;
namespace {

/// Identifies this build of the library: a change of the preparation code gives another build.
std::string build_of_sift() {
  ::Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&content_hash), &info) == 0) return "unknown";
  std::error_code ignored;
  const fs::path file(info.dli_fname);
  return fmt::format("{} {}", fs::file_size(file, ignored),
                     fs::last_write_time(file, ignored).time_since_epoch().count());
}

std::string options_lines(const DataOptions& options) {
  Schema<DataOptions> schema;
  DataOptions::describe(schema);
  std::string text;
  for (const OptionSpec& spec : schema.specs()) {
    // the key depends on the content of files, not on their names or on the place of the cache
    if (spec.key == "train" || spec.key == "eval" || spec.key == "chat_template_path" ||
        spec.key.starts_with("token_cache")) {
      continue;
    }
    text += fmt::format("{} = {}\n", spec.key, to_toml(spec.get(&options)));
  }
  return text;
}

}  // namespace

std::string TokenCache::key_of(const PrepareRequest& request) {
  std::string text =
      fmt::format("build {}\nvocabulary {}\npacking {}\nshuffle {}\n{}", build_of_sift(), request.vocab_size,
                  request.arrangement.packing, request.arrangement.shuffle_seed.value_or(-1),
                  options_lines(request.options));
  bool tells_the_date = false;
  // they include the template of chat_template_path; the class is config.json's part in the ids
  text += request.text.class_name() + "\n";
  for (const auto& [name, content] : request.text.files()->contents()) {
    text += fmt::format("{} {}\n", name, content_hash(content));
    tells_the_date = tells_the_date || content.find("strftime_now") != std::string::npos;
  }
  if (tells_the_date) text += fmt::format("{:%F}\n", fmt::localtime(std::time(nullptr)));
  for (const std::string& path : data_files(request.files))
    text += fmt::format("{} {}\n", content_hash_of_file(path), static_cast<int>(data_format(path)));
  return content_hash(text);
}

}  // namespace sift
