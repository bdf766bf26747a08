// Time and memory of the head with nll (token_stats) and with the fused linear_cross_entropy, forward and
// backward:
//     head_loss_bench [tokens hidden vocabulary rounds]
// The default is the head of SmolLM2-135M on 512 scored tokens. The two take turns, so that a machine that
// is busy with other things slows both.

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <vector>

#include <sift/linear_cross_entropy.h>
#include "support/live_memory.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Case {
  sift::Batch batch;
  at::Tensor hidden_nh;
  sift::LmHead head;
};

Case make_case(std::int64_t tokens, std::int64_t hidden, std::int64_t vocabulary) {
  at::manual_seed(11);
  Case made;
  made.hidden_nh = at::randn({tokens, hidden}).requires_grad_();
  made.head.weight_vh = (at::randn({vocabulary, hidden}) * 0.05).requires_grad_();
  made.batch.targets_n = at::randint(0, vocabulary, {tokens}, at::kLong);
  made.batch.scored_m = at::arange(tokens, at::kLong);
  made.batch.document_starts = {0, tokens};
  return made;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int index, std::int64_t otherwise) {
    return argc > index ? std::atoll(argv[index]) : otherwise;
  };
  const std::int64_t tokens = argument(1, 512);
  const std::int64_t rounds = std::max<std::int64_t>(1, argument(4, 11));
  Case c = make_case(tokens, argument(2, 576), argument(3, 49152));
  const sift::LossInput input{c.batch, c.hidden_nh, c.head, tokens, {true, true}};
  const std::vector<std::function<at::Tensor()>> losses = {
      [&] { return -sift::token_stats(input).log_prob_m.sum() / static_cast<double>(tokens); },
      [&] { return sift::linear_cross_entropy(input).loss; }};

  std::vector<std::vector<double>> seconds(losses.size());
  std::vector<std::int64_t> bytes(losses.size());
  for (std::int64_t round = -1; round < rounds; ++round) {  // the first one warms up
    for (std::size_t i = 0; i < losses.size(); ++i) {
      c.hidden_nh.mutable_grad() = at::Tensor();
      c.head.weight_vh.mutable_grad() = at::Tensor();
      const sift::test::LiveMemory memory;
      const auto start = Clock::now();
      losses[i]().backward();
      const std::chrono::duration<double> taken = Clock::now() - start;
      if (round >= 0) seconds[i].push_back(taken.count());
      bytes[i] = memory.peak_bytes();
    }
  }
  fmt::print("torch {}, CPU, {} threads, seed 11, M={} H={} V={}, float32, median of {} in turns\n",
             TORCH_VERSION, at::get_num_threads(), tokens, c.hidden_nh.size(1), c.head.weight_vh.size(0),
             rounds);
  const char* const names[] = {"nll", "liger"};
  for (std::size_t i = 0; i < losses.size(); ++i) {
    fmt::print("{:6} {:8.1f} ms   fastest {:8.1f} ms   peak {:7.1f} MiB\n", names[i],
               median(seconds[i]) * 1e3, *std::min_element(seconds[i].begin(), seconds[i].end()) * 1e3,
               static_cast<double>(bytes[i]) / (1 << 20));
  }
  fmt::print("liger / nll = {:.3f}\n", median(seconds[1]) / median(seconds[0]));
}
