#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jinja/filters.h"
#include "jinja/operators.h"
#include "jinja/tests.h"
#include "jinja/value.h"

/// The syntax tree. It is immutable once parsed, so one tree renders on many threads.
namespace sift::jinja {

class Interpreter;
using SymbolId = std::uint32_t;  // an index into the names that the template mentions

struct Expr {
  explicit Expr(std::size_t where) : offset(where) {}
  virtual ~Expr() = default;
  virtual Value evaluate(Interpreter& interpreter) const = 0;
  std::size_t offset;  // in the normalised source
  int depth = 1;
};
using ExprPtr = std::unique_ptr<Expr>;

/// What a body of statements ended with.
enum class Flow { kNext, kBreak, kContinue };

struct Statement {
  explicit Statement(std::size_t where) : offset(where) {}
  virtual ~Statement() = default;
  virtual Flow execute(Interpreter& interpreter) const = 0;
  std::size_t offset;
};
using Body = std::vector<std::unique_ptr<Statement>>;

/// A body with variables of its own. `unset` are names that the body assigns before it reads them: until
/// then they are undefined in it and in the frames inside it, whatever outer frames call so.
struct Frame {
  Body body;
  std::vector<SymbolId> unset;
};

// Expressions.

struct LiteralExpr : Expr {
  LiteralExpr(std::size_t where, Value constant) : Expr(where), value(std::move(constant)) {}
  Value evaluate(Interpreter&) const override { return value; }
  Value value;
};

struct NameExpr : Expr {
  NameExpr(std::size_t where, SymbolId symbol) : Expr(where), id(symbol) {}
  Value evaluate(Interpreter& interpreter) const override;
  SymbolId id;
};

struct SequenceExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  std::vector<ExprPtr> items;
  bool is_tuple = false;
};

struct DictExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  std::vector<std::pair<ExprPtr, ExprPtr>> items;
};

struct UnaryExpr : Expr {
  enum class Op { kNot, kNegate, kPlus };
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  Op op = Op::kNot;
  ExprPtr operand;
};

struct BinaryExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  BinaryOp op = BinaryOp::kAdd;
  ExprPtr left, right;
};

/// `and` and `or`: one of the operands, as in Python.
struct LogicalExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  bool is_and = false;
  ExprPtr left, right;
};

struct ConcatExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  std::vector<ExprPtr> parts;
};

struct CompareExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  ExprPtr first;
  std::vector<std::pair<CompareOp, ExprPtr>> rest;
};

struct ConditionalExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  ExprPtr test, then, otherwise;  // `otherwise` may be missing
};

struct AttributeExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  ExprPtr object;
  std::string name;
};

struct ItemExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  ExprPtr object, key;
};

struct SliceExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  ExprPtr object, start, stop, step;  // bounds may be missing
};

struct CallArguments {
  Arguments evaluate(Interpreter& interpreter) const;
  std::vector<ExprPtr> positional;
  std::vector<std::pair<std::string, ExprPtr>> named;
  ExprPtr star, star_star;
};

struct CallExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  /// The call with one more named argument: the block of a call statement.
  Value call(Interpreter& interpreter, const Value* caller) const;
  ExprPtr callee;
  CallArguments arguments;
};

/// `input` is missing in front of the filters of a filter or set block, which take the block's text.
struct FilterExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  Value apply(Interpreter& interpreter, const Value& block) const;
  ExprPtr input;
  Filter filter = nullptr;  // null if it does not exist; then `missing` says why
  std::string missing;
  CallArguments arguments;
};

struct TestExpr : Expr {
  using Expr::Expr;
  Value evaluate(Interpreter& interpreter) const override;
  ExprPtr input;
  Test test = nullptr;  // as above
  std::string missing;
  CallArguments arguments;
};

// Statements.

/// What `set` and `for` assign to: a name, an attribute of a namespace, or a tuple of targets.
struct Target {
  enum class Kind { kName, kAttribute, kTuple };
  Kind kind = Kind::kName;
  std::size_t offset = 0;
  SymbolId id = 0;
  std::string attribute;
  std::vector<Target> parts;
};

struct TextStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter& interpreter) const override;
  std::string text;
};

struct PrintStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter& interpreter) const override;
  ExprPtr value;
};

struct IfStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter& interpreter) const override;
  std::vector<std::pair<ExprPtr, Body>> branches;
  Body otherwise;
};

struct ForStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter& interpreter) const override;
  Target target;
  ExprPtr iterable, test;  // `test` may be missing
  Frame frame, otherwise;
};

struct SetStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter& interpreter) const override;
  Target target;
  ExprPtr value;
};

struct SetBlockStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter& interpreter) const override;
  Target target;
  std::unique_ptr<FilterExpr> filter;  // may be missing
  Frame frame;
};

struct WithStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter& interpreter) const override;
  std::vector<std::pair<Target, ExprPtr>> variables;
  Frame frame;
};

struct FilterBlockStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter& interpreter) const override;
  std::unique_ptr<FilterExpr> filter;
  Frame frame;
};

/// The parameters and the body of a macro, or of the block of a call statement.
struct MacroDefinition {
  std::string name;
  std::vector<SymbolId> parameters;
  std::vector<std::string> parameter_names;
  std::vector<ExprPtr> defaults;  // of the last parameters
  Frame frame;
  // The special names the body reads without having assigned them; each changes what a call may pass.
  bool uses_caller = false, uses_kwargs = false, uses_varargs = false;
  bool explicit_caller = false;
  SymbolId caller_id = 0, kwargs_id = 0, varargs_id = 0;
};

struct MacroStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter& interpreter) const override;
  SymbolId id = 0;
  MacroDefinition macro;
};

struct CallBlockStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter& interpreter) const override;
  std::unique_ptr<CallExpr> call;
  MacroDefinition block;
};

struct GenerationStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter& interpreter) const override;
  Frame frame;
};

struct JumpStatement : Statement {
  using Statement::Statement;
  Flow execute(Interpreter&) const override { return flow; }
  Flow flow = Flow::kBreak;
};

struct Template {
  Frame root;
  std::vector<std::string> symbols;
  bool has_generation = false;
};

}  // namespace sift::jinja
