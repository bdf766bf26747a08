#include <fmt/format.h>

#include "jinja/attributes.h"
#include "jinja/interpreter.h"

namespace sift::jinja {

Value NameExpr::evaluate(Interpreter& interpreter) const {
  return interpreter.look_up(id);
}

Value SequenceExpr::evaluate(Interpreter& interpreter) const {
  std::vector<Value> values;
  values.reserve(items.size());
  for (const ExprPtr& item : items) values.push_back(interpreter.evaluate(*item));
  return is_tuple ? Value::tuple(std::move(values)) : Value::list(std::move(values));
}

Value DictExpr::evaluate(Interpreter& interpreter) const {
  Dict dict;
  for (const auto& [key, value] : items) {
    Value name = interpreter.evaluate(*key);
    check_hashable(name);
    dict.set(std::move(name), interpreter.evaluate(*value));
  }
  return Value(std::move(dict));
}

Value UnaryExpr::evaluate(Interpreter& interpreter) const {
  Value value = interpreter.evaluate(*operand);
  if (op == Op::kNot) return !value.truthy();
  return op == Op::kNegate ? negate(value) : plus(value);
}

Value BinaryExpr::evaluate(Interpreter& interpreter) const {
  Value a = interpreter.evaluate(*left);
  Value b = interpreter.evaluate(*right);
  return binary(op, a, b);
}

Value LogicalExpr::evaluate(Interpreter& interpreter) const {
  Value value = interpreter.evaluate(*left);
  return value.truthy() == is_and ? interpreter.evaluate(*right) : value;
}

Value ConcatExpr::evaluate(Interpreter& interpreter) const {
  std::string out;
  for (const ExprPtr& part : parts) out += to_text(interpreter.evaluate(*part));
  return Value(std::move(out));
}

Value CompareExpr::evaluate(Interpreter& interpreter) const {
  Value left = interpreter.evaluate(*first);
  for (const auto& [op, operand] : rest) {
    Value right = interpreter.evaluate(*operand);
    if (!compare(op, left, right)) return false;
    left = std::move(right);
  }
  return true;
}

Value ConditionalExpr::evaluate(Interpreter& interpreter) const {
  if (interpreter.evaluate(*test).truthy()) return interpreter.evaluate(*then);
  if (otherwise) return interpreter.evaluate(*otherwise);
  return Value::undefined("the inline if-expression evaluated to false and no else section was defined");
}

Value AttributeExpr::evaluate(Interpreter& interpreter) const {
  Value value = interpreter.evaluate(*object);
  return get_attribute(interpreter.context(), value, name);
}

Value ItemExpr::evaluate(Interpreter& interpreter) const {
  Value value = interpreter.evaluate(*object);
  return get_item(interpreter.context(), value, interpreter.evaluate(*key));
}

Value SliceExpr::evaluate(Interpreter& interpreter) const {
  Value value = interpreter.evaluate(*object);
  auto bound = [&interpreter](const ExprPtr& part) { return part ? interpreter.evaluate(*part) : Value(); };
  Value from = bound(start);
  Value to = bound(stop);
  return get_slice(value, from, to, bound(step));
}

Arguments CallArguments::evaluate(Interpreter& interpreter) const {
  Arguments out;
  out.positional.reserve(positional.size());
  for (const ExprPtr& argument : positional) out.positional.push_back(interpreter.evaluate(*argument));
  if (star) {
    for (Value& value : to_items(interpreter.evaluate(*star))) out.positional.push_back(std::move(value));
  }
  for (const auto& [name, argument] : named) out.named.emplace_back(name, interpreter.evaluate(*argument));
  if (star_star) {
    Value more = interpreter.evaluate(*star_star);
    if (!more.is_dict())
      throw Fault(fmt::format("argument after ** must be a mapping, not {}", more.type_name()));
    for (const auto& [key, value] : more.as_dict().items) {
      if (!key.is_string()) throw Fault("keywords must be strings");
      for (const auto& [name, other] : out.named) {
        if (name == key.text()) throw Fault(fmt::format("argument '{}' given twice", name));
      }
      out.named.emplace_back(key.text(), value);
    }
  }
  return out;
}

Value CallExpr::evaluate(Interpreter& interpreter) const {
  return call(interpreter, nullptr);
}

Value CallExpr::call(Interpreter& interpreter, const Value* caller) const {
  Value function = interpreter.evaluate(*callee);
  Arguments values = arguments.evaluate(interpreter);
  if (caller != nullptr) values.named.emplace_back("caller", *caller);
  return interpreter.call(function, values);
}

Value FilterExpr::evaluate(Interpreter& interpreter) const {
  Value value = interpreter.evaluate(*input);
  spend(weight_of(value));
  const Arguments values = arguments.evaluate(interpreter);
  if (filter == nullptr) throw Fault(missing);
  return filter(interpreter.context(), value, values);
}

Value FilterExpr::apply(Interpreter& interpreter, const Value& block) const {
  Value value = input ? static_cast<const FilterExpr&>(*input).apply(interpreter, block) : block;
  spend(weight_of(value));
  const Arguments values = arguments.evaluate(interpreter);
  if (filter == nullptr) throw Fault(missing);
  return filter(interpreter.context(), value, values);
}

Value TestExpr::evaluate(Interpreter& interpreter) const {
  Value value = interpreter.evaluate(*input);
  const Arguments values = arguments.evaluate(interpreter);
  if (test == nullptr) throw Fault(missing);
  return test(interpreter.context(), value, values);
}

}  // namespace sift::jinja
