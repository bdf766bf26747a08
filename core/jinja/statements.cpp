#include "jinja/interpreter.h"
#include "jinja/loop_context.h"

namespace sift::jinja {
namespace {

/// The items of a loop that pass its `if`, tested one by one as the loop asks for them.
class FilteredCursor : public Cursor {
 public:
  FilteredCursor(Interpreter& interpreter, const ForStatement& loop, std::unique_ptr<Cursor> cursor)
      : interpreter_(interpreter), loop_(loop), outer_(interpreter.scope()), cursor_(std::move(cursor)) {}

  std::optional<Value> next() override {
    while (auto item = cursor_->next()) {
      interpreter_.context().step();
      Interpreter::Entered frame(interpreter_, outer_, {});
      interpreter_.assign(loop_.target, *item);
      if (interpreter_.evaluate(*loop_.test).truthy()) return item;
    }
    return std::nullopt;
  }

 private:
  Interpreter& interpreter_;
  const ForStatement& loop_;
  ScopePtr outer_;
  std::unique_ptr<Cursor> cursor_;
};

std::string run_frame(Interpreter& interpreter, const Frame& frame, Flow& flow) {
  return interpreter.capture([&] { flow = interpreter.execute(frame.body); });
}

}  // namespace

Flow TextStatement::execute(Interpreter& interpreter) const {
  interpreter.write(text);
  return Flow::kNext;
}

Flow PrintStatement::execute(Interpreter& interpreter) const {
  interpreter.write(to_text(interpreter.evaluate(*value)));
  return Flow::kNext;
}

Flow IfStatement::execute(Interpreter& interpreter) const {
  for (const auto& [test, body] : branches) {
    if (interpreter.evaluate(*test).truthy()) return interpreter.execute(body);
  }
  return interpreter.execute(otherwise);
}

Flow ForStatement::execute(Interpreter& interpreter) const {
  Value source = interpreter.evaluate(*iterable);
  std::unique_ptr<Cursor> cursor = iterate(source);
  std::optional<std::size_t> length = length_of(source);
  if (test) {
    cursor = std::make_unique<FilteredCursor>(interpreter, *this, std::move(cursor));
    length.reset();
  }
  auto loop = std::make_shared<LoopContext>(std::move(cursor), length);
  bool ran_through = false;  // some run of the body came to its end: what decides about `else`
  while (auto item = loop->advance()) {
    interpreter.context().step();
    Interpreter::Entered entered(interpreter, frame.unset);
    interpreter.scope()->set(kLoopSymbol, Value(std::static_pointer_cast<Object>(loop)));
    interpreter.assign(target, *item);
    Flow flow = interpreter.execute(frame.body);
    if (flow == Flow::kBreak) break;
    ran_through = ran_through || flow == Flow::kNext;
  }
  loop->finish();
  if (ran_through || otherwise.body.empty()) return Flow::kNext;
  Interpreter::Entered entered(interpreter, otherwise.unset);
  return interpreter.execute(otherwise.body);
}

Flow SetStatement::execute(Interpreter& interpreter) const {
  interpreter.assign(target, interpreter.evaluate(*value));
  return Flow::kNext;
}

Flow SetBlockStatement::execute(Interpreter& interpreter) const {
  Flow flow = Flow::kNext;
  Value value;
  {
    Interpreter::Entered entered(interpreter, frame.unset);
    value = Value(run_frame(interpreter, frame, flow));
    if (flow != Flow::kNext) return flow;
    if (filter) value = filter->apply(interpreter, value);
  }
  interpreter.assign(target, value);
  return Flow::kNext;
}

Flow WithStatement::execute(Interpreter& interpreter) const {
  std::vector<Value> values;
  for (const auto& [target, value] : variables) values.push_back(interpreter.evaluate(*value));
  Interpreter::Entered entered(interpreter, frame.unset);
  for (std::size_t i = 0; i < values.size(); ++i) interpreter.assign(variables[i].first, values[i]);
  return interpreter.execute(frame.body);
}

Flow FilterBlockStatement::execute(Interpreter& interpreter) const {
  Flow flow = Flow::kNext;
  Interpreter::Entered entered(interpreter, frame.unset);
  Value text(run_frame(interpreter, frame, flow));
  if (flow == Flow::kNext) interpreter.write(to_text(filter->apply(interpreter, text)));
  return flow;
}

Flow MacroStatement::execute(Interpreter& interpreter) const {
  interpreter.scope()->set(id, interpreter.make_macro(macro));
  return Flow::kNext;
}

Flow CallBlockStatement::execute(Interpreter& interpreter) const {
  Value caller = interpreter.make_macro(block);
  interpreter.write(to_text(call->call(interpreter, &caller)));
  return Flow::kNext;
}

Flow GenerationStatement::execute(Interpreter& interpreter) const {
  std::string text;
  {
    Interpreter::Entered entered(interpreter, frame.unset);
    text = interpreter.capture([&] { interpreter.execute(frame.body); });
  }
  interpreter.add_span(text.size());
  interpreter.write(text);
  return Flow::kNext;
}

}  // namespace sift::jinja
