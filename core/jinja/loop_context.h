#pragma once

#include "jinja/value.h"

namespace sift::jinja {

/// The variable `loop`. It also drives the loop, because asking for what comes next takes it from the
/// iterable.
class LoopContext : public Object, public std::enable_shared_from_this<LoopContext> {
 public:
  /// `length` is the iterable's, where it has one.
  LoopContext(std::unique_ptr<Cursor> cursor, std::optional<std::size_t> length);

  std::optional<Value> advance();
  /// Lets go of the items; the loop is over.
  void finish();

  std::string type_name() const override { return "LoopContext"; }
  std::optional<Value> attribute(RenderContext& context, std::string_view name) override;
  bool callable() const override { return true; }
  Value call(RenderContext& context, const Arguments& arguments) override;
  std::optional<std::size_t> length() override;
  bool iterable() const override { return true; }
  std::unique_ptr<Cursor> iterate() override;
  std::string repr() override;

 private:
  const std::optional<Value>& peek();

  std::unique_ptr<Cursor> cursor_;
  std::vector<Value> fetched_;  // taken early to count them, in reverse order
  std::optional<std::size_t> length_;
  std::int64_t index0_ = -1;
  std::optional<Value> current_, before_, after_, last_changed_;
};

}  // namespace sift::jinja
