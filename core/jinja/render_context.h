#pragma once

#include <ctime>
#include <functional>

#include "jinja/objects.h"
#include "jinja/work.h"

namespace sift::jinja {

/// What one rendering needs besides the template and its variables: the clock, and the limits that make
/// every template end.
class RenderContext {
 public:
  explicit RenderContext(std::function<std::time_t()> clock);
  ~RenderContext();
  RenderContext(const RenderContext&) = delete;
  RenderContext& operator=(const RenderContext&) = delete;

  std::time_t now() const { return clock_(); }
  /// One loop iteration, call or item of an iterator; a Fault when a template makes too many.
  void step();
  /// A namespace that lives, emptied, until the end of the rendering, so that cycles and long chains of
  /// namespaces are taken apart one by one.
  std::shared_ptr<Namespace> make_namespace(Dict attributes);

 private:
  std::function<std::time_t()> clock_;
  std::int64_t steps_left_;
  WorkLimit work_;
  std::vector<std::shared_ptr<Namespace>> namespaces_;
};

}  // namespace sift::jinja
