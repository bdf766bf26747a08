#include "saved_mode.h"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>

#include <mutex>

namespace autocast = at::autocast;

SavedMode::Autocast SavedMode::Autocast::current(at::DeviceType device) {
  return {device, autocast::is_autocast_enabled(device), autocast::get_autocast_dtype(device)};
}

void SavedMode::Autocast::restore() const {
  autocast::set_autocast_enabled(device, enabled);
  autocast::set_autocast_dtype(device, dtype);
}

SavedMode::Generator SavedMode::Generator::current(at::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::scoped_lock lock(generator.mutex());
  return {device, generator.get_state()};
}

void SavedMode::Generator::restore() const {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::scoped_lock lock(generator.mutex());
  generator.set_state(state);
}

SavedMode::SavedMode(at::Device device) : autocast_cache_(autocast::is_autocast_cache_enabled()) {
  autocast_.push_back(Autocast::current(at::kCPU));
  generators_.push_back(Generator::current(at::kCPU));
  if (device.is_cpu()) return;
  autocast_.push_back(Autocast::current(device.type()));
  generators_.push_back(Generator::current(device));
}

void SavedMode::restore() const {
  for (const Autocast& one : autocast_) one.restore();
  autocast::set_autocast_cache_enabled(autocast_cache_);
  for (const Generator& one : generators_) one.restore();
}

SavedMode::Scope::Scope(const SavedMode& mode) : before_(mode.generators_.back().device) {
  mode.restore();
  autocast::increment_nesting();
}

SavedMode::Scope::~Scope() {
  // casts of weights made in this scope must not be cached beyond it: the optimizer changes the weights
  if (autocast::decrement_nesting() == 0) autocast::clear_cache();
  before_.restore();
}
