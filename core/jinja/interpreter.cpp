#include "jinja/interpreter.h"

#include <fmt/format.h>

namespace sift::jinja {
namespace {

// Of the tree walk, through macro calls too; deep enough for recursion over any real schema.
constexpr int kMaxDepth = 2000;

}  // namespace

class Interpreter::Depth {
 public:
  explicit Depth(Interpreter& interpreter) : interpreter_(interpreter) {
    if (interpreter_.depth_ >= kMaxDepth) throw Fault("macros call each other too deeply");
    ++interpreter_.depth_;
  }
  ~Depth() { --interpreter_.depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;

 private:
  Interpreter& interpreter_;
};

void Scope::set(SymbolId id, Value value) {
  for (auto& [name, held] : variables) {
    if (name == id) {
      held = std::move(value);
      return;
    }
  }
  variables.emplace_back(id, std::move(value));
}

Interpreter::Interpreter(const Template& source, RenderContext& context, ScopePtr variables)
    : source_(source), context_(context), scope_(std::move(variables)) {}

Interpreter::~Interpreter() {
  // A macro and the scope it is a variable of hold each other.
  for (const ScopePtr& closure : closures_) {
    for (Scope* scope = closure.get(); scope != nullptr; scope = scope->parent.get())
      scope->variables.clear();
  }
}

Interpreter::Entered::Entered(Interpreter& interpreter, ScopePtr parent, const std::vector<SymbolId>& unset)
    : interpreter_(interpreter), before_(std::move(interpreter.scope_)) {
  // `parent` may be the scope that was just moved from only by value, so it is still whole.
  interpreter_.scope_ = std::make_shared<Scope>(Scope{std::move(parent), {}});
  for (SymbolId id : unset) interpreter_.scope_->variables.emplace_back(id, interpreter_.undefined_name(id));
}

Value Interpreter::undefined_name(SymbolId id) const {
  return Value::undefined(fmt::format("'{}' is undefined", source_.symbols[id]));
}

void Interpreter::run() {
  Entered root(*this, source_.root.unset);
  execute(source_.root.body);
}

Value Interpreter::evaluate(const Expr& expression) {
  Depth depth(*this);
  std::size_t before = where_;
  where_ = expression.offset;
  Value value = expression.evaluate(*this);
  where_ = before;  // not reached by a Fault, so that where_ keeps the place
  return value;
}

Flow Interpreter::execute(const Body& body) {
  Depth depth(*this);
  for (const auto& statement : body) {
    where_ = statement->offset;
    Flow flow = statement->execute(*this);
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Value Interpreter::look_up(SymbolId id) const {
  for (const Scope* scope = scope_.get(); scope != nullptr; scope = scope->parent.get()) {
    for (const auto& [name, value] : scope->variables) {
      if (name == id) return value;
    }
  }
  return undefined_name(id);
}

void Interpreter::assign(const Target& target, const Value& value) {
  switch (target.kind) {
    case Target::Kind::kName:
      scope_->set(target.id, value);
      return;
    case Target::Kind::kAttribute: {
      auto space = look_up(target.id).object_as<Namespace>();
      where_ = target.offset;
      if (space == nullptr) throw Fault("cannot assign an attribute of anything but a namespace");
      space->set(target.attribute, value);
      return;
    }
    case Target::Kind::kTuple: {
      where_ = target.offset;
      std::vector<Value> items = to_items(value);
      if (items.size() != target.parts.size()) {
        throw Fault(fmt::format("cannot unpack {} values into {} names", items.size(), target.parts.size()));
      }
      for (std::size_t i = 0; i < items.size(); ++i) assign(target.parts[i], items[i]);
      return;
    }
  }
}

Value Interpreter::call(const Value& callee, const Arguments& arguments) {
  if (callee.is_undefined()) fail_undefined(callee);
  if (!callee.is_object() || !callee.object()->callable()) {
    throw Fault(fmt::format("'{}' object is not callable", callee.type_name()));
  }
  context_.step();
  return callee.object()->call(context_, arguments);
}

void Interpreter::write(std::string_view text) {
  if (out_->size() + text.size() > kMaxTextBytes) {
    throw Fault(fmt::format("the rendered text is longer than {} bytes", kMaxTextBytes));
  }
  out_->append(text);
}

std::string Interpreter::capture(const std::function<void()>& body) {
  struct Redirect {
    Redirect(std::string*& out, std::string* to) : slot(out), before(out) { slot = to; }
    ~Redirect() { slot = before; }
    std::string*& slot;
    std::string* before;
  };
  std::string captured;
  Redirect redirect(out_, &captured);
  body();
  return captured;
}

}  // namespace sift::jinja
