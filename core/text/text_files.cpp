#include "text/text_files.h"

#include <nlohmann/json.hpp>

#include "base/file_text.h"
#include "formats/json_fields.h"
#include "formats/json_text.h"
#include "formats/model_files.h"

namespace sift {
namespace fs = std::filesystem;

TextFiles TextFiles::read(const fs::path& folder) {
  TextFiles files;
  files.folder_ = folder;
  for (const char* name : kTokenizerFiles) {
    if (fs::exists(folder / name)) files.contents_[name] = file_text(folder / name);
  }
  const fs::path templates = folder / kNamedTemplatesFolder;
  if (!fs::is_directory(templates)) return files;
  for (const auto& entry : fs::directory_iterator(templates)) {
    const fs::path name = fs::path(kNamedTemplatesFolder) / entry.path().filename();
    if (name.extension() == ".jinja" && entry.is_regular_file())
      files.contents_[name.string()] = file_text(entry.path());
  }
  return files;
}

nlohmann::ordered_json TextFiles::object(const std::string& name) const {
  if (!has(name)) return nlohmann::ordered_json::object();
  const auto json = parse_json<nlohmann::ordered_json>(text(name), path_of(name));
  return JsonFields(json, path_of(name)).object();
}

std::string TextFiles::path_of(const std::string& name) const {
  if (name == kChatTemplateFile && !template_file_.empty()) return template_file_.string();
  return (folder_ / name).string();
}

void TextFiles::set_chat_template(const fs::path& file) {
  std::erase_if(contents_, [](const auto& entry) { return entry.first.starts_with(kNamedTemplatesFolder); });
  contents_[kChatTemplateFile] = file_text(file);
  template_file_ = file;
}

}  // namespace sift
