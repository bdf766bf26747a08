#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace sift::jinja {

/// Finds, frame by frame, the names that jinja2 takes for undefined until they are assigned.
///
/// jinja2 decides statically where a name comes from. A name that a frame assigns, not in a branch of an if,
/// before it reads it, and that no outer frame mentions, starts out undefined in that frame even if the
/// context has it; inner frames, which may run earlier than the assignment, see it undefined too. The parser
/// reports every mention in order, and finish() fills in Frame::unset.
class ScopeAnalysis {
 public:
  using Id = std::uint32_t;

  ScopeAnalysis();
  ~ScopeAnalysis();

  void enter_frame(std::vector<Id>& unset);
  void leave_frame();
  int depth() const { return static_cast<int>(frames_.size()); }
  void load(Id id);
  void store(Id id);
  void parameter(Id id);

  // An if statement: one call of next_branch before each of its branches.
  void begin_branches();
  void next_branch();
  void end_branches();

  void finish();

 private:
  struct Event;
  struct FrameRecord;
  struct Symbols;
  using Events = std::vector<Event>;

  void add(Event event);
  static void replay(const Events& events, Symbols& symbols);
  static void resolve(const FrameRecord& frame, const Symbols* parent);

  std::unique_ptr<FrameRecord> root_;
  std::vector<FrameRecord*> frames_;
  std::vector<Events*> lists_;  // where events go: the innermost branch
};

}  // namespace sift::jinja
