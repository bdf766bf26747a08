#include <fmt/format.h>

#include <algorithm>

#include "jinja/parser.h"

/// Macros, call blocks, and the targets of assignments.
namespace sift::jinja {

std::unique_ptr<Statement> Parser::parse_macro() {
  auto node = std::make_unique<MacroStatement>(next().offset);
  const Token& name = expect(TokenKind::kName);
  check_assignable(name);
  node->macro.name = name.text;
  node->id = symbol(node->macro.name);
  note_store(node->id);
  scopes_.store(node->id);
  scopes_.enter_frame(node->macro.frame.unset);
  parse_signature(node->macro);
  parse_macro_body(node->macro, "endmacro");
  return node;
}

std::unique_ptr<Statement> Parser::parse_call_block() {
  auto node = std::make_unique<CallBlockStatement>(next().offset);
  // The call belongs to the frame outside and the signature, which comes first, to the block's own.
  std::size_t signature = at_;
  if (at_operator("(")) {
    int open = 0;
    do {
      if (current().kind == TokenKind::kEnd) fail_unexpected("')'");
      if (at_operator("(") || at_operator("[") || at_operator("{")) ++open;
      if (at_operator(")") || at_operator("]") || at_operator("}")) --open;
      next();
    } while (open > 0);
  }
  bool has_signature = at_ != signature;
  ExprPtr call = parse_expression();
  if (dynamic_cast<CallExpr*>(call.get()) == nullptr) fail(node->offset, "a call block needs a call");
  node->call.reset(static_cast<CallExpr*>(call.release()));
  std::size_t behind_call = at_;
  scopes_.enter_frame(node->block.frame.unset);
  if (has_signature) {
    at_ = signature;
    parse_signature(node->block);
    at_ = behind_call;
  }
  parse_macro_body(node->block, "endcall");
  return node;
}

void Parser::parse_signature(MacroDefinition& macro) {
  expect_operator("(");
  while (!at_operator(")")) {
    if (!macro.parameters.empty()) expect_operator(",");
    const Token& name = expect(TokenKind::kName);
    check_assignable(name);
    SymbolId id = symbol(name.text);
    if (std::find(macro.parameters.begin(), macro.parameters.end(), id) != macro.parameters.end()) {
      fail(name.offset, fmt::format("parameter '{}' given twice", name.text));
    }
    note_store(id);
    scopes_.parameter(id);
    if (skip_operator("=")) {
      macro.defaults.push_back(parse_expression());
    } else if (!macro.defaults.empty()) {
      fail(name.offset, "a parameter without a default follows one with a default");
    }
    macro.parameters.push_back(id);
    macro.parameter_names.push_back(name.text);
  }
  expect_operator(")");
}

void Parser::parse_macro_body(MacroDefinition& macro, std::string_view end) {
  begin_block_body();
  macro_uses_.emplace_back();
  ++captures_;
  int loops = std::exchange(loops_, 0);
  macro.frame.body = parse_body({end});
  loops_ = loops;
  --captures_;
  MacroUse use = macro_uses_.back();
  macro_uses_.pop_back();
  auto index_of = [&macro](const char* name) {
    const auto& names = macro.parameter_names;
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  std::size_t size = macro.parameters.size();
  std::size_t caller = index_of("caller");
  macro.explicit_caller = caller < size;
  if (use.found[0] && macro.explicit_caller && caller + macro.defaults.size() < size) {
    fail(current().offset, "a parameter named 'caller' needs a default");
  }
  macro.uses_caller = use.found[0];
  macro.uses_kwargs = use.found[1] && index_of("kwargs") == size;
  macro.uses_varargs = use.found[2] && index_of("varargs") == size;
  macro.caller_id = symbol("caller");
  macro.kwargs_id = symbol("kwargs");
  macro.varargs_id = symbol("varargs");
  if (macro.uses_caller) scopes_.parameter(macro.caller_id);
  if (macro.uses_kwargs) scopes_.parameter(macro.kwargs_id);
  if (macro.uses_varargs) scopes_.parameter(macro.varargs_id);
  scopes_.leave_frame();
  next();
}

Target Parser::parse_target(bool with_namespace) {
  Target tuple;
  tuple.kind = Target::Kind::kTuple;
  tuple.offset = current().offset;
  bool is_tuple = false;
  while (true) {
    if (!tuple.parts.empty()) expect_operator(",");
    if (is_tuple && (at_operator(")") || current().kind == TokenKind::kBlockEnd)) break;
    tuple.parts.push_back(parse_target_item(with_namespace));
    if (!at_operator(",")) break;
    is_tuple = true;
  }
  return is_tuple ? tuple : std::move(tuple.parts.front());
}

void Parser::check_assignable(const Token& name) const {
  static constexpr std::string_view kConstants[] = {"true", "True", "false", "False", "none", "None"};
  if (std::find(std::begin(kConstants), std::end(kConstants), name.text) == std::end(kConstants)) return;
  fail(name.offset, fmt::format("cannot assign to '{}'", name.text));
}

Target Parser::parse_target_item(bool with_namespace) {
  Nesting nesting(*this);
  if (skip_operator("(")) {
    Target inner = parse_target(false);
    expect_operator(")");
    return inner;
  }
  const Token& name = expect(TokenKind::kName);
  check_assignable(name);
  Target target;
  target.offset = name.offset;
  target.id = symbol(name.text);
  if (with_namespace && skip_operator(".")) {
    target.kind = Target::Kind::kAttribute;
    target.attribute = expect(TokenKind::kName).text;
  } else if (loops_in_template_ > 0 && name.text == "loop") {
    fail(name.offset, "cannot assign to the special variable 'loop' in a loop");
  }
  if (at_operator(".") || at_operator("[") || at_operator("(")) {
    fail(name.offset, "only names, attributes of namespaces and tuples of them can be assigned to");
  }
  return target;
}

void Parser::note_stores(const Target& target) {
  if (target.kind == Target::Kind::kName) note_store(target.id);
  for (const Target& part : target.parts) note_stores(part);
}

void Parser::mention_target(const Target& target, bool as_parameter) {
  switch (target.kind) {
    case Target::Kind::kName:
      if (as_parameter) {
        note_store(target.id);
        scopes_.parameter(target.id);
      } else {
        scopes_.store(target.id);
      }
      break;
    case Target::Kind::kAttribute:
      scopes_.load(target.id);
      break;
    case Target::Kind::kTuple:
      for (const Target& part : target.parts) mention_target(part, as_parameter);
      break;
  }
}

}  // namespace sift::jinja
