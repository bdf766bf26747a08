#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "jinja/ast.h"
#include "jinja/lexer.h"
#include "jinja/scope_analysis.h"

namespace sift::jinja {

/// Recursive descent over the tokens of one template, with jinja2's grammar: its precedences differ from
/// Python's in places. Whatever is not supported is a SyntaxFault here, not a surprise while rendering.
class Parser {
 public:
  explicit Parser(std::string_view source) : tokens_(tokenize(source)) {}
  Template parse();

 private:
  // Tokens.
  const Token& current() const { return tokens_[at_]; }
  const Token& look() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
  const Token& next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool at_operator(std::string_view op) const;
  bool at_name(std::string_view name) const;
  bool skip_operator(std::string_view op);
  bool skip_name(std::string_view name);
  void expect_operator(std::string_view op);
  const Token& expect(TokenKind kind);
  [[noreturn]] void fail(std::size_t offset, const std::string& message) const;
  [[noreturn]] void fail_unexpected(const std::string& expected) const;

  // Statements.
  Body parse_body(std::initializer_list<std::string_view> ends);
  std::unique_ptr<Statement> parse_statement();
  void begin_block_body();
  void parse_frame(Frame& frame, std::initializer_list<std::string_view> ends);
  std::unique_ptr<Statement> parse_if();
  std::unique_ptr<Statement> parse_for();
  std::unique_ptr<Statement> parse_set();
  std::unique_ptr<Statement> parse_with();
  std::unique_ptr<Statement> parse_macro();
  std::unique_ptr<Statement> parse_call_block();
  std::unique_ptr<Statement> parse_filter_block();
  std::unique_ptr<Statement> parse_generation();
  std::unique_ptr<Statement> parse_jump();
  void parse_print(Body& out);
  void parse_macro_body(MacroDefinition& macro, std::string_view end);
  void parse_signature(MacroDefinition& macro);

  // Targets of assignments.
  Target parse_target(bool with_namespace);
  Target parse_target_item(bool with_namespace);
  void check_assignable(const Token& name) const;
  void mention_target(const Target& target, bool as_parameter);
  void note_stores(const Target& target);

  // Expressions, from the loosest binding to the tightest.
  ExprPtr parse_tuple(bool with_condition = true, bool in_parentheses = false);
  ExprPtr parse_expression(bool with_condition = true);
  ExprPtr parse_condition();
  ExprPtr parse_or();
  ExprPtr parse_and();
  ExprPtr parse_not();
  ExprPtr parse_compare();
  ExprPtr parse_sum();
  ExprPtr parse_concat();
  ExprPtr parse_product();
  ExprPtr parse_power();
  ExprPtr parse_unary(bool with_filters = true);
  ExprPtr parse_primary();
  ExprPtr parse_name();
  ExprPtr parse_number();
  ExprPtr parse_list();
  ExprPtr parse_dict();
  ExprPtr parse_postfix(ExprPtr node);
  ExprPtr parse_filters_and_tests(ExprPtr node);
  ExprPtr parse_attribute(ExprPtr node);
  ExprPtr parse_subscript(ExprPtr node);
  ExprPtr parse_index_tuple(ExprPtr first, bool is_slice);
  ExprPtr parse_call(ExprPtr callee);
  ExprPtr parse_test(ExprPtr input);
  std::unique_ptr<FilterExpr> parse_filter(ExprPtr input);
  /// A chain of filters; empty when none follows.
  std::unique_ptr<FilterExpr> parse_filter_chain(std::unique_ptr<FilterExpr> first);
  CallArguments parse_call_arguments(Expr& owner);
  /// Notes that a filter or test is not there. An error when the template is read, but where an `if` around
  /// it, in the same frame, may leave it out: then it is one when it runs, as in jinja2.
  void note_missing(std::size_t offset, const std::string& message);
  std::optional<CompareOp> parse_compare_operator();
  ExprPtr make_binary(BinaryOp op, ExprPtr left, ExprPtr right);
  void adopt(Expr& parent, const ExprPtr& child) const;

  // Names.
  SymbolId symbol(const std::string& name);
  void note_load(SymbolId id);
  void note_store(SymbolId id);

  struct MacroUse {
    bool open[3] = {true, true, true};  // caller, kwargs, varargs: not assigned so far
    bool found[3] = {false, false, false};
  };
  class Nesting;

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  int loops_ = 0;              // loops that a break here could leave
  int loops_in_template_ = 0;  // also through macros
  int captures_ = 0;           // blocks around this place whose output is captured
  bool has_generation_ = false;
  int frame_of_if_ = 0;  // the depth of the frame that holds the innermost `if` around this place
  std::vector<std::pair<std::size_t, std::string>> missing_;  // offsets and messages
  std::map<std::string, SymbolId> symbol_ids_;
  std::vector<std::string> symbols_;
  ScopeAnalysis scopes_;
  std::vector<MacroUse> macro_uses_;
  std::vector<SymbolId> unused_;
};

/// Counts recursion, so that hostile nesting is an error and not the end of the stack.
class Parser::Nesting {
 public:
  explicit Nesting(Parser& parser);
  ~Nesting() { --parser_.nesting_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  Parser& parser_;
};

}  // namespace sift::jinja
