#include "jinja/scope_analysis.h"

#include <map>
#include <set>

namespace sift::jinja {

struct ScopeAnalysis::Event {
  enum class Kind { kLoad, kStore, kParameter, kBranches };
  Kind kind;
  Id id = 0;
  std::vector<std::unique_ptr<Events>> branches = {};
};

struct ScopeAnalysis::FrameRecord {
  std::vector<Id>* unset = nullptr;
  Events events;
  std::size_t outer_lists = 0;
  std::vector<std::unique_ptr<FrameRecord>> children;
};

struct ScopeAnalysis::Symbols {
  enum class Start { kKnown, kUndefined };  // kKnown: a parameter, an outer variable or the context's
  const Symbols* parent = nullptr;
  std::map<Id, Start> starts;
  std::set<Id> stores;

  bool outer_mentions(Id id) const {
    for (const Symbols* outer = parent; outer != nullptr; outer = outer->parent) {
      if (outer->starts.contains(id)) return true;
    }
    return false;
  }
};

ScopeAnalysis::ScopeAnalysis() = default;
ScopeAnalysis::~ScopeAnalysis() = default;

void ScopeAnalysis::enter_frame(std::vector<Id>& unset) {
  auto frame = std::make_unique<FrameRecord>();
  frame->unset = &unset;
  frame->outer_lists = lists_.size();
  FrameRecord* entered = frame.get();
  if (frames_.empty()) {
    root_ = std::move(frame);
  } else {
    frames_.back()->children.push_back(std::move(frame));
  }
  frames_.push_back(entered);
  lists_.push_back(&entered->events);
}

void ScopeAnalysis::leave_frame() {
  lists_.resize(frames_.back()->outer_lists);
  frames_.pop_back();
}

void ScopeAnalysis::add(Event event) {
  lists_.back()->push_back(std::move(event));
}

void ScopeAnalysis::load(Id id) {
  add({Event::Kind::kLoad, id});
}

void ScopeAnalysis::store(Id id) {
  add({Event::Kind::kStore, id});
}

void ScopeAnalysis::parameter(Id id) {
  add({Event::Kind::kParameter, id});
}

void ScopeAnalysis::begin_branches() {
  add({Event::Kind::kBranches});
  lists_.push_back(nullptr);
}

void ScopeAnalysis::next_branch() {
  // Behind the null or the previous branch lies the list that holds the branches event.
  Event& event = (*lists_[lists_.size() - 2]).back();
  event.branches.push_back(std::make_unique<Events>());
  lists_.back() = event.branches.back().get();
}

void ScopeAnalysis::end_branches() {
  lists_.pop_back();
}

void ScopeAnalysis::finish() {
  resolve(*root_, nullptr);
}

void ScopeAnalysis::replay(const Events& events, Symbols& symbols) {
  for (const Event& event : events) {
    switch (event.kind) {
      case Event::Kind::kLoad:
        if (!symbols.starts.contains(event.id) && !symbols.outer_mentions(event.id)) {
          symbols.starts[event.id] = Symbols::Start::kKnown;
        }
        break;
      case Event::Kind::kParameter:
        symbols.stores.insert(event.id);
        symbols.starts[event.id] = Symbols::Start::kKnown;
        break;
      case Event::Kind::kStore:
        symbols.stores.insert(event.id);
        if (!symbols.starts.contains(event.id)) {
          bool outer = symbols.outer_mentions(event.id);
          symbols.starts[event.id] = outer ? Symbols::Start::kKnown : Symbols::Start::kUndefined;
        }
        break;
      case Event::Kind::kBranches: {
        Symbols before = symbols;
        for (const auto& branch : event.branches) {
          Symbols inner = before;
          replay(*branch, inner);
          for (const auto& [id, start] : inner.starts) symbols.starts[id] = start;
          symbols.stores.insert(inner.stores.begin(), inner.stores.end());
        }
        for (Id id : symbols.stores) {
          if (!before.stores.contains(id)) symbols.starts[id] = Symbols::Start::kKnown;
        }
        break;
      }
    }
  }
}

void ScopeAnalysis::resolve(const FrameRecord& frame, const Symbols* parent) {
  Symbols symbols;
  symbols.parent = parent;
  replay(frame.events, symbols);
  for (const auto& [id, start] : symbols.starts) {
    if (start == Symbols::Start::kUndefined) frame.unset->push_back(id);
  }
  for (const auto& child : frame.children) resolve(*child, &symbols);
}

}  // namespace sift::jinja
