#include "data/template_variables.h"

#include <fmt/format.h>

#include <sift/error.h>
#include "formats/exact_json.h"

namespace sift {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kExpected = "expected a list of objects, or JSON text of one";

Json parsed_tools(const JsonFields& tools) {
  if (!tools.value().is_string()) return tools.value();
  try {
    return parse_exact_json(tools.text());
  } catch (const Error& error) {
    tools.refuse(fmt::format("{} ({})", kExpected, error.what()));
  }
}

Json tools_of(const JsonFields& field) {
  Json tools = parsed_tools(field);
  if (tools.is_null()) return tools;  // the text "null", as in TRL
  const JsonFields list(tools, {}, field.path());
  if (!tools.is_array()) list.refuse(kExpected);
  for (const JsonFields& tool : list.elements()) {
    if (!tool.value().is_object()) tool.refuse("expected an object, the JSON schema of a function");
  }
  return tools;
}

}  // namespace

Json template_variables(const JsonFields& row) {
  Json variables = Json::object();
  if (const auto tools = row.find("tools")) variables["tools"] = tools_of(*tools);
  if (const auto extra = row.find("chat_template_kwargs")) variables.update(extra->object());
  return variables;
}

}  // namespace sift
