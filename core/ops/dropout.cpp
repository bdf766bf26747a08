#include "ops/dropout.h"

#include <ATen/Context.h>
#include <ATen/Functions.h>

namespace sift {
namespace {

/// The finalizer of splitmix64: neighbours among its arguments have unrelated results.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

/// A generator of its own, since the default one would give other numbers when a layer runs again.
at::Generator generator_for(const at::Tensor& x, std::uint64_t seed) {
  at::Generator generator = at::globalContext().defaultGenerator(x.device()).clone();
  generator.set_current_seed(mixed(seed));
  return generator;
}

}  // namespace

at::Tensor dropout_factors(const at::Tensor& x, double p, std::uint64_t seed, std::uint64_t site) {
  const at::Generator generator = generator_for(x, seed ^ mixed(site));
  at::Tensor factors = at::empty(x.sizes(), x.options().requires_grad(false));
  factors.bernoulli_(1.0 - p, generator);
  return factors.mul_(1.0 / (1.0 - p));
}

at::Tensor uniform_noise(const at::Tensor& x, double largest, std::uint64_t seed) {
  const at::Generator generator = generator_for(x, seed);
  at::Tensor noise = at::empty(x.sizes(), x.options().requires_grad(false));
  return noise.uniform_(-largest, largest, generator);
}

}  // namespace sift
