#include "config/named_flags.h"

#include <map>
#include <set>
#include <string>
#include <variant>

namespace sift {

namespace {

TomlTable* section_of(TomlTable& root, const char* name) {
  TomlEntry* section = find_entry(root, name);
  return section ? std::get_if<TomlTable>(&section->value.data) : nullptr;
}

void name_flag(TomlTable* options, const char* key, const char* if_true, const char* if_false) {
  TomlEntry* option = options ? find_entry(*options, key) : nullptr;
  const bool* flag = option ? std::get_if<bool>(&option->value.data) : nullptr;
  if (flag) option->value.data = std::string(*flag ? if_true : if_false);
}

void name_regex(TomlTable* options, const std::string& key) {
  TomlEntry* option = options ? find_entry(*options, key) : nullptr;
  const std::string* text = option ? option->value.string() : nullptr;
  if (text && *text != "all-linear") option->key = key + "_regex";
}

/// By section, those whose false is TRL's default and all that Sift can do.
const std::map<std::string, std::set<std::string>>& idle_flags() {
  static const std::map<std::string, std::set<std::string>> flags = {
      {"model", {"load_in_8bit", "trust_remote_code"}},
      {"train",
       {"auto_find_batch_size", "bf16_full_eval", "fp16", "fp16_full_eval", "push_to_hub", "tf32",
        "torch_compile", "use_liger_kernel"}}};
  return flags;
}

}  // namespace

void name_flags(TomlTable& root) {
  name_flag(section_of(root, "train"), "include_num_input_tokens_seen", "all", "no");
  TomlTable* lora = section_of(root, "lora");
  name_flag(lora, "init_lora_weights", "true", "false");
  name_regex(lora, "target_modules");
  name_regex(lora, "exclude_modules");
}

void drop_idle_flags(TomlTable& root) {
  for (const auto& entry : idle_flags()) {
    const std::set<std::string>& flags = entry.second;
    TomlTable* options = section_of(root, entry.first.c_str());
    if (!options) continue;
    std::erase_if(*options, [&](const TomlEntry& option) {
      const bool* flag = std::get_if<bool>(&option.value.data);
      return flag && !*flag && flags.contains(option.key);
    });
  }
}

}  // namespace sift
