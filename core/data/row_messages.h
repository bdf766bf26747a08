#pragma once

#include <nlohmann/json.hpp>

#include "formats/json_fields.h"

namespace sift {

/// A list of messages as chat templates get it: `from` and `value` (ShareGPT) become `role` and `content`, as
/// in TRL, and the keys of a message that are null are left out, as in transformers. Nulls further inside are
/// data. Throws Error for anything but a list of at least one object with a role, and for images.
nlohmann::ordered_json row_messages(const JsonFields& list);

}  // namespace sift
