#include "config/named_flags.h"

#include <string>
#include <variant>

namespace sift {

void name_flags(TomlTable& root) {
  TomlEntry* train = find_entry(root, "train");
  auto* options = train ? std::get_if<TomlTable>(&train->value.data) : nullptr;
  TomlEntry* option = options ? find_entry(*options, "include_num_input_tokens_seen") : nullptr;
  const bool* flag = option ? std::get_if<bool>(&option->value.data) : nullptr;
  if (flag) option->value.data = std::string(*flag ? "all" : "no");
}

}  // namespace sift
