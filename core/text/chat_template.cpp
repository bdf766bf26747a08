#include "text/chat_template.h"

#include <fmt/format.h>

#include <limits>

#include <sift/error.h>
#include "base/utf8.h"
#include "formats/exact_json.h"
#include "jinja/big_integer.h"
#include "jinja/globals.h"
#include "jinja/interpreter.h"
#include "jinja/parser.h"

namespace sift {
namespace {

using jinja::Value;
using Json = nlohmann::ordered_json;

Value text_value(const std::string& text) {
  if (find_invalid_utf8(text) != std::string_view::npos)
    throw Error("the variables of a chat template must be valid UTF-8");
  return Value(text);
}

Value to_value(const Json& json, int depth) {
  if (depth > jinja::kMaxValueDepth) throw Error("the variables of a chat template are nested too deep");
  switch (json.type()) {
    case Json::value_t::boolean:
      return Value(json.get<bool>());
    case Json::value_t::number_integer:
      return Value(json.get<std::int64_t>());
    case Json::value_t::number_unsigned:
      if (json.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return Value(std::make_shared<jinja::BigInteger>(std::to_string(json.get<std::uint64_t>())));
      }
      return Value(json.get<std::int64_t>());
    case Json::value_t::number_float:
      return Value(json.get<double>());
    case Json::value_t::string:
      return text_value(json.get_ref<const std::string&>());
    case Json::value_t::array: {
      std::vector<Value> items;
      items.reserve(json.size());
      for (const Json& item : json) items.push_back(to_value(item, depth + 1));
      return Value::list(std::move(items));
    }
    case Json::value_t::object: {
      jinja::Dict dict;
      dict.items.reserve(json.size());
      for (const auto& [key, item] : json.items())
        dict.items.emplace_back(text_value(key), to_value(item, depth + 1));
      return Value(std::move(dict));
    }
    case Json::value_t::binary:
      return Value(std::make_shared<jinja::BigInteger>(*big_integer(json)));
    default:
      return Value();
  }
}

}  // namespace

struct ChatTemplate::Parsed {
  std::string source;  // normalised
  std::string name;
  std::function<std::time_t()> clock;
  jinja::Template tree;

  [[noreturn]] void fail(std::size_t offset, const std::string& message) const {
    std::size_t line = 1;
    std::size_t start = 0;
    for (std::size_t at = 0; at < offset && at < source.size(); ++at) {
      if (source[at] != '\n') continue;
      ++line;
      start = at + 1;
    }
    std::size_t column = count_code_points(std::string_view(source).substr(start, offset - start)) + 1;
    throw Error(fmt::format("{}:{}:{}: {}", name, line, column, message));
  }

  /// The variables and built-ins that the template mentions: the rest of the context is never converted.
  jinja::ScopePtr variables(const Json& context) const {
    auto scope = std::make_shared<jinja::Scope>();
    for (std::size_t id = 0; id < tree.symbols.size(); ++id) {
      const std::string& symbol = tree.symbols[id];
      auto found = context.find(symbol);
      if (found != context.end()) {
        scope->variables.emplace_back(static_cast<jinja::SymbolId>(id), to_value(*found, 1));
      } else if (auto global = jinja::find_global(symbol)) {
        scope->variables.emplace_back(static_cast<jinja::SymbolId>(id), std::move(*global));
      }
    }
    return scope;
  }
};

ChatTemplate::ChatTemplate(const std::string& source, std::string name, std::function<std::time_t()> clock)
    : parsed_(std::make_unique<Parsed>()) {
  parsed_->source = jinja::normalize_source(source);
  parsed_->name = std::move(name);
  parsed_->clock = clock ? std::move(clock) : [] { return std::time(nullptr); };
  if (find_invalid_utf8(parsed_->source) != std::string_view::npos)
    throw Error(parsed_->name + ": a chat template must be valid UTF-8");
  try {
    parsed_->tree = jinja::Parser(parsed_->source).parse();
  } catch (const jinja::SyntaxFault& fault) {
    parsed_->fail(fault.offset(), fault.message());
  } catch (const jinja::Fault& fault) {
    throw Error(fmt::format("{}: {}", parsed_->name, fault.what()));
  }
}

ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;

bool ChatTemplate::has_generation_blocks() const {
  return parsed_->tree.has_generation;
}

RenderedChat ChatTemplate::render(const Json& context) const {
  if (!context.is_object())
    throw Error(parsed_->name + ": the variables of a chat template must be an object");
  jinja::RenderContext render_context(parsed_->clock);
  jinja::ScopePtr variables;
  try {
    variables = parsed_->variables(context);
  } catch (const jinja::Fault& fault) {
    throw Error(fmt::format("{}: {}", parsed_->name, fault.what()));
  }
  jinja::Interpreter interpreter(parsed_->tree, render_context, std::move(variables));
  try {
    interpreter.run();
  } catch (const jinja::Fault& fault) {
    parsed_->fail(interpreter.where(), fault.what());
  }
  return {interpreter.text(), interpreter.spans()};
}

}  // namespace sift
