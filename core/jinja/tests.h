#pragma once

#include <string_view>

#include "jinja/value.h"

namespace sift::jinja {

/// One `is` test.
using Test = bool (*)(RenderContext& context, const Value& input, const Arguments& arguments);

/// Null when there is no such test.
Test find_test(std::string_view name);

}  // namespace sift::jinja
