#include "jinja/value.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "jinja/operators.h"
#include "jinja/work.h"

namespace sift::jinja {
namespace {

int checked_depth(int inner) {
  if (inner + 1 > kMaxValueDepth)
    throw Fault(fmt::format("value nested deeper than {} levels", kMaxValueDepth));
  return inner + 1;
}

std::shared_ptr<const Sequence> make_sequence(std::vector<Value> items) {
  if (items.size() > kMaxListItems) throw Fault(fmt::format("list of more than {} items", kMaxListItems));
  spend(items.size());
  int inner = 0;
  for (const Value& item : items) inner = std::max(inner, item.depth());
  return std::make_shared<const Sequence>(Sequence{std::move(items), checked_depth(inner)});
}

/// Over something that can be indexed without keeping it up to date: all containers are immutable.
class ItemCursor : public Cursor {
 public:
  explicit ItemCursor(Value owner) : owner_(std::move(owner)) {}
  std::optional<Value> next() override {
    if (owner_.is_dict()) {
      const auto& items = owner_.as_dict().items;
      return at_ < items.size() ? std::optional<Value>(items[at_++].first) : std::nullopt;
    }
    const auto& items = owner_.items();
    return at_ < items.size() ? std::optional<Value>(items[at_++]) : std::nullopt;
  }

 private:
  Value owner_;
  std::size_t at_ = 0;
};

class CharacterCursor : public Cursor {
 public:
  explicit CharacterCursor(Value text) : text_(std::move(text)) {}
  std::optional<Value> next() override {
    const std::string& text = text_.text();
    if (at_ >= text.size()) return std::nullopt;
    return Value(to_utf8(next_code_point(text, at_)));
  }

 private:
  Value text_;
  std::size_t at_ = 0;
};

class EmptyCursor : public Cursor {
 public:
  std::optional<Value> next() override { return std::nullopt; }
};

}  // namespace

Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

Value::Value(std::string text, bool markup) {
  if (text.size() > kMaxTextBytes) throw Fault(fmt::format("text longer than {} bytes", kMaxTextBytes));
  spend(text.size() / 64);
  data_ = std::make_shared<const String>(String{std::move(text), markup});
}

Value::Value(Dict dict) {
  int inner = 0;
  for (const auto& [key, value] : dict.items) inner = std::max({inner, key.depth(), value.depth()});
  dict.depth = checked_depth(inner);
  data_ = std::make_shared<const Dict>(std::move(dict));
}

Value Value::list(std::vector<Value> items) {
  Value value;
  value.data_.emplace<6>(make_sequence(std::move(items)));
  return value;
}

Value Value::tuple(std::vector<Value> items) {
  Value value;
  value.data_.emplace<7>(TuplePointer{make_sequence(std::move(items))});
  return value;
}

std::int64_t Value::integer() const {
  return kind() == Kind::kBool ? static_cast<std::int64_t>(as_bool()) : std::get<3>(data_);
}

double Value::real() const {
  return kind() == Kind::kFloat ? std::get<4>(data_) : static_cast<double>(integer());
}

const std::vector<Value>& Value::items() const {
  if (kind() == Kind::kList) return std::get<6>(data_)->items;
  return std::get<7>(data_).sequence->items;
}

bool Value::truthy() const {
  switch (kind()) {
    case Kind::kUndefined:
    case Kind::kNone:
      return false;
    case Kind::kBool:
      return as_bool();
    case Kind::kInt:
      return integer() != 0;
    case Kind::kFloat:
      return real() != 0.0;
    case Kind::kString:
      return !text().empty();
    case Kind::kList:
    case Kind::kTuple:
      return !items().empty();
    case Kind::kDict:
      return !as_dict().items.empty();
    case Kind::kObject:
      return object()->length().value_or(1) != 0;
  }
  return false;
}

int Value::depth() const {
  switch (kind()) {
    case Kind::kList:
      return std::get<6>(data_)->depth;
    case Kind::kTuple:
      return std::get<7>(data_).sequence->depth;
    case Kind::kDict:
      return as_dict().depth;
    case Kind::kObject:
      return object()->depth();
    default:
      return 0;
  }
}

std::string Value::type_name() const {
  static constexpr const char* kNames[] = {"Undefined", "NoneType", "bool",  "int",  "float",
                                           "str",       "list",     "tuple", "dict", "object"};
  return is_object() ? object()->type_name() : kNames[data_.index()];
}

bool Value::same_as(const Value& other) const {
  if (kind() != other.kind()) return false;
  switch (kind()) {
    case Kind::kNone:
      return true;
    case Kind::kBool:
      return as_bool() == other.as_bool();
    case Kind::kUndefined:
      return std::get<0>(data_) == std::get<0>(other.data_);
    case Kind::kList:
      return std::get<6>(data_) == std::get<6>(other.data_);
    case Kind::kTuple:
      return std::get<7>(data_).sequence == std::get<7>(other.data_).sequence;
    case Kind::kDict:
      return std::get<8>(data_) == std::get<8>(other.data_);
    case Kind::kObject:
      return object() == other.object();
    default:
      throw Fault(fmt::format("identity of values of type {} is not supported; use ==", type_name()));
  }
}

const Value* Dict::find(const Value& key) const {
  if (key.is_string()) return find_text(key.text());
  for (const auto& [name, value] : items) {
    if (equals(name, key)) return &value;
  }
  return nullptr;
}

const Value* Dict::find_text(std::string_view key) const {
  for (const auto& [name, value] : items) {
    if (name.is_string() && name.text() == key) return &value;
  }
  return nullptr;
}

void Dict::set(Value key, Value value) {
  if (const Value* found = find(key)) {
    *const_cast<Value*>(found) = std::move(value);
  } else {
    items.emplace_back(std::move(key), std::move(value));
  }
}

std::unique_ptr<Cursor> iterate(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      return std::make_unique<EmptyCursor>();
    case Kind::kString:
      return std::make_unique<CharacterCursor>(value);
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kDict:
      return std::make_unique<ItemCursor>(value);
    case Kind::kObject:
      if (auto cursor = value.object()->iterate()) return cursor;
      [[fallthrough]];
    default:
      throw Fault(fmt::format("'{}' object is not iterable", value.type_name()));
  }
}

std::size_t weight_of(const Value& value) {
  constexpr std::size_t kBytesPerUnit = 4;
  if (value.is_string()) return 1 + value.text().size() / kBytesPerUnit;
  if (value.is_sequence()) return 1 + value.items().size();
  return value.is_dict() ? 1 + value.as_dict().items.size() : 1;
}

bool is_iterable(const Value& value) {
  switch (value.kind()) {
    case Kind::kNone:
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kFloat:
      return false;
    case Kind::kObject:
      return value.object()->iterable();
    default:
      return true;
  }
}

std::vector<Value> to_items(const Value& value) {
  if (value.is_sequence()) return value.items();
  std::vector<Value> out;
  auto cursor = iterate(value);
  while (auto item = cursor->next()) {
    if (out.size() >= kMaxListItems) throw Fault(fmt::format("list of more than {} items", kMaxListItems));
    out.push_back(std::move(*item));
  }
  return out;
}

std::optional<std::size_t> length_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      return 0;
    case Kind::kString:
      return count_code_points(value.text());
    case Kind::kList:
    case Kind::kTuple:
      return value.items().size();
    case Kind::kDict:
      return value.as_dict().items.size();
    case Kind::kObject:
      return value.object()->length();
    default:
      return std::nullopt;
  }
}

void fail_undefined(const Value& value) {
  throw Fault(value.as_undefined().message);
}

std::optional<Value> Object::attribute(RenderContext& /*context*/, std::string_view /*name*/) {
  return std::nullopt;
}

std::optional<Value> Object::element(std::int64_t /*index*/) {
  return std::nullopt;
}

Value Object::call(RenderContext& /*context*/, const Arguments& /*arguments*/) {
  throw Fault(fmt::format("'{}' object is not callable", type_name()));
}

std::string Object::repr() {
  throw Fault(
      fmt::format("a value of type {} cannot be printed: its text differs from run to run", type_name()));
}

std::optional<bool> Object::equals(const Value& /*other*/) {
  return std::nullopt;
}

}  // namespace sift::jinja
