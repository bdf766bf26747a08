#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "jinja/arguments.h"
#include "jinja/big_integer.h"
#include "jinja/filters.h"
#include "jinja/operators.h"

/// Python's json.dumps.
namespace sift::jinja {
namespace {

struct Style {
  bool ensure_ascii = false;
  bool sort_keys = false;
  bool multi_line = false;
  std::string indent;  // of one level
  std::string item_separator = ", ";
  std::string key_separator = ": ";
};

class Dumper {
 public:
  explicit Dumper(const Style& style) : style_(style) {}

  std::string dump(const Value& value) {
    append(value, 0);
    return std::move(out_);
  }

 private:
  void append(const Value& value, int level) {
    if (out_.size() > kMaxTextBytes) throw Fault(fmt::format("text longer than {} bytes", kMaxTextBytes));
    switch (value.kind()) {
      case Kind::kNone:
        out_ += "null";
        return;
      case Kind::kBool:
        out_ += value.as_bool() ? "true" : "false";
        return;
      case Kind::kInt:
        out_ += fmt::format("{}", value.integer());
        return;
      case Kind::kFloat:
        out_ += number(value.real());
        return;
      case Kind::kString:
        append_text(value.text());
        return;
      case Kind::kList:
      case Kind::kTuple:
        append_list(value.items(), level);
        return;
      case Kind::kDict:
        append_dict(value.as_dict(), level);
        return;
      default:
        if (const auto big = value.object_as<BigInteger>()) {
          out_ += big->digits();
          return;
        }
        throw Fault(fmt::format("object of type {} is not JSON serializable", value.type_name()));
    }
  }

  static std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    return format_float(value);
  }

  void new_line(int level) {
    if (!style_.multi_line) return;
    out_ += '\n';
    for (int i = 0; i < level; ++i) out_ += style_.indent;
  }

  void append_list(const std::vector<Value>& items, int level) {
    if (items.empty()) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    bool first = true;
    for (const Value& item : items) {
      if (!first) out_ += style_.item_separator;
      first = false;
      new_line(level + 1);
      append(item, level + 1);
    }
    new_line(level);
    out_ += ']';
  }

  void append_dict(const Dict& dict, int level) {
    if (dict.items.empty()) {
      out_ += "{}";
      return;
    }
    std::vector<const std::pair<Value, Value>*> items;
    for (const auto& item : dict.items) items.push_back(&item);
    if (style_.sort_keys) {
      std::stable_sort(items.begin(), items.end(),
                       [](const auto* a, const auto* b) { return less(a->first, b->first); });
    }
    out_ += '{';
    bool first = true;
    for (const auto* item : items) {
      if (!first) out_ += style_.item_separator;
      first = false;
      new_line(level + 1);
      append_key(item->first);
      out_ += style_.key_separator;
      append(item->second, level + 1);
    }
    new_line(level);
    out_ += '}';
  }

  void append_key(const Value& key) {
    switch (key.kind()) {
      case Kind::kString:
        append_text(key.text());
        return;
      case Kind::kNone:
        append_text("null");
        return;
      case Kind::kBool:
        append_text(key.as_bool() ? "true" : "false");
        return;
      case Kind::kInt:
        append_text(fmt::format("{}", key.integer()));
        return;
      case Kind::kFloat:
        append_text(number(key.real()));
        return;
      default:
        throw Fault(fmt::format("keys must be str, int, float, bool or None, not {}", key.type_name()));
    }
  }

  void append_text(std::string_view text) {
    static constexpr std::string_view kPlain = "\"\\\n\r\t\f\b";
    static constexpr std::string_view kEscapes = "\"\\nrtfb";
    out_ += '"';
    for (std::size_t at = 0; at < text.size();) {
      std::size_t start = at;
      std::uint32_t c = next_code_point(text, at);
      std::size_t special = c < 0x80 ? kPlain.find(static_cast<char>(c)) : std::string_view::npos;
      if (special != std::string_view::npos) {
        out_ += '\\';
        out_ += kEscapes[special];
      } else if (c < 0x20 || (style_.ensure_ascii && c >= 0x7F && c < 0x10000)) {
        out_ += fmt::format("\\u{:04x}", c);
      } else if (style_.ensure_ascii && c >= 0x10000) {
        out_ += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((c - 0x10000) >> 10U),
                            0xDC00 + ((c - 0x10000) & 0x3FFU));
      } else {
        out_ += text.substr(start, at - start);
      }
    }
    out_ += '"';
  }

  const Style& style_;
  std::string out_;
};

}  // namespace

Value to_json(RenderContext& /*context*/, const Value& input, const Arguments& arguments) {
  Bound bound("tojson", {"ensure_ascii", "indent", "separators", "sort_keys"}, 0, arguments);
  Style style;
  style.ensure_ascii = bound.flag(0, false);
  if (bound.present(1)) {
    style.multi_line = true;
    style.item_separator.resize(1);  // the blank goes, line ends do its work
    if (bound[1].is_string()) {
      style.indent = bound.text(1);
    } else {
      std::int64_t width = std::max<std::int64_t>(bound.integer(1), 0);
      if (width > 1000) throw Fault("tojson: indent too large");
      style.indent = std::string(static_cast<std::size_t>(width), ' ');
    }
  }
  if (bound.present(2)) {
    std::vector<Value> separators = to_items(bound[2]);
    if (separators.size() != 2 || !separators[0].is_string() || !separators[1].is_string()) {
      throw Fault("tojson: separators must be a pair of texts");
    }
    style.item_separator = separators[0].text();
    style.key_separator = separators[1].text();
  }
  style.sort_keys = bound.flag(3, false);
  return Value(Dumper(style).dump(input));
}

}  // namespace sift::jinja
