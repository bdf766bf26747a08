#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "jinja/ast.h"
#include "jinja/render_context.h"

namespace sift::jinja {

/// The variables of one run of a frame. Macros keep the scope they were defined in alive.
struct Scope {
  std::shared_ptr<Scope> parent;
  std::vector<std::pair<SymbolId, Value>> variables;

  void set(SymbolId id, Value value);
};
using ScopePtr = std::shared_ptr<Scope>;

constexpr SymbolId kLoopSymbol = 3;  // the parser gives the special names the first numbers

/// Walks a tree once. `where()` is the node that was at work when a Fault came through.
class Interpreter {
 public:
  Interpreter(const Template& source, RenderContext& context, ScopePtr variables);
  ~Interpreter();
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;

  void run();
  const std::string& text() const { return text_; }
  const std::vector<std::pair<std::size_t, std::size_t>>& spans() const { return spans_; }
  std::size_t where() const { return where_; }
  RenderContext& context() { return context_; }

  // For the nodes of the tree.
  Value evaluate(const Expr& expression);
  Flow execute(const Body& body);
  Value look_up(SymbolId id) const;
  void assign(const Target& target, const Value& value);
  Value call(const Value& callee, const Arguments& arguments);
  void write(std::string_view text);
  void add_span(std::size_t num_bytes) { spans_.emplace_back(text_.size(), text_.size() + num_bytes); }
  /// What `body` writes, instead of writing it.
  std::string capture(const std::function<void()>& body);
  /// A macro that remembers the current scope.
  Value make_macro(const MacroDefinition& definition);
  std::string run_macro(const MacroDefinition& definition, const ScopePtr& closure,
                        const Arguments& arguments);
  const ScopePtr& scope() const { return scope_; }

  /// A new scope for one run of a frame, until the guard goes.
  class Entered {
   public:
    Entered(Interpreter& interpreter, const std::vector<SymbolId>& unset)
        : Entered(interpreter, interpreter.scope_, unset) {}
    Entered(Interpreter& interpreter, ScopePtr parent, const std::vector<SymbolId>& unset);
    ~Entered() { interpreter_.scope_ = std::move(before_); }
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;

   private:
    Interpreter& interpreter_;
    ScopePtr before_;
  };

 private:
  class Depth;
  void bind_parameters(const MacroDefinition& definition, const Arguments& arguments);
  Value undefined_name(SymbolId id) const;

  const Template& source_;
  RenderContext& context_;
  ScopePtr scope_;
  std::vector<ScopePtr> closures_;
  std::string text_;
  std::string* out_ = &text_;
  std::vector<std::pair<std::size_t, std::size_t>> spans_;
  std::size_t where_ = 0;
  int depth_ = 0;
};

}  // namespace sift::jinja
