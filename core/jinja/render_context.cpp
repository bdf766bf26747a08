#include "jinja/render_context.h"

#include <utility>

namespace sift::jinja {
namespace {

#ifdef SIFT_FUZZING  // instrumented code is too slow for the fuzzers' limit of seconds
constexpr std::int64_t kSteps = 1'000'000;
#else
constexpr std::int64_t kSteps = 10'000'000;
#endif

}  // namespace

RenderContext::RenderContext(std::function<std::time_t()> clock)
    : clock_(std::move(clock)), steps_left_(kSteps) {}

RenderContext::~RenderContext() {
  for (const auto& space : namespaces_) space->clear();
}

void RenderContext::step() {
  if (--steps_left_ < 0)
    throw Fault("the template runs too long: more than 10 million loop iterations and calls");
}

std::shared_ptr<Namespace> RenderContext::make_namespace(Dict attributes) {
  step();
  namespaces_.push_back(std::make_shared<Namespace>(std::move(attributes)));
  return namespaces_.back();
}

}  // namespace sift::jinja
