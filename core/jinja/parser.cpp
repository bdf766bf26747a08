#include "jinja/parser.h"

#include <fmt/format.h>

namespace sift::jinja {
namespace {

constexpr int kMaxNesting = 200;
constexpr int kMaxExpressionDepth = 200;
constexpr SymbolId kNumSpecialNames = 3;
constexpr const char* kSpecialNames[] = {"caller", "kwargs", "varargs", "loop"};

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kData:
      return "text";
    case TokenKind::kVariableBegin:
      return "'{{'";
    case TokenKind::kVariableEnd:
      return "'}}'";
    case TokenKind::kBlockBegin:
      return "'{%'";
    case TokenKind::kBlockEnd:
      return "'%}'";
    case TokenKind::kString:
      return "a string";
    case TokenKind::kEnd:
      return "the end of the template";
    default:
      return "'" + token.text + "'";
  }
}

const char* describe(TokenKind kind) {
  switch (kind) {
    case TokenKind::kVariableEnd:
      return "'}}'";
    case TokenKind::kBlockEnd:
      return "'%}'";
    case TokenKind::kName:
      return "a name";
    default:
      return "something else";
  }
}

}  // namespace

Parser::Nesting::Nesting(Parser& parser) : parser_(parser) {
  if (++parser_.nesting_ > kMaxNesting) {
    --parser_.nesting_;
    parser_.fail(parser_.current().offset, fmt::format("nested deeper than {} levels", kMaxNesting));
  }
}

Template Parser::parse() {
  for (const char* name : kSpecialNames) symbol(name);
  Template out;
  scopes_.enter_frame(out.root.unset);
  out.root.body = parse_body({});
  scopes_.leave_frame();
  scopes_.finish();
  if (!missing_.empty()) fail(missing_.front().first, missing_.front().second);
  out.symbols = std::move(symbols_);
  out.has_generation = has_generation_;
  return out;
}

bool Parser::at_operator(std::string_view op) const {
  return current().kind == TokenKind::kOperator && current().text == op;
}

bool Parser::at_name(std::string_view name) const {
  return current().kind == TokenKind::kName && current().text == name;
}

bool Parser::skip_operator(std::string_view op) {
  if (!at_operator(op)) return false;
  next();
  return true;
}

bool Parser::skip_name(std::string_view name) {
  if (!at_name(name)) return false;
  next();
  return true;
}

void Parser::expect_operator(std::string_view op) {
  if (!skip_operator(op)) fail_unexpected(fmt::format("'{}'", op));
}

const Token& Parser::expect(TokenKind kind) {
  if (current().kind != kind) fail_unexpected(describe(kind));
  return next();
}

void Parser::fail(std::size_t offset, const std::string& message) const {
  throw SyntaxFault(offset, message);
}

void Parser::fail_unexpected(const std::string& expected) const {
  fail(current().offset, fmt::format("expected {}, found {}", expected, describe(current())));
}

SymbolId Parser::symbol(const std::string& name) {
  auto [found, is_new] = symbol_ids_.try_emplace(name, static_cast<SymbolId>(symbols_.size()));
  if (is_new) symbols_.push_back(name);
  return found->second;
}

void Parser::note_load(SymbolId id) {
  scopes_.load(id);
  if (id >= kNumSpecialNames) return;
  for (MacroUse& use : macro_uses_) use.found[id] = use.found[id] || use.open[id];
}

void Parser::note_store(SymbolId id) {
  if (id >= kNumSpecialNames) return;
  for (MacroUse& use : macro_uses_) use.open[id] = false;
}

void Parser::note_missing(std::size_t offset, const std::string& message) {
  if (frame_of_if_ != scopes_.depth()) missing_.emplace_back(offset, message);
}

void Parser::adopt(Expr& parent, const ExprPtr& child) const {
  parent.depth = std::max(parent.depth, child->depth + 1);
  if (parent.depth > kMaxExpressionDepth) {
    fail(parent.offset, fmt::format("expression nested deeper than {} levels", kMaxExpressionDepth));
  }
}

}  // namespace sift::jinja
