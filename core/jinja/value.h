#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sift::jinja {

/// An error of the template's own making, without a place in it; rendering adds line and column.
class Fault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Value;
class Object;
class RenderContext;

/// What a name or an attribute that does not exist evaluates to. `message` is what any use of it reports.
struct Undefined {
  std::string message;
};

struct None {};

/// Immutable. `markup` marks text that `safe` or `escape` went over: joining it with `+` escapes the rest.
struct String {
  std::string text;  // valid UTF-8
  bool markup = false;
};

struct Sequence {
  std::vector<Value> items;
  int depth = 1;  // of nesting, bounded so that walks over values cannot exhaust the stack
};

/// Insertion-ordered. Look-up is linear: the mappings of conversations and tool schemas are small.
struct Dict {
  std::vector<std::pair<Value, Value>> items;
  int depth = 1;

  const Value* find(const Value& key) const;
  const Value* find_text(std::string_view key) const;
  /// Adds or replaces, keeping the first key object, as Python does.
  void set(Value key, Value value);
};

enum class Kind { kUndefined, kNone, kBool, kInt, kFloat, kString, kList, kTuple, kDict, kObject };

/// A Python value as templates see it. Cheap to copy: everything large is shared and immutable.
class Value {
 public:
  Value() : data_(None{}) {}
  Value(bool value) : data_(value) {}
  Value(std::int64_t value) : data_(value) {}
  Value(double value) : data_(value) {}
  Value(std::string text, bool markup = false);
  Value(std::string_view text) : Value(std::string(text)) {}
  Value(const char* text) : Value(std::string(text)) {}
  Value(Undefined undefined) : data_(std::make_shared<const Undefined>(std::move(undefined))) {}
  Value(Dict dict);
  Value(std::shared_ptr<Object> object) : data_(std::move(object)) {}
  // Out of line: inlined into optionals they make GCC 12 warn of values that are not there.
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();
  static Value list(std::vector<Value> items);
  static Value tuple(std::vector<Value> items);
  static Value undefined(std::string message) { return Undefined{std::move(message)}; }

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is_undefined() const { return kind() == Kind::kUndefined; }
  bool is_none() const { return kind() == Kind::kNone; }
  bool is_bool() const { return kind() == Kind::kBool; }
  bool is_string() const { return kind() == Kind::kString; }
  bool is_sequence() const { return kind() == Kind::kList || kind() == Kind::kTuple; }
  bool is_dict() const { return kind() == Kind::kDict; }
  bool is_object() const { return kind() == Kind::kObject; }
  bool is_integral() const { return kind() == Kind::kInt || kind() == Kind::kBool; }
  bool is_number() const { return is_integral() || kind() == Kind::kFloat; }

  // Each of these asserts its kind; `integer` and `real` also take the narrower numbers.
  const Undefined& as_undefined() const { return *std::get<0>(data_); }
  bool as_bool() const { return std::get<2>(data_); }
  std::int64_t integer() const;
  double real() const;
  const String& as_string() const { return *std::get<5>(data_); }
  const std::string& text() const { return as_string().text; }
  const std::vector<Value>& items() const;
  const Dict& as_dict() const { return *std::get<8>(data_); }
  const std::shared_ptr<Object>& object() const { return std::get<9>(data_); }
  /// The object as a T, or null when the value is anything else.
  template <typename T>
  std::shared_ptr<T> object_as() const {
    return is_object() ? std::dynamic_pointer_cast<T>(object()) : nullptr;
  }

  bool truthy() const;
  int depth() const;
  /// Python's name of the type, for messages.
  std::string type_name() const;
  /// Whether both are the same object in the sense of `is`, as far as that is well defined.
  bool same_as(const Value& other) const;

 private:
  using ListPointer = std::shared_ptr<const Sequence>;
  struct TuplePointer {
    std::shared_ptr<const Sequence> sequence;
  };

  std::variant<std::shared_ptr<const Undefined>, None, bool, std::int64_t, double,
               std::shared_ptr<const String>, ListPointer, TuplePointer, std::shared_ptr<const Dict>,
               std::shared_ptr<Object>>
      data_;
};

/// Hands out the items of an iterable one by one.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual std::optional<Value> next() = 0;
};

/// The arguments of one call.
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
};

/// Values with an identity or with behaviour: functions, namespaces, iterators, views, the loop variable.
class Object {
 public:
  virtual ~Object() = default;
  virtual std::string type_name() const = 0;
  virtual std::optional<Value> attribute(RenderContext& context, std::string_view name);
  virtual std::optional<Value> element(std::int64_t index);
  virtual bool callable() const { return false; }
  virtual Value call(RenderContext& context, const Arguments& arguments);
  virtual std::optional<std::size_t> length() { return std::nullopt; }
  virtual bool indexable() const { return false; }
  virtual std::unique_ptr<Cursor> iterate() { return nullptr; }  // null: not iterable
  virtual bool iterable() const { return false; }
  virtual std::string repr();
  virtual std::optional<bool> equals(const Value& other);
  virtual int depth() const { return 1; }
};

/// str(value): what `{{ value }}` prints.
std::string to_text(const Value& value);
std::string to_repr(const Value& value);
std::string repr_of_text(std::string_view text);
std::string format_float(double value);

/// Over the items of any iterable; a Fault for values that are not.
std::unique_ptr<Cursor> iterate(const Value& value);
bool is_iterable(const Value& value);
std::vector<Value> to_items(const Value& value);
/// What it costs to go over the value once, for spend().
std::size_t weight_of(const Value& value);
/// len(value), or nothing where Python raises TypeError.
std::optional<std::size_t> length_of(const Value& value);

/// Throws the Fault that any use of an undefined value is.
[[noreturn]] void fail_undefined(const Value& value);

constexpr int kMaxValueDepth = 400;
constexpr std::size_t kMaxTextBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxListItems = 4'000'000;

}  // namespace sift::jinja
