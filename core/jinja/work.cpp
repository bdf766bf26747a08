#include "jinja/work.h"

#include "jinja/value.h"

namespace sift::jinja {
namespace {

#ifdef SIFT_FUZZING  // instrumented code is too slow for the fuzzers' limit of seconds
constexpr std::int64_t kUnits = 2'000'000;
#else
constexpr std::int64_t kUnits = 20'000'000;
#endif
thread_local std::int64_t* active = nullptr;

}  // namespace

WorkLimit::WorkLimit() : outer_(active), left_(kUnits) {
  active = &left_;
}

WorkLimit::~WorkLimit() {
  active = outer_;
}

void spend(std::size_t units) {
  if (active == nullptr) return;
  *active -= static_cast<std::int64_t>(units);
  if (*active < 0) throw Fault("the template does too much: it goes over too many values or too much text");
}

}  // namespace sift::jinja
