#include "config/named_flags.h"

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

}  // namespace

void name_flags(TomlTable& root) {
  name_flag(section_of(root, "train"), "include_num_input_tokens_seen", "all", "no");
  TomlTable* lora = section_of(root, "lora");
  name_flag(lora, "init_lora_weights", "true", "false");
  name_regex(lora, "target_modules");
  name_regex(lora, "exclude_modules");
}

}  // namespace sift
