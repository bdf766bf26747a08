#include "jinja/loop_context.h"

#include <fmt/format.h>

#include <algorithm>

#include "jinja/objects.h"
#include "jinja/operators.h"

namespace sift::jinja {

LoopContext::LoopContext(std::unique_ptr<Cursor> cursor, std::optional<std::size_t> length)
    : cursor_(std::move(cursor)), length_(length) {}

std::optional<Value> LoopContext::advance() {
  std::optional<Value> item = peek();
  after_.reset();
  if (!item) return std::nullopt;
  ++index0_;
  before_ = std::move(current_);
  current_ = item;
  return item;
}

const std::optional<Value>& LoopContext::peek() {
  if (after_) return after_;
  if (!fetched_.empty()) {
    after_ = std::move(fetched_.back());
    fetched_.pop_back();
  } else if (cursor_) {
    after_ = cursor_->next();
    if (!after_) cursor_.reset();
  }
  return after_;
}

void LoopContext::finish() {
  cursor_.reset();
  fetched_.clear();
  current_.reset();
  before_.reset();
  after_.reset();
  last_changed_.reset();
}

std::optional<std::size_t> LoopContext::length() {
  if (!length_) {
    while (cursor_) {
      auto item = cursor_->next();
      if (!item) break;
      fetched_.push_back(std::move(*item));
    }
    cursor_.reset();
    std::reverse(fetched_.begin(), fetched_.end());
    length_ = fetched_.size() + static_cast<std::size_t>(index0_ + 1) + (after_ ? 1 : 0);
  }
  return length_;
}

std::optional<Value> LoopContext::attribute(RenderContext& /*context*/, std::string_view name) {
  auto size = [this] { return static_cast<std::int64_t>(*length()); };
  if (name == "index") return Value(index0_ + 1);
  if (name == "index0") return Value(index0_);
  if (name == "first") return Value(index0_ == 0);
  if (name == "last") return Value(!peek().has_value());
  if (name == "length") return Value(size());
  if (name == "revindex") return Value(size() - index0_);
  if (name == "revindex0") return Value(size() - index0_ - 1);
  if (name == "depth") return Value(std::int64_t{1});
  if (name == "depth0") return Value(std::int64_t{0});
  if (name == "previtem") return before_.value_or(Value::undefined("there is no previous item"));
  if (name == "nextitem") return peek().value_or(Value::undefined("there is no next item"));
  if (name == "cycle") {
    return make_function([index = index0_](RenderContext& /*context*/, const Arguments& arguments) {
      if (arguments.positional.empty() || !arguments.named.empty()) throw Fault("no items for cycling given");
      auto count = static_cast<std::int64_t>(arguments.positional.size());
      return arguments.positional[static_cast<std::size_t>(index % count)];
    });
  }
  if (name == "changed") {
    return make_function([self = shared_from_this()](RenderContext& /*context*/, const Arguments& arguments) {
      Value value = Value::tuple(arguments.positional);
      if (self->last_changed_ && sift::jinja::equals(*self->last_changed_, value)) return Value(false);
      self->last_changed_ = value;
      return Value(true);
    });
  }
  return std::nullopt;
}

Value LoopContext::call(RenderContext& /*context*/, const Arguments& /*arguments*/) {
  throw Fault("the loop must have the 'recursive' marker to be called recursively");
}

std::unique_ptr<Cursor> LoopContext::iterate() {
  throw Fault("iterating over 'loop' is not supported");
}

std::string LoopContext::repr() {
  return fmt::format("<LoopContext {}/{}>", index0_ + 1, *length());
}

}  // namespace sift::jinja
