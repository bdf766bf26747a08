#include "text/chat_templates.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include <sift/error.h>
#include <sift/log.h>
#include "formats/json_fields.h"
#include "formats/model_files.h"
#include "text/training_template.h"

namespace sift {
namespace {

constexpr const char* kDefault = "default";
constexpr const char* kToolUse = "tool_use";

struct Source {
  std::string text;
  std::string where;
};
using Sources = std::map<std::string, Source>;

Sources sources_of_files(const TextFiles& files) {
  Sources sources;
  for (const auto& [name, text] : files.contents()) {
    const std::filesystem::path path(name);
    if (name == kChatTemplateFile) {
      sources[kDefault] = {text, files.path_of(name)};
    } else if (path.parent_path() == kNamedTemplatesFolder) {
      sources[path.stem().string()] = {text, files.path_of(name)};
    }
  }
  return sources;
}

/// One text, or a list of named ones.
Sources sources_of_config(const TextFiles& files) {
  Sources sources;
  const nlohmann::ordered_json config = files.object(kTokenizerConfigFile);
  const auto found = JsonFields(config, files.path_of(kTokenizerConfigFile)).find("chat_template");
  if (!found) return sources;
  if (found->value().is_string()) sources[kDefault] = {found->text(), found->where()};
  if (!found->value().is_array()) return sources;
  for (const JsonFields& named : found->elements()) {
    const std::string name = named.text("name");
    sources[name] = {named.text("template"), fmt::format("{} ({})", found->where(), name)};
  }
  return sources;
}

ChatTemplate parse(const Source& source, bool assistant_only_loss) {
  ChatTemplate stock(source.text, source.where);
  if (!assistant_only_loss || stock.has_generation_blocks()) return stock;
  const auto edited = training_template(source.text);
  if (!edited) return stock;
  log_info(
      "chat template: it removes thinking; for assistant_only_loss every assistant turn keeps its thinking, "
      "as in TRL");
  return ChatTemplate(*edited, source.where + ", as edited for assistant_only_loss");
}

}  // namespace

ChatTemplates ChatTemplates::read(const TextFiles& files, bool assistant_only_loss) {
  ChatTemplates templates;
  templates.folder_ = files.folder().string();
  Sources sources = sources_of_files(files);
  if (sources.empty()) sources = sources_of_config(files);
  for (const auto& [name, source] : sources) {
    templates.names_ += (templates.names_.empty() ? "" : ", ") + name;
    // no row can take the others, so that their faults do not matter
    if (name == kDefault || name == kToolUse)
      templates.templates_.emplace(name, parse(source, assistant_only_loss));
  }
  return templates;
}

const ChatTemplate& ChatTemplates::of_row(bool has_tools) const {
  if (empty()) {
    throw Error(
        fmt::format("{}: the data holds messages, but the model folder has no chat template "
                    "(chat_template.jinja); give one with "
                    "chat_template_path in [data]",
                    folder_));
  }
  const auto tool_use = templates_.find(kToolUse);
  if (has_tools && tool_use != templates_.end()) return tool_use->second;
  if (const auto fallback = templates_.find(kDefault); fallback != templates_.end()) return fallback->second;
  throw Error(fmt::format(
      "{}: no chat template is named default, and the row {} tools; the templates are: {}; choose "
      "one with chat_template_path in [data]",
      folder_, has_tools ? "has" : "has no", names_));
}

}  // namespace sift
