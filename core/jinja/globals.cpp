#include "jinja/globals.h"

#include <fmt/format.h>

#include <array>

#include "jinja/arguments.h"
#include "jinja/operators.h"
#include "jinja/render_context.h"

namespace sift::jinja {
namespace {

constexpr std::size_t kMaxRange = 100'000;

Value raise_exception(RenderContext& /*context*/, const Arguments& arguments) {
  Bound bound("raise_exception", {"message"}, 1, arguments);
  throw Fault(to_text(bound[0]));
}

Value strftime_now(RenderContext& context, const Arguments& arguments) {
  Bound bound("strftime_now", {"format"}, 1, arguments);
  const std::string& format = bound.text(0);
  if (format.empty()) return Value("");
  std::time_t now = context.now();
  std::tm parts{};
  localtime_r(&now, &parts);
  // A time has a zone and fractions of a second, which a naive Python datetime prints differently.
  for (const char* refused : {"%z", "%Z", "%f"}) {
    if (format.find(refused) != std::string::npos)
      throw Fault(fmt::format("strftime_now: {} is not supported", refused));
  }
  std::string out(format.size() * 16 + 256, '\0');
  out.resize(strftime(out.data(), out.size(), format.c_str(), &parts));
  return Value(std::move(out));
}

/// dict(mapping or pairs, **more), which namespace() takes too.
Dict dict_from(const char* function, const Arguments& arguments) {
  Dict out;
  if (arguments.positional.size() > 1) throw Fault(fmt::format("{} takes at most one argument", function));
  for (const Value& source : arguments.positional) {
    if (source.is_dict()) {
      out = source.as_dict();
      continue;
    }
    if (source.is_undefined()) fail_undefined(source);
    for (const Value& pair : to_items(source)) {
      std::vector<Value> parts = to_items(pair);
      if (parts.size() != 2) throw Fault(fmt::format("{} needs a mapping or pairs", function));
      check_hashable(parts[0]);
      out.set(parts[0], parts[1]);
    }
  }
  for (const auto& [name, value] : arguments.named) out.set(Value(name), value);
  return out;
}

Value make_dict(RenderContext& /*context*/, const Arguments& arguments) {
  return Value(dict_from("dict", arguments));
}

Value make_namespace(RenderContext& context, const Arguments& arguments) {
  auto space = context.make_namespace(dict_from("namespace", arguments));
  return Value(std::static_pointer_cast<Object>(std::move(space)));
}

Value make_range(RenderContext& /*context*/, const Arguments& arguments) {
  Bound bound("range", {"/start", "/stop", "/step"}, 1, arguments);
  std::int64_t start = bound.given(1) ? bound.integer(0) : 0;
  std::int64_t stop = bound.given(1) ? bound.integer(1) : bound.integer(0);
  auto range = std::make_shared<Range>(start, stop, bound.integer(2, 1));
  if (*range->length() > kMaxRange) throw Fault(fmt::format("range of more than {} items", kMaxRange));
  return Value(std::static_pointer_cast<Object>(std::move(range)));
}

/// Hands out its items in turn, for ever.
class Cycler : public Object, public std::enable_shared_from_this<Cycler> {
 public:
  explicit Cycler(Value items) : items_(std::move(items)) {}
  std::string type_name() const override { return "Cycler"; }
  int depth() const override { return items_.depth() + 1; }

  std::optional<Value> attribute(RenderContext& /*context*/, std::string_view name) override {
    if (name == "current") return items_.items()[at_];
    if (name == "pos") return Value(static_cast<std::int64_t>(at_));
    if (name == "items") return items_;
    if (name != "next" && name != "reset") return std::nullopt;
    bool reset = name == "reset";
    auto body = [self = shared_from_this(), reset](RenderContext& /*context*/, const Arguments& arguments) {
      Bound bound("cycler method", {}, 0, arguments);
      Value item = reset ? Value() : self->items_.items()[self->at_];
      self->at_ = reset ? 0 : (self->at_ + 1) % self->items_.items().size();
      return item;
    };
    auto function = std::make_shared<Function>("method", std::move(body), depth() + 1);
    return Value(std::static_pointer_cast<Object>(std::move(function)));
  }

 private:
  Value items_;
  std::size_t at_ = 0;
};

/// Nothing the first time, the separator after that.
class Joiner : public Object {
 public:
  explicit Joiner(Value separator) : separator_(std::move(separator)) {}
  std::string type_name() const override { return "Joiner"; }
  bool callable() const override { return true; }
  int depth() const override { return separator_.depth() + 1; }
  std::optional<Value> attribute(RenderContext& /*context*/, std::string_view name) override {
    if (name == "sep") return separator_;
    return name == "used" ? std::optional<Value>(used_) : std::nullopt;
  }
  Value call(RenderContext& /*context*/, const Arguments& arguments) override {
    Bound bound("joiner", {}, 0, arguments);
    return std::exchange(used_, true) ? separator_ : Value("");
  }

 private:
  Value separator_;
  bool used_ = false;
};

Value make_cycler(RenderContext& /*context*/, const Arguments& arguments) {
  if (!arguments.named.empty()) throw Fault("cycler takes no keyword arguments");
  if (arguments.positional.empty()) throw Fault("cycler: at least one item has to be provided");
  auto cycler = std::make_shared<Cycler>(Value::tuple(arguments.positional));
  return Value(std::static_pointer_cast<Object>(std::move(cycler)));
}

Value make_joiner(RenderContext& /*context*/, const Arguments& arguments) {
  Bound bound("joiner", {"sep"}, 0, arguments);
  auto joiner = std::make_shared<Joiner>(bound.value(0, Value(", ")));
  return Value(std::static_pointer_cast<Object>(std::move(joiner)));
}

struct Entry {
  std::string_view name;
  Value (*body)(RenderContext&, const Arguments&);
};

constexpr std::array kGlobals = {
    Entry{"cycler", make_cycler},        Entry{"dict", make_dict},
    Entry{"joiner", make_joiner},        Entry{"namespace", make_namespace},
    Entry{"range", make_range},          Entry{"raise_exception", raise_exception},
    Entry{"strftime_now", strftime_now},
};

}  // namespace

std::optional<Value> find_global(std::string_view name) {
  if (name == "lipsum") throw Fault("'lipsum' is not supported");
  for (const Entry& entry : kGlobals) {
    if (entry.name == name) return make_function(entry.body);
  }
  return std::nullopt;
}

}  // namespace sift::jinja
