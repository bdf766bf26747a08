#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace sift {

/// The tokenizer files and templates of a model folder, read once: what a run encodes with is what it saves,
/// whatever happens to the folder meanwhile.
class TextFiles {
 public:
  /// kTokenizerFiles and the named templates, as far as they exist. Throws Error for one that cannot be read.
  static TextFiles read(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return folder_; }
  /// By path in the folder, such as "tokenizer.json" or "additional_chat_templates/tool_use.jinja".
  const std::map<std::string, std::string>& contents() const { return contents_; }
  bool has(const std::string& name) const { return contents_.contains(name); }
  const std::string& text(const std::string& name) const { return contents_.at(name); }
  /// As messages name the file.
  std::string path_of(const std::string& name) const;
  /// The JSON object of a file, empty if there is no such file. Throws Error that names the file.
  nlohmann::ordered_json object(const std::string& name) const;

  /// Replaces all templates by the content of this file.
  void set_chat_template(const std::filesystem::path& file);

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::string> contents_;
  std::filesystem::path template_file_;  ///< the file that was set, or empty
};

}  // namespace sift
