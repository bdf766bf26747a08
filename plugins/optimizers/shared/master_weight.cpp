#include "shared/master_weight.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <bit>

#include <sift/error.h>

namespace optimizers {
namespace {

constexpr std::uint32_t kDroppedBits = 0xffff;  // of a float32 that becomes a bfloat16

/// A hash whose output bits all depend on all input bits ("lowbias32").
std::uint32_t mixed(std::uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352dU;
  x ^= x >> 15;
  x *= 0x846ca68bU;
  return x ^ (x >> 16);
}

void round_range(const float* values, at::BFloat16* rounded, std::int64_t begin, std::int64_t end,
                 std::uint64_t key) {
  const std::uint32_t low = mixed(static_cast<std::uint32_t>(key)),
                      high = mixed(static_cast<std::uint32_t>(key >> 32));
  for (std::int64_t i = begin; i < end; ++i) {
    const auto random = mixed(static_cast<std::uint32_t>(i) * 0x9e3779b9U + low) ^ high;
    const auto bits = std::bit_cast<std::uint32_t>(values[i]);
    const bool is_finite = (bits & 0x7f800000U) != 0x7f800000U;
    const std::uint32_t sum = bits + (random & kDroppedBits);
    rounded[i] = is_finite ? at::BFloat16(static_cast<std::uint16_t>(sum >> 16), at::BFloat16::from_bits())
                           : at::BFloat16(values[i]);
  }
}

}  // namespace

at::Tensor stochastically_rounded(const at::Tensor& values, std::uint64_t key) {
  // the loop is for a CPU; another device waits for it
  const at::Tensor on_host = values.to(at::kCPU).contiguous();
  const at::Tensor rounded = at::empty_like(on_host, at::TensorOptions().dtype(at::kBFloat16));
  const auto* from = on_host.const_data_ptr<float>();
  auto* to = rounded.mutable_data_ptr<at::BFloat16>();
  constexpr std::int64_t kGrain = 1 << 15;
  at::parallel_for(0, on_host.numel(), kGrain,
                   [&](std::int64_t begin, std::int64_t end) { round_range(from, to, begin, end, key); });
  return rounded.to(values.device());
}

std::uint64_t UpdateKeys::key(std::size_t number) const {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15U;
  return ((seed_ * kOdd + num_steps_) * kOdd + number) * kOdd;
}

MasterWeight::MasterWeight(const at::Tensor& weight, const std::string& mode, bool in_float32)
    : weight_(weight), is_direct_(weight.scalar_type() == at::kFloat || (mode == "none" && !in_float32)) {
  is_stochastic_ = !is_direct_ && mode == "stochastic";
  if (is_stochastic_ && weight.scalar_type() != at::kBFloat16)
    throw sift::Error("master_weights = \"stochastic\" in optim_args is for bfloat16 weights");
  if (!is_direct_ && mode == "float32") kept_ = weight.detach().to(at::kFloat);
}

at::Tensor MasterWeight::load() const {
  if (kept_.defined()) return kept_;
  return is_direct_ ? weight_ : weight_.to(at::kFloat);
}

void MasterWeight::store(const at::Tensor& updated, std::uint64_t key) const {
  if (is_direct_) return;
  weight_.copy_(is_stochastic_ ? stochastically_rounded(updated, key) : updated);
}

}  // namespace optimizers
