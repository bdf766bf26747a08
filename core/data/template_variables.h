#pragma once

#include <nlohmann/json.hpp>

#include "formats/json_fields.h"

namespace sift {

/// What a row gives to its chat template besides the messages: `tools`, a list of objects or JSON text of one
/// (a column of a table has a single type), and the members of `chat_template_kwargs`. Throws Error for other
/// values of the two.
nlohmann::ordered_json template_variables(const JsonFields& row);

}  // namespace sift
