#include "jinja/objects.h"

#include <fmt/format.h>

#include "jinja/operators.h"

namespace sift::jinja {
namespace {

constexpr int kMaxNestedPrints = 10;

class FunctionCursor : public Cursor {
 public:
  explicit FunctionCursor(std::function<std::optional<Value>()> next) : next_(std::move(next)) {}
  std::optional<Value> next() override { return next_(); }

 private:
  std::function<std::optional<Value>()> next_;
};

std::size_t range_size(std::int64_t start, std::int64_t stop, std::int64_t step) {
  if (step == 0) throw Fault("range() step must not be zero");
  if (step > 0 ? start >= stop : start <= stop) return 0;
  auto width = step > 0 ? static_cast<std::uint64_t>(stop) - static_cast<std::uint64_t>(start)
                        : static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(stop);
  std::uint64_t stride = step > 0 ? static_cast<std::uint64_t>(step) : 0 - static_cast<std::uint64_t>(step);
  return static_cast<std::size_t>((width - 1) / stride + 1);
}

}  // namespace

Range::Range(std::int64_t start, std::int64_t stop, std::int64_t step)
    : start_(start), stop_(stop), step_(step), size_(range_size(start, stop, step)) {}

std::optional<Value> Range::element(std::int64_t index) {
  auto size = static_cast<std::int64_t>(size_);
  if (index < 0) index += size;
  if (index < 0 || index >= size) return std::nullopt;
  return Value(start_ + index * step_);
}

std::unique_ptr<Cursor> Range::iterate() {
  return std::make_unique<FunctionCursor>(
      [copy = *this, at = std::int64_t{0}]() mutable -> std::optional<Value> {
        return at < static_cast<std::int64_t>(copy.size_) ? copy.element(at++) : std::nullopt;
      });
}

std::string Range::repr() {
  if (step_ == 1) return fmt::format("range({}, {})", start_, stop_);
  return fmt::format("range({}, {}, {})", start_, stop_, step_);
}

std::optional<bool> Range::equals(const Value& other) {
  auto range = other.object_as<Range>();
  if (range == nullptr || range->size_ != size_) return false;
  return size_ == 0 || (range->start_ == start_ && (size_ == 1 || range->step_ == step_));
}

std::shared_ptr<Range> Range::slice(std::int64_t first, std::int64_t last, std::int64_t step) const {
  auto at = [this](std::int64_t index) {  // may wrap past the last element, which nothing reads
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(start_) +
                                     static_cast<std::uint64_t>(index) * static_cast<std::uint64_t>(step_));
  };
  std::int64_t stride = 0;
  if (__builtin_mul_overflow(step_, step, &stride)) throw Fault("integer result does not fit in 64 bits");
  return std::make_shared<Range>(at(first), at(last), stride);
}

std::string DictView::type_name() const {
  return part_ == Part::kKeys ? "dict_keys" : part_ == Part::kValues ? "dict_values" : "dict_items";
}

int DictView::depth() const {
  return dict_.depth() + 1;
}

std::unique_ptr<Cursor> DictView::iterate() {
  return std::make_unique<FunctionCursor>(
      [dict = dict_, part = part_, at = std::size_t{0}]() mutable -> std::optional<Value> {
        const auto& items = dict.as_dict().items;
        if (at >= items.size()) return std::nullopt;
        const auto& [key, value] = items[at++];
        if (part == Part::kItems) return Value::tuple({key, value});
        return part == Part::kKeys ? key : value;
      });
}

std::string DictView::repr() {
  auto cursor = iterate();
  std::vector<Value> items;
  while (auto item = cursor->next()) items.push_back(*item);
  return type_name() + "(" + to_repr(Value::list(std::move(items))) + ")";
}

std::optional<bool> DictView::equals(const Value& other) {
  auto view = other.object_as<DictView>();
  if (view.get() == this) return true;
  if (view == nullptr || part_ == Part::kValues || view->part_ == Part::kValues) return false;
  if (*length() != *view->length()) return false;
  auto cursor = iterate();
  while (auto item = cursor->next()) {
    if (!contains(other, *item)) return false;
  }
  return true;
}

Iterator::Iterator(std::unique_ptr<Cursor> cursor, int depth, std::string type_name)
    : cursor_(std::move(cursor)), depth_(depth), type_name_(std::move(type_name)) {
  if (depth_ > kMaxValueDepth) throw Fault(fmt::format("value nested deeper than {} levels", kMaxValueDepth));
}

std::unique_ptr<Cursor> Iterator::iterate() {
  return std::make_unique<FunctionCursor>([cursor = cursor_] { return cursor->next(); });
}

Value make_iterator(std::function<std::optional<Value>()> next, int depth, std::string type_name) {
  return Value(std::static_pointer_cast<Object>(std::make_shared<Iterator>(
      std::make_unique<FunctionCursor>(std::move(next)), depth, std::move(type_name))));
}

std::optional<Value> Namespace::attribute(RenderContext& /*context*/, std::string_view name) {
  const Value* found = attributes_.find_text(name);
  return found == nullptr ? std::nullopt : std::optional<Value>(*found);
}

std::string Namespace::repr() {
  // Namespaces are the only way to a cycle, so the depth of values does not bound this walk.
  thread_local int depth = 0;
  struct Guard {
    Guard() { ++depth; }
    ~Guard() { --depth; }
  } guard;
  if (depth > kMaxNestedPrints) throw Fault("a namespace nested too deep, or in itself, cannot be printed");
  std::string out = "{";
  for (const auto& [key, value] : attributes_.items) {
    if (out.size() > 1) out += ", ";
    out += to_repr(key) + ": " + to_repr(value);
  }
  return "<Namespace " + out + "}>";
}

void Namespace::set(std::string_view name, Value value) {
  if (const Value* found = attributes_.find_text(name)) {
    *const_cast<Value*>(found) = std::move(value);
  } else {
    attributes_.items.emplace_back(Value(name), std::move(value));
  }
}

Value make_function(Function::Body body) {
  return Value(std::static_pointer_cast<Object>(std::make_shared<Function>("function", std::move(body))));
}

}  // namespace sift::jinja
