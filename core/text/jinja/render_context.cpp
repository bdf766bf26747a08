#include "text/jinja/render_context.h"

namespace sift::jinja {

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
