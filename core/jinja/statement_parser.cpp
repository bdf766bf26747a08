#include <fmt/format.h>

#include <algorithm>

#include "jinja/parser.h"

namespace sift::jinja {
namespace {

/// Sets a counter for as long as a block is parsed.
class Scoped {
 public:
  Scoped(int& counter, int value) : counter_(counter), before_(counter) { counter = value; }
  ~Scoped() { counter_ = before_; }
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

 private:
  int& counter_;
  int before_;
};

}  // namespace

Body Parser::parse_body(std::initializer_list<std::string_view> ends) {
  Body out;
  while (true) {
    const Token& token = current();
    if (token.kind == TokenKind::kEnd) {
      if (ends.size() > 0)
        fail(token.offset, fmt::format("the template ends before '{}'", *(ends.end() - 1)));
      return out;
    }
    next();
    if (token.kind == TokenKind::kData) {
      auto text = std::make_unique<TextStatement>(token.offset);
      text->text = token.text;
      out.push_back(std::move(text));
    } else if (token.kind == TokenKind::kVariableBegin) {
      auto print = std::make_unique<PrintStatement>(current().offset);
      print->value = parse_tuple();
      expect(TokenKind::kVariableEnd);
      out.push_back(std::move(print));
    } else {
      if (current().kind != TokenKind::kName) fail_unexpected("the name of a tag");
      if (std::find(ends.begin(), ends.end(), current().text) != ends.end()) return out;
      if (at_name("print")) {
        parse_print(out);
      } else {
        out.push_back(parse_statement());
      }
      expect(TokenKind::kBlockEnd);
    }
  }
}

std::unique_ptr<Statement> Parser::parse_statement() {
  Nesting nesting(*this);
  const std::string& tag = current().text;
  if (tag == "if") return parse_if();
  if (tag == "for") return parse_for();
  if (tag == "set") return parse_set();
  if (tag == "with") return parse_with();
  if (tag == "macro") return parse_macro();
  if (tag == "call") return parse_call_block();
  if (tag == "filter") return parse_filter_block();
  if (tag == "generation") return parse_generation();
  if (tag == "break" || tag == "continue") return parse_jump();
  static constexpr std::string_view kRefused[] = {"include", "import", "from",
                                                  "extends", "block",  "autoescape"};
  if (std::find(std::begin(kRefused), std::end(kRefused), tag) != std::end(kRefused)) {
    fail(current().offset, fmt::format("tag '{}' is not supported in chat templates", tag));
  }
  fail(current().offset, fmt::format("unknown tag '{}'", tag));
}

void Parser::begin_block_body() {
  skip_operator(":");
  expect(TokenKind::kBlockEnd);
}

void Parser::parse_frame(Frame& frame, std::initializer_list<std::string_view> ends) {
  scopes_.enter_frame(frame.unset);
  frame.body = parse_body(ends);
  scopes_.leave_frame();
}

void Parser::parse_print(Body& out) {
  next();
  bool first = true;
  while (current().kind != TokenKind::kBlockEnd) {
    if (!first) expect_operator(",");
    first = false;
    auto print = std::make_unique<PrintStatement>(current().offset);
    print->value = parse_expression();
    out.push_back(std::move(print));
  }
}

std::unique_ptr<Statement> Parser::parse_if() {
  auto node = std::make_unique<IfStatement>(next().offset);
  Scoped soft(frame_of_if_, scopes_.depth());
  auto parse_branch = [&] {
    ExprPtr test = parse_tuple(false);
    begin_block_body();
    return test;
  };
  // For the scopes all the elifs together are one branch, each of them an if of its own.
  ExprPtr test = parse_branch();
  scopes_.begin_branches();
  scopes_.next_branch();
  node->branches.emplace_back(std::move(test), parse_body({"elif", "else", "endif"}));
  scopes_.next_branch();
  while (skip_name("elif")) {
    test = parse_branch();
    scopes_.begin_branches();
    scopes_.next_branch();
    node->branches.emplace_back(std::move(test), parse_body({"elif", "else", "endif"}));
    scopes_.next_branch();
    scopes_.end_branches();
  }
  scopes_.next_branch();
  if (skip_name("else")) {
    begin_block_body();
    node->otherwise = parse_body({"endif"});
  }
  next();
  scopes_.end_branches();
  return node;
}

std::unique_ptr<Statement> Parser::parse_for() {
  auto node = std::make_unique<ForStatement>(next().offset);
  Scoped in_loop(loops_in_template_, loops_in_template_ + 1);
  node->target = parse_target(false);
  if (!skip_name("in")) fail_unexpected("'in'");
  node->iterable = parse_tuple(false);
  if (skip_name("if")) {
    scopes_.enter_frame(unused_);
    mention_target(node->target, true);
    node->test = parse_expression();
    scopes_.leave_frame();
  }
  if (at_name("recursive")) fail(current().offset, "recursive loops are not supported");
  begin_block_body();
  scopes_.enter_frame(node->frame.unset);
  scopes_.parameter(symbol("loop"));
  mention_target(node->target, true);
  {
    Scoped breakable(loops_, loops_ + 1);
    node->frame.body = parse_body({"else", "endfor"});
  }
  scopes_.leave_frame();
  if (skip_name("else")) {
    begin_block_body();
    parse_frame(node->otherwise, {"endfor"});
  }
  next();
  return node;
}

std::unique_ptr<Statement> Parser::parse_set() {
  std::size_t where = next().offset;
  Target target = parse_target(true);
  note_stores(target);
  if (skip_operator("=")) {
    auto node = std::make_unique<SetStatement>(where);
    node->value = parse_tuple();
    mention_target(target, false);
    node->target = std::move(target);
    return node;
  }
  auto node = std::make_unique<SetBlockStatement>(where);
  mention_target(target, false);
  node->target = std::move(target);
  scopes_.enter_frame(node->frame.unset);
  if (skip_operator("|")) node->filter = parse_filter_chain(parse_filter(nullptr));
  begin_block_body();
  Scoped capture(captures_, captures_ + 1);
  node->frame.body = parse_body({"endset"});
  scopes_.leave_frame();
  next();
  return node;
}

std::unique_ptr<Statement> Parser::parse_with() {
  auto node = std::make_unique<WithStatement>(next().offset);
  while (current().kind != TokenKind::kBlockEnd && !at_operator(":")) {
    if (!node->variables.empty()) expect_operator(",");
    Target target = parse_target(false);
    expect_operator("=");
    node->variables.emplace_back(std::move(target), parse_expression());
  }
  begin_block_body();
  scopes_.enter_frame(node->frame.unset);
  for (const auto& [target, value] : node->variables) mention_target(target, true);
  node->frame.body = parse_body({"endwith"});
  scopes_.leave_frame();
  next();
  return node;
}

std::unique_ptr<Statement> Parser::parse_filter_block() {
  auto node = std::make_unique<FilterBlockStatement>(next().offset);
  scopes_.enter_frame(node->frame.unset);
  node->filter = parse_filter_chain(parse_filter(nullptr));
  begin_block_body();
  Scoped capture(captures_, captures_ + 1);
  node->frame.body = parse_body({"endfilter"});
  scopes_.leave_frame();
  next();
  return node;
}

std::unique_ptr<Statement> Parser::parse_generation() {
  auto node = std::make_unique<GenerationStatement>(next().offset);
  if (captures_ > 0) {
    fail(node->offset,
         "a generation block inside a macro, call, set or filter block is not supported: its place in the "
         "text "
         "is not known");
  }
  has_generation_ = true;
  begin_block_body();
  Scoped no_loop(loops_, 0);
  parse_frame(node->frame, {"endgeneration"});
  next();
  return node;
}

std::unique_ptr<Statement> Parser::parse_jump() {
  const Token& token = next();
  auto node = std::make_unique<JumpStatement>(token.offset);
  node->flow = token.text == "break" ? Flow::kBreak : Flow::kContinue;
  if (loops_ == 0) fail(token.offset, fmt::format("'{}' outside of a loop", token.text));
  return node;
}

}  // namespace sift::jinja
