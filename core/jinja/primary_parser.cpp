#include <fmt/format.h>

#include <charconv>

#include "jinja/number_text.h"
#include "jinja/parser.h"

namespace sift::jinja {

ExprPtr Parser::parse_primary() {
  const Token& token = current();
  if (token.kind == TokenKind::kName) return parse_name();
  if (token.kind == TokenKind::kString) {
    std::string text;
    while (current().kind == TokenKind::kString) text += next().text;
    return std::make_unique<LiteralExpr>(token.offset, Value(std::move(text)));
  }
  if (token.kind == TokenKind::kInteger || token.kind == TokenKind::kFloat) return parse_number();
  if (skip_operator("(")) {
    ExprPtr node = parse_tuple(true, true);
    expect_operator(")");
    return node;
  }
  if (at_operator("[")) return parse_list();
  if (at_operator("{")) return parse_dict();
  fail_unexpected("an expression");
}

ExprPtr Parser::parse_name() {
  const Token& token = next();
  const std::string& name = token.text;
  if (name == "true" || name == "True") return std::make_unique<LiteralExpr>(token.offset, Value(true));
  if (name == "false" || name == "False") return std::make_unique<LiteralExpr>(token.offset, Value(false));
  if (name == "none" || name == "None") return std::make_unique<LiteralExpr>(token.offset, Value());
  if (name == "self") fail(token.offset, "'self' is not supported: templates have no blocks here");
  SymbolId id = symbol(name);
  note_load(id);
  return std::make_unique<NameExpr>(token.offset, id);
}

ExprPtr Parser::parse_number() {
  const Token& token = next();
  const std::string& text = token.text;
  if (token.kind == TokenKind::kFloat) {
    auto value = float_from_text(text);  // infinity and zero where it is out of range, as in Python
    if (!value) fail(token.offset, "float literal that cannot be read");
    return std::make_unique<LiteralExpr>(token.offset, Value(*value));
  }
  int base = 10;
  std::size_t skip = 0;
  if (text.size() > 2 && text[0] == '0' && text[1] > '9') {
    auto letter = static_cast<char>(text[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'o' ? 8 : 2;
    skip = 2;
  }
  std::int64_t value = 0;
  auto result = std::from_chars(text.data() + skip, text.data() + text.size(), value, base);
  if (result.ec != std::errc()) fail(token.offset, "integer literal does not fit in 64 bits");
  return std::make_unique<LiteralExpr>(token.offset, Value(value));
}

ExprPtr Parser::parse_list() {
  auto node = std::make_unique<SequenceExpr>(next().offset);
  while (!at_operator("]")) {
    if (!node->items.empty()) expect_operator(",");
    if (at_operator("]")) break;
    node->items.push_back(parse_expression());
    adopt(*node, node->items.back());
  }
  expect_operator("]");
  return node;
}

ExprPtr Parser::parse_dict() {
  auto node = std::make_unique<DictExpr>(next().offset);
  while (!at_operator("}")) {
    if (!node->items.empty()) expect_operator(",");
    if (at_operator("}")) break;
    ExprPtr key = parse_expression();
    expect_operator(":");
    ExprPtr value = parse_expression();
    adopt(*node, key);
    adopt(*node, value);
    node->items.emplace_back(std::move(key), std::move(value));
  }
  expect_operator("}");
  return node;
}

ExprPtr Parser::parse_postfix(ExprPtr node) {
  while (true) {
    if (at_operator(".")) {
      node = parse_attribute(std::move(node));
    } else if (at_operator("[")) {
      node = parse_subscript(std::move(node));
    } else if (at_operator("(")) {
      node = parse_call(std::move(node));
    } else {
      return node;
    }
  }
}

ExprPtr Parser::parse_filters_and_tests(ExprPtr node) {
  while (true) {
    if (skip_operator("|")) {
      node = parse_filter(std::move(node));
    } else if (at_name("is")) {
      node = parse_test(std::move(node));
    } else if (at_operator("(")) {
      node = parse_call(std::move(node));
    } else {
      return node;
    }
  }
}

ExprPtr Parser::parse_attribute(ExprPtr object) {
  std::size_t where = next().offset;
  const Token& name = next();
  if (name.kind == TokenKind::kName) {
    auto node = std::make_unique<AttributeExpr>(where);
    node->object = std::move(object);
    node->name = name.text;
    adopt(*node, node->object);
    return node;
  }
  if (name.kind != TokenKind::kInteger) fail(name.offset, "expected a name or a number after '.'");
  --at_;
  auto node = std::make_unique<ItemExpr>(where);
  node->object = std::move(object);
  node->key = parse_number();
  adopt(*node, node->object);
  return node;
}

ExprPtr Parser::parse_subscript(ExprPtr object) {
  std::size_t where = next().offset;
  ExprPtr bounds[3];
  if (at_operator("]")) {  // no index at all is the empty tuple
    auto empty = std::make_unique<SequenceExpr>(where);
    empty->is_tuple = true;
    bounds[0] = std::move(empty);
  } else if (!at_operator(":")) {
    bounds[0] = parse_expression();
  }
  bool is_slice = at_operator(":");
  for (int i = 1; i < 3 && skip_operator(":"); ++i) {
    if (!at_operator(":") && !at_operator("]") && !at_operator(",")) bounds[i] = parse_expression();
  }
  if (at_operator(",")) bounds[0] = parse_index_tuple(std::move(bounds[0]), is_slice);
  expect_operator("]");
  auto finish = [&](auto node) -> ExprPtr {
    node->object = std::move(object);
    adopt(*node, node->object);
    for (const ExprPtr& bound : bounds) {
      if (bound) adopt(*node, bound);
    }
    return node;
  };
  if (is_slice) {
    ExprPtr made = finish(std::make_unique<SliceExpr>(where));
    auto& slice = static_cast<SliceExpr&>(*made);
    slice.start = std::move(bounds[0]);
    slice.stop = std::move(bounds[1]);
    slice.step = std::move(bounds[2]);
    return made;
  }
  ExprPtr made = finish(std::make_unique<ItemExpr>(where));
  static_cast<ItemExpr&>(*made).key = std::move(bounds[0]);
  return made;
}

/// Behind the first of several indices: together they are one key.
ExprPtr Parser::parse_index_tuple(ExprPtr first, bool is_slice) {
  if (is_slice) fail_unexpected("']'");
  auto tuple = std::make_unique<SequenceExpr>(first->offset);
  tuple->is_tuple = true;
  tuple->items.push_back(std::move(first));
  while (skip_operator(",")) tuple->items.push_back(parse_expression());
  for (const ExprPtr& item : tuple->items) adopt(*tuple, item);
  return tuple;
}

ExprPtr Parser::parse_call(ExprPtr callee) {
  auto node = std::make_unique<CallExpr>(callee->offset);
  node->callee = std::move(callee);
  adopt(*node, node->callee);
  node->arguments = parse_call_arguments(*node);
  return node;
}

CallArguments Parser::parse_call_arguments(Expr& owner) {
  CallArguments out;
  expect_operator("(");
  auto check = [&](bool allowed) {
    if (!allowed) fail(current().offset, "arguments in an order that a call does not allow");
  };
  bool first = true;
  while (!at_operator(")")) {
    if (!first) {
      expect_operator(",");
      if (at_operator(")")) break;
    }
    first = false;
    ExprPtr* value = nullptr;
    if (skip_operator("*")) {
      check(!out.star && !out.star_star);
      value = &out.star;
    } else if (skip_operator("**")) {
      check(!out.star_star);
      value = &out.star_star;
    } else if (current().kind == TokenKind::kName && look().kind == TokenKind::kOperator &&
               look().text == "=") {
      check(!out.star_star);
      for (const auto& [name, other] : out.named) {
        if (name == current().text) fail(current().offset, fmt::format("argument '{}' given twice", name));
      }
      out.named.emplace_back(next().text, nullptr);
      next();
      value = &out.named.back().second;
    } else {
      check(!out.star && !out.star_star && out.named.empty());
      value = &out.positional.emplace_back();
    }
    *value = parse_expression();
    adopt(owner, *value);
  }
  expect_operator(")");
  return out;
}

std::unique_ptr<FilterExpr> Parser::parse_filter(ExprPtr input) {
  const Token& token = expect(TokenKind::kName);
  auto node = std::make_unique<FilterExpr>(token.offset);
  node->filter = find_filter(token.text);
  if (node->filter == nullptr) {
    node->missing = is_filter_name(token.text) ? fmt::format("filter '{}' is not supported", token.text)
                                               : fmt::format("there is no filter '{}'", token.text);
    note_missing(token.offset, node->missing);
  }
  if (at_operator(".")) fail(current().offset, "dotted filter names are not supported");
  node->input = std::move(input);
  if (node->input) adopt(*node, node->input);
  if (at_operator("(")) node->arguments = parse_call_arguments(*node);
  return node;
}

std::unique_ptr<FilterExpr> Parser::parse_filter_chain(std::unique_ptr<FilterExpr> first) {
  while (skip_operator("|")) first = parse_filter(std::move(first));
  return first;
}

ExprPtr Parser::parse_test(ExprPtr input) {
  std::size_t where = next().offset;
  bool negated = skip_name("not");
  const Token& name = expect(TokenKind::kName);
  auto node = std::make_unique<TestExpr>(where);
  node->test = find_test(name.text);
  if (node->test == nullptr) {
    node->missing = fmt::format("there is no test '{}'", name.text);
    note_missing(name.offset, node->missing);
  }
  node->input = std::move(input);
  adopt(*node, node->input);
  bool starts_operand = current().kind == TokenKind::kName || current().kind == TokenKind::kString ||
                        current().kind == TokenKind::kInteger || current().kind == TokenKind::kFloat ||
                        at_operator("[") || at_operator("{");
  if (at_operator("(")) {
    node->arguments = parse_call_arguments(*node);
  } else if (starts_operand && !at_name("else") && !at_name("or") && !at_name("and")) {
    if (at_name("is")) fail(current().offset, "tests cannot be chained with 'is'");
    ExprPtr operand = parse_postfix(parse_primary());
    adopt(*node, operand);
    node->arguments.positional.push_back(std::move(operand));
  }
  if (!negated) return node;
  auto inverse = std::make_unique<UnaryExpr>(where);
  inverse->operand = std::move(node);
  adopt(*inverse, inverse->operand);
  return inverse;
}

}  // namespace sift::jinja
