#include <fmt/format.h>

#include <cmath>

#include "base/utf8.h"
#include "jinja/markup.h"
#include "jinja/number_format.h"
#include "jinja/operators.h"

namespace sift::jinja {
namespace {

class PercentFormatter {
 public:
  PercentFormatter(const Value& format, const Value& arguments)
      : format_(format.text()), markup_(format.as_string().markup), arguments_(arguments) {}

  Value run() {
    while (at_ < format_.size()) {
      char c = format_[at_++];
      if (c != '%') {
        out_ += c;
        continue;
      }
      if (peek() == '%') {
        out_ += take();
      } else {
        append_placeholder();
      }
      if (out_.size() > kMaxTextBytes) throw Fault(fmt::format("text longer than {} bytes", kMaxTextBytes));
    }
    bool leftover = arguments_.kind() == Kind::kTuple ? used_ < arguments_.items().size() : used_ == 0;
    // Whatever can be subscripted counts as a mapping, which need not be used up.
    bool mapping = arguments_.is_dict() || arguments_.kind() == Kind::kList || arguments_.is_undefined() ||
                   (arguments_.is_object() && arguments_.object()->indexable());
    if (leftover && !mapping) throw Fault("not all arguments converted during string formatting");
    return Value(std::move(out_), markup_);
  }

 private:
  char peek() const { return at_ < format_.size() ? format_[at_] : '\0'; }

  char take() {
    if (at_ >= format_.size()) throw Fault("incomplete format");
    return format_[at_++];
  }

  Value next_argument() {
    if (arguments_.kind() == Kind::kTuple) {
      if (used_ >= arguments_.items().size()) throw Fault("not enough arguments for format string");
      return arguments_.items()[used_++];
    }
    if (used_ > 0) throw Fault("not enough arguments for format string");
    ++used_;
    return arguments_;
  }

  Value named_argument() {
    std::size_t start = at_;
    for (int open = 1; open > 0;) {
      char c = take();
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    std::string name = format_.substr(start, at_ - start - 1);
    if (!arguments_.is_dict()) throw Fault("format requires a mapping");
    const Value* found = arguments_.as_dict().find_text(name);
    if (found == nullptr) throw Fault(fmt::format("the mapping has no key '{}'", name));
    return *found;
  }

  std::int64_t number() {
    if (peek() == '*') {
      ++at_;
      Value value = next_argument();
      if (!value.is_integral()) throw Fault("* wants int");
      return value.integer();
    }
    std::int64_t value = 0;
    while (peek() >= '0' && peek() <= '9') {
      value = value * 10 + (take() - '0');
      if (value > 1'000'000) throw Fault("the width of a placeholder is too large");
    }
    return value;
  }

  void append_placeholder() {
    std::optional<Value> named;
    if (peek() == '(') {
      ++at_;
      named = named_argument();
    }
    Layout layout;
    bool left = false;
    bool zero = false;
    for (std::string_view flags = "-+ #0"; at_ < format_.size() && flags.find(peek()) != std::string::npos;
         ++at_) {
      left = left || peek() == '-';
      zero = zero || peek() == '0';
      layout.alternate = layout.alternate || peek() == '#';
      if (peek() == '+' || (peek() == ' ' && layout.sign == 0)) layout.sign = peek();
    }
    layout.width = number();
    if (layout.width < 0) {
      left = true;
      layout.width = -layout.width;
    }
    if (peek() == '.') {
      ++at_;
      layout.precision = std::max<std::int64_t>(number(), 0);
    }
    while (peek() == 'h' || peek() == 'l' || peek() == 'L') ++at_;
    layout.type = take();
    layout.align = left ? '<' : '>';
    bool numeric = std::string_view("diuxXoeEfFgG").find(layout.type) != std::string::npos;
    if (zero && !left && numeric) {
      layout.fill.assign(1, '0');
      layout.align = '=';
    }
    out_ += converted(layout, named ? *named : next_argument());
  }

  std::string converted(Layout layout, const Value& value) {
    switch (layout.type) {
      case 's':
      case 'r': {
        std::string text = layout.type == 's' ? to_text(value) : to_repr(value);
        if (markup_) text = layout.type == 's' ? escaped_text(value) : escape_html(text);
        if (layout.precision >= 0) text.resize(byte_offset(text, static_cast<std::size_t>(layout.precision)));
        return pad(text, 0, layout, '>');
      }
      case 'c': {
        bool character = value.is_string() && count_code_points(value.text()) == 1;
        if (!character) throw Fault("%c is supported for single characters only");
        return pad(markup_ ? escaped_text(value) : value.text(), 0, layout, '>');
      }
      case 'd':
      case 'i':
      case 'u':
        layout.type = 'd';
        return format_integer(integer(value, true), layout);
      case 'x':
      case 'X':
      case 'o':
        return format_integer(integer(value, false), layout);
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
        if (value.is_undefined()) fail_undefined(value);
        if (!value.is_number()) throw Fault(fmt::format("must be real number, not {}", value.type_name()));
        return format_real(value.real(), layout);
      default:
        throw Fault(fmt::format("unsupported format character '{}'", layout.type));
    }
  }

  static std::int64_t integer(const Value& value, bool from_float) {
    if (value.is_undefined()) fail_undefined(value);
    if (value.is_integral()) return value.integer();
    if (!from_float || value.kind() != Kind::kFloat) {
      throw Fault(fmt::format("a number is required, not {}", value.type_name()));
    }
    double real = std::trunc(value.real());
    if (!(std::abs(real) < 9223372036854775808.0)) throw Fault("integer result does not fit in 64 bits");
    return static_cast<std::int64_t>(real);
  }

  const std::string& format_;
  bool markup_;
  const Value& arguments_;
  std::size_t at_ = 0;
  std::size_t used_ = 0;
  std::string out_;
};

}  // namespace

Value percent_format(const Value& format, const Value& arguments) {
  return PercentFormatter(format, arguments).run();
}

}  // namespace sift::jinja
