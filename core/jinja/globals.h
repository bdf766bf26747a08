#pragma once

#include <string_view>

#include "jinja/value.h"

namespace sift::jinja {

/// raise_exception, strftime_now, namespace, range, dict, cycler, joiner; nothing for other names.
std::optional<Value> find_global(std::string_view name);

}  // namespace sift::jinja
