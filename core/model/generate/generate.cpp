#include "model/generate/generate.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>

#include <sift/error.h>

namespace sift {
namespace {

/// A single token takes hundreds of products that are too small to divide: beside other programs, threads
/// that wait for each other after each product cost thirty times as much time as they save. Limits the
/// threads to one for every 200 million parameters.
class FewThreads {
 public:
  explicit FewThreads(std::int64_t num_parameters) : before_(at::get_num_threads()) {
    constexpr std::int64_t kParametersPerThread = 200'000'000;
    at::set_num_threads(
        static_cast<int>(std::clamp<std::int64_t>(num_parameters / kParametersPerThread, 1, before_)));
  }
  ~FewThreads() { at::set_num_threads(before_); }
  FewThreads(const FewThreads&) = delete;
  FewThreads& operator=(const FewThreads&) = delete;

 private:
  int before_;
};

/// The most likely token after the last of `hidden_nh`. Scale and softcap do not change the order of logits.
std::int32_t most_likely(const LmHead& head, const at::Tensor& hidden_nh) {
  const at::Tensor last_1h = hidden_nh.narrow(0, hidden_nh.size(0) - 1, 1);
  at::Tensor logits_1v = at::matmul(last_1h, head.weight_vh.t());
  if (head.bias_v.defined()) logits_1v += head.bias_v;
  const at::Tensor scaled_1v = head.logit_scale < 0 ? logits_1v.neg() : logits_1v;
  return static_cast<std::int32_t>(scaled_1v.argmax(1).item<std::int64_t>());
}

}  // namespace

std::vector<std::int32_t> generate_greedy(const Decoder& model, std::span<const std::int32_t> prompt,
                                          std::int64_t max_new_tokens,
                                          const std::vector<std::int64_t>& stop_ids,
                                          const std::function<void(std::int32_t)>& on_token) {
  if (prompt.empty()) throw Error("the prompt is empty: there is nothing to continue");
  const std::int64_t vocab_size = model.config().vocab_size;
  std::vector<std::int64_t> ids;
  for (const std::int32_t id : prompt) {
    if (id < 0 || id >= vocab_size) {
      throw Error(
          fmt::format("token {} of the prompt is not in the model's vocabulary of {}", id, vocab_size));
    }
    ids.push_back(id);
  }
  if (max_new_tokens <= 0) return {};

  const at::NoGradGuard no_grad;
  const LmHead head = model.head();
  const at::TensorOptions on_device = at::TensorOptions().device(head.weight_vh.device());
  KeyValueCache cache(model.config(), static_cast<std::int64_t>(prompt.size()) + max_new_tokens,
                      on_device.dtype(head.weight_vh.scalar_type()));
  const auto longs = at::TensorOptions().dtype(at::kLong);
  const auto extend = [&](const std::vector<std::int64_t>& more) {
    return most_likely(head, model.extend(at::tensor(more, longs).to(on_device.device()), cache));
  };

  std::int32_t next = extend(ids);
  const FewThreads few_threads(model.num_parameters());
  std::vector<std::int32_t> tokens;
  while (true) {
    tokens.push_back(next);
    if (on_token) on_token(next);
    const bool stop = std::find(stop_ids.begin(), stop_ids.end(), next) != stop_ids.end();
    if (stop || static_cast<std::int64_t>(tokens.size()) >= max_new_tokens) return tokens;
    ids.push_back(next);
    const bool new_angles = cache.length() == model.config().rope.length_limit();
    if (new_angles) cache.clear();
    next = extend(new_angles ? ids : std::vector<std::int64_t>{next});
  }
}

}  // namespace sift
