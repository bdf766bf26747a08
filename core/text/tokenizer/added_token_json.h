#pragma once

#include "formats/json_fields.h"
#include "text/tokenizer/added_tokens.h"

namespace sift::text {

/// An added token as an object with `content` and flags, without its id. Throws Error that names the field.
template <class Json>
AddedToken read_added_token(const BasicJsonFields<Json>& node) {
  AddedToken token;
  token.content = node.at("content").text();
  token.single_word = node.flag_or("single_word", false);
  token.lstrip = node.flag_or("lstrip", false);
  token.rstrip = node.flag_or("rstrip", false);
  token.special = node.flag_or("special", false);
  token.normalized = node.flag_or("normalized", !token.special);
  return token;
}

}  // namespace sift::text
