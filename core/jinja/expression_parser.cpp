#include <fmt/format.h>

#include <charconv>

#include "jinja/parser.h"

/// The operators; primary_parser holds what they bind.
namespace sift::jinja {

ExprPtr Parser::parse_tuple(bool with_condition, bool in_parentheses) {
  std::size_t where = current().offset;
  auto tuple = std::make_unique<SequenceExpr>(where);
  tuple->is_tuple = true;
  bool is_tuple = false;
  while (true) {
    if (!tuple->items.empty()) expect_operator(",");
    bool end = current().kind == TokenKind::kVariableEnd || current().kind == TokenKind::kBlockEnd ||
               at_operator(")");
    if (end) break;
    tuple->items.push_back(parse_expression(with_condition));
    adopt(*tuple, tuple->items.back());
    if (!at_operator(",")) break;
    is_tuple = true;
  }
  if (is_tuple) return tuple;
  if (!tuple->items.empty()) return std::move(tuple->items.front());
  if (!in_parentheses) fail_unexpected("an expression");
  return tuple;
}

ExprPtr Parser::parse_expression(bool with_condition) {
  Nesting nesting(*this);
  return with_condition ? parse_condition() : parse_or();
}

ExprPtr Parser::parse_condition() {
  const std::size_t missing_before = missing_.size();
  ExprPtr node = parse_or();
  while (at_name("if")) {
    auto condition = std::make_unique<ConditionalExpr>(next().offset);
    condition->then = std::move(node);
    condition->test = parse_or();
    adopt(*condition, condition->then);
    adopt(*condition, condition->test);
    if (skip_name("else")) {
      condition->otherwise = parse_expression();
      adopt(*condition, condition->otherwise);
    }
    node = std::move(condition);
    missing_.resize(missing_before);  // jinja2 looks for all of a conditional expression when it runs
  }
  return node;
}

ExprPtr Parser::parse_or() {
  ExprPtr left = parse_and();
  while (at_name("or")) {
    auto node = std::make_unique<LogicalExpr>(next().offset);
    node->left = std::move(left);
    node->right = parse_and();
    adopt(*node, node->left);
    adopt(*node, node->right);
    left = std::move(node);
  }
  return left;
}

ExprPtr Parser::parse_and() {
  ExprPtr left = parse_not();
  while (at_name("and")) {
    auto node = std::make_unique<LogicalExpr>(next().offset);
    node->is_and = true;
    node->left = std::move(left);
    node->right = parse_not();
    adopt(*node, node->left);
    adopt(*node, node->right);
    left = std::move(node);
  }
  return left;
}

ExprPtr Parser::parse_not() {
  if (!at_name("not")) return parse_compare();
  Nesting nesting(*this);
  auto node = std::make_unique<UnaryExpr>(next().offset);
  node->op = UnaryExpr::Op::kNot;
  node->operand = parse_not();
  adopt(*node, node->operand);
  return node;
}

std::optional<CompareOp> Parser::parse_compare_operator() {
  static const std::map<std::string_view, CompareOp> operators = {
      {"==", CompareOp::kEqual},     {"!=", CompareOp::kNotEqual}, {"<", CompareOp::kLess},
      {"<=", CompareOp::kLessEqual}, {">", CompareOp::kGreater},   {">=", CompareOp::kGreaterEqual}};
  if (current().kind == TokenKind::kOperator) {
    auto found = operators.find(current().text);
    if (found == operators.end()) return std::nullopt;
    next();
    return found->second;
  }
  if (skip_name("in")) return CompareOp::kIn;
  if (at_name("not") && look().kind == TokenKind::kName && look().text == "in") {
    next();
    next();
    return CompareOp::kNotIn;
  }
  return std::nullopt;
}

ExprPtr Parser::parse_compare() {
  ExprPtr first = parse_sum();
  std::size_t where = current().offset;
  auto op = parse_compare_operator();
  if (!op) return first;
  auto node = std::make_unique<CompareExpr>(where);
  node->first = std::move(first);
  adopt(*node, node->first);
  while (op) {
    node->rest.emplace_back(*op, parse_sum());
    adopt(*node, node->rest.back().second);
    op = parse_compare_operator();
  }
  return node;
}

ExprPtr Parser::make_binary(BinaryOp op, ExprPtr left, ExprPtr right) {
  auto node = std::make_unique<BinaryExpr>(left->offset);
  node->op = op;
  node->left = std::move(left);
  node->right = std::move(right);
  adopt(*node, node->left);
  adopt(*node, node->right);
  return node;
}

ExprPtr Parser::parse_sum() {
  ExprPtr left = parse_concat();
  while (at_operator("+") || at_operator("-")) {
    BinaryOp op = next().text == "+" ? BinaryOp::kAdd : BinaryOp::kSubtract;
    left = make_binary(op, std::move(left), parse_concat());
  }
  return left;
}

ExprPtr Parser::parse_concat() {
  ExprPtr first = parse_product();
  if (!at_operator("~")) return first;
  auto node = std::make_unique<ConcatExpr>(first->offset);
  node->parts.push_back(std::move(first));
  while (skip_operator("~")) node->parts.push_back(parse_product());
  for (const ExprPtr& part : node->parts) adopt(*node, part);
  return node;
}

ExprPtr Parser::parse_product() {
  static const std::map<std::string_view, BinaryOp> operators = {{"*", BinaryOp::kMultiply},
                                                                 {"/", BinaryOp::kDivide},
                                                                 {"//", BinaryOp::kFloorDivide},
                                                                 {"%", BinaryOp::kModulo}};
  ExprPtr left = parse_power();
  while (current().kind == TokenKind::kOperator && operators.contains(current().text)) {
    BinaryOp op = operators.at(next().text);
    left = make_binary(op, std::move(left), parse_power());
  }
  return left;
}

ExprPtr Parser::parse_power() {
  ExprPtr left = parse_unary();
  while (skip_operator("**")) left = make_binary(BinaryOp::kPower, std::move(left), parse_unary());
  return left;
}

ExprPtr Parser::parse_unary(bool with_filters) {
  Nesting nesting(*this);
  ExprPtr node;
  if (at_operator("-") || at_operator("+")) {
    auto unary = std::make_unique<UnaryExpr>(current().offset);
    unary->op = next().text == "-" ? UnaryExpr::Op::kNegate : UnaryExpr::Op::kPlus;
    unary->operand = parse_unary(false);
    adopt(*unary, unary->operand);
    node = std::move(unary);
  } else {
    node = parse_primary();
  }
  node = parse_postfix(std::move(node));
  return with_filters ? parse_filters_and_tests(std::move(node)) : std::move(node);
}

}  // namespace sift::jinja
