#pragma once

#include <ctime>
#include <functional>

#include "jinja/value.h"

namespace sift::jinja {

/// range(start, stop, step), never materialised.
class Range : public Object {
 public:
  Range(std::int64_t start, std::int64_t stop, std::int64_t step);
  std::string type_name() const override { return "range"; }
  std::optional<Value> element(std::int64_t index) override;
  std::optional<std::size_t> length() override { return size_; }
  bool indexable() const override { return true; }
  bool iterable() const override { return true; }
  std::unique_ptr<Cursor> iterate() override;
  std::string repr() override;
  std::optional<bool> equals(const Value& other) override;
  std::shared_ptr<Range> slice(std::int64_t first, std::int64_t last, std::int64_t step) const;

 private:
  std::int64_t start_, stop_, step_;
  std::size_t size_;
};

/// What dict.keys(), .values() and .items() return.
class DictView : public Object {
 public:
  enum class Part { kKeys, kValues, kItems };
  DictView(Value dict, Part part) : dict_(std::move(dict)), part_(part) {}
  std::string type_name() const override;
  std::optional<std::size_t> length() override { return dict_.as_dict().items.size(); }
  bool iterable() const override { return true; }
  std::unique_ptr<Cursor> iterate() override;
  std::string repr() override;
  std::optional<bool> equals(const Value& other) override;
  int depth() const override;

 private:
  Value dict_;
  Part part_;
};

/// An iterator: can be walked once, has no length and is always true. `depth` counts iterators over
/// iterators.
class Iterator : public Object {
 public:
  Iterator(std::unique_ptr<Cursor> cursor, int depth, std::string type_name = "generator");
  std::string type_name() const override { return type_name_; }
  bool iterable() const override { return true; }
  std::unique_ptr<Cursor> iterate() override;
  int depth() const override { return depth_; }

 private:
  std::shared_ptr<Cursor> cursor_;
  int depth_;
  std::string type_name_;
};

/// A lazy iterator from a function that returns the next item, or nothing at the end.
Value make_iterator(std::function<std::optional<Value>()> next, int depth,
                    std::string type_name = "generator");

/// namespace(...): the one kind of value a template can change.
class Namespace : public Object {
 public:
  explicit Namespace(Dict attributes) : attributes_(std::move(attributes)) {}
  std::string type_name() const override { return "Namespace"; }
  std::optional<Value> attribute(RenderContext& context, std::string_view name) override;
  std::string repr() override;
  void set(std::string_view name, Value value);
  /// Breaks cycles of namespaces that refer to each other.
  void clear() { attributes_.items.clear(); }

 private:
  Dict attributes_;
};

/// A built-in function, or a method together with the value it belongs to.
class Function : public Object {
 public:
  using Body = std::function<Value(RenderContext&, const Arguments&)>;
  Function(std::string type_name, Body body, int depth = 1)
      : type_name_(std::move(type_name)), body_(std::move(body)), depth_(depth) {}
  std::string type_name() const override { return type_name_; }
  bool callable() const override { return true; }
  Value call(RenderContext& context, const Arguments& arguments) override {
    return body_(context, arguments);
  }
  int depth() const override { return depth_; }

 private:
  std::string type_name_;
  Body body_;
  int depth_;
};

Value make_function(Function::Body body);

}  // namespace sift::jinja
