#include <fmt/format.h>

#include "base/utf8.h"
#include "jinja/attributes.h"
#include "jinja/number_format.h"
#include "jinja/operators.h"

/// The method str.format, without attributes and items of the arguments and without nested placeholders.
namespace sift::jinja {
namespace {

class Formatter {
 public:
  Formatter(const std::string& format, const Arguments& arguments) : format_(format), arguments_(arguments) {}

  std::string run() {
    while (at_ < format_.size()) {
      char c = format_[at_++];
      bool doubled = at_ < format_.size() && format_[at_] == c;
      if ((c == '{' || c == '}') && doubled) {
        out_ += c;
        ++at_;
      } else if (c == '{') {
        append_field();
      } else if (c == '}') {
        throw Fault("single '}' encountered in format string");
      } else {
        out_ += c;
      }
      if (out_.size() > kMaxTextBytes) throw Fault(fmt::format("text longer than {} bytes", kMaxTextBytes));
    }
    return std::move(out_);
  }

 private:
  void append_field() {
    std::size_t end = format_.find_first_of("{}", at_);
    if (end == std::string::npos) throw Fault("expected '}' before end of string");
    if (format_[end] == '{') throw Fault("nested placeholders are not supported");
    std::string_view field(format_.data() + at_, end - at_);
    at_ = end + 1;
    std::size_t name_end = std::min(field.find_first_of("!:"), field.size());
    Value value = find_argument(std::string(field.substr(0, name_end)));
    std::string_view rest = field.substr(name_end);
    if (rest.starts_with('!')) {
      if (rest.size() < 2 || (rest.size() > 2 && rest[2] != ':'))
        throw Fault("expected ':' after conversion specifier");
      if (rest[1] != 's' && rest[1] != 'r')
        throw Fault(fmt::format("conversion '{}' is not supported", rest[1]));
      value = Value(rest[1] == 's' ? to_text(value) : to_repr(value));
      rest = rest.substr(2);
    }
    std::string_view spec = rest.empty() ? rest : rest.substr(1);
    out_ += spec.empty() ? to_text(value) : formatted(value, parse(spec));
  }

  Value find_argument(const std::string& name) {
    if (name.find_first_of(".[") != std::string::npos) {
      throw Fault("attributes and items in placeholders are not supported");
    }
    bool numbered = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
    if (name.empty() || numbered) {
      if ((numbered && automatic_ > 0) || (!numbered && manual_)) {
        throw Fault("cannot mix automatic and manual numbering of placeholders");
      }
      manual_ = manual_ || numbered;
      std::size_t index = numbered ? (name.size() > 6 ? std::string::npos : std::stoul(name)) : automatic_++;
      if (index >= arguments_.positional.size()) throw Fault("a placeholder has no positional argument");
      return arguments_.positional[index];
    }
    for (const auto& [key, value] : arguments_.named) {
      if (key == name) return value;
    }
    throw Fault(fmt::format("placeholder '{}' has no argument", name));
  }

  static Layout parse(std::string_view spec) {
    Layout layout;
    std::size_t at = 0;
    std::size_t behind_fill = 0;
    next_code_point(spec, behind_fill);
    auto is_align = [&spec](std::size_t i) {
      return i < spec.size() && std::string_view("<>^=").find(spec[i]) != std::string::npos;
    };
    if (is_align(behind_fill)) {
      layout.fill = spec.substr(0, behind_fill);
      layout.align = spec[behind_fill];
      at = behind_fill + 1;
    } else if (is_align(0)) {
      layout.align = spec[at++];
    }
    auto skip = [&](char c) { return at < spec.size() && spec[at] == c ? (++at, true) : false; };
    if (skip('+')) layout.sign = '+';
    if (layout.sign == 0 && skip(' ')) layout.sign = ' ';
    if (layout.sign == 0) skip('-');
    layout.alternate = skip('#');
    if (skip('0') && layout.align == 0) {
      layout.fill.assign(1, '0');
      layout.align = '=';
    }
    auto number = [&] {
      std::int64_t value = 0;
      for (; at < spec.size() && spec[at] >= '0' && spec[at] <= '9'; ++at) {
        value = value * 10 + (spec[at] - '0');
        if (value > 1'000'000) throw Fault("the width of a placeholder is too large");
      }
      return value;
    };
    layout.width = number();
    if (skip(',')) layout.grouping = ',';
    if (layout.grouping == 0 && skip('_')) layout.grouping = '_';
    if (skip('.')) {
      std::size_t before = at;
      layout.precision = number();
      if (at == before) throw Fault("format specifier missing precision");
    }
    if (at < spec.size()) layout.type = spec[at++];
    if (at < spec.size()) throw Fault(fmt::format("invalid format specifier '{}'", spec));
    return layout;
  }

  static std::string formatted(const Value& value, const Layout& layout) {
    static constexpr std::string_view kRealTypes = "eEfFgG%";
    if (value.is_string()) return formatted_text(value, layout);
    bool real = layout.type != 0 && kRealTypes.find(layout.type) != std::string_view::npos;
    if (value.is_number() && real) return format_real(value.real(), layout);
    if (value.is_bool() && layout.type == 0) throw Fault("a format specifier for a bool needs a type");
    bool base = layout.type == 0 || std::string_view("dxXob").find(layout.type) != std::string_view::npos;
    if (value.is_integral() && base) {
      if (layout.precision >= 0) throw Fault("precision not allowed in integer format specifier");
      return format_integer(value.integer(), layout);
    }
    throw Fault(fmt::format("this format specifier is not supported for {}", value.type_name()));
  }

  static std::string formatted_text(const Value& value, const Layout& layout) {
    if ((layout.type != 0 && layout.type != 's') || layout.sign != 0 || layout.grouping != 0 ||
        layout.alternate || layout.align == '=') {
      throw Fault("this format specifier is not supported for str");
    }
    std::string text = value.text();
    if (layout.precision >= 0) text.resize(byte_offset(text, static_cast<std::size_t>(layout.precision)));
    return pad(text, 0, layout, '<');
  }

  const std::string& format_;
  const Arguments& arguments_;
  std::size_t at_ = 0;
  std::size_t automatic_ = 0;
  bool manual_ = false;
  std::string out_;
};

}  // namespace

Value format_method(const Value& self, const Arguments& arguments) {
  if (self.as_string().markup) throw Fault("format() of text marked safe is not supported");
  return Value(Formatter(self.text(), arguments).run());
}

}  // namespace sift::jinja
