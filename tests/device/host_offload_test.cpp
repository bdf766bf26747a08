#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "device/late_device.h"
#include "plugins/memory_test_support.h"

// target = "host" of activation_offload, on a device that is never done before somebody waits.

namespace sift {
namespace {

using test::LateDevice;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Those that the strategy asked for: operators copy on stream 0.
std::vector<LateDevice::Copy> copies_beside_operators() {
  std::vector<LateDevice::Copy> copies = LateDevice::take_copies();
  std::erase_if(copies, [](const LateDevice::Copy& copy) { return copy.stream == 0; });
  return copies;
}

/// What a backward pass saw, layer by layer.
struct Seen {
  std::vector<at::Tensor> kept;
  std::vector<std::size_t>
      on_their_way;  ///< tensors that came back or were asked back since the layer before
};

/// A layer that keeps `kept`, which is still being written when it is saved, and is still being read when
/// backward is done with it.
class Keeping : public torch::autograd::Function<Keeping> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& pinned, Seen* seen) {
    at::Tensor kept = at::empty(pinned.sizes(), x.options()), out = at::empty_like(x);
    kept.copy_(pinned, true);
    out.copy_(x, true);
    ctx->save_for_backward({kept});
    ctx->saved_data["seen"] = reinterpret_cast<std::int64_t>(seen);
    return out;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& grads) {
    auto* seen = reinterpret_cast<Seen*>(ctx->saved_data["seen"].toInt());
    const at::Tensor kept = ctx->get_saved_variables()[0];
    seen->on_their_way.push_back(copies_beside_operators().size());
    seen->kept.push_back(at::empty_like(kept));
    seen->kept.back().copy_(kept, true);
    return {grads[0], {}, {}};
  }
};

// With work beside the computation that comes as late as it may, and as early.
class HostOffload : public testing::TestWithParam<bool> {
 protected:
  static constexpr std::int64_t kSize = 1 << 14;

  void SetUp() override {
    LateDevice::hurry(GetParam());
    host_.load_file(test::real_plugin("sift_memory_activation_offload"));
    offload_ = test::create<MemoryStrategy, MemoryFactory>(
        host_, Kind::kMemory, "activation_offload",
        {{"target", std::string("host")}, {"min_bytes", std::int64_t{4 * kSize}}});
    LateDevice::take_copies();
  }

  PluginHost host_;
  std::unique_ptr<MemoryStrategy> offload_;
};

TEST_P(HostOffload, CopiesRunBesideTheComputationAndComeBackALayerAhead) {
  const at::Tensor x = at::zeros({kSize}).to(LateDevice::device()).requires_grad_();
  std::vector<at::Tensor> pinned;
  for (const double value : {1.0, 2.0, 3.0, 4.0}) pinned.push_back(at::full({kSize}, value).pin_memory());
  Seen seen;
  const std::vector<at::Tensor> weights{x};
  {
    const auto scope = offload_->step_scope({weights});
    at::Tensor y = x;
    for (const at::Tensor& kept : pinned) {
      const auto layer = [&](const at::Tensor& hidden) { return Keeping::apply(hidden, kept, &seen); };
      y = offload_->run_layer({0, 4, layer}, y);
    }
    const auto out = copies_beside_operators();
    ASSERT_EQ(out.size(), 4U);
    for (const LateDevice::Copy& copy : out) EXPECT_TRUE(copy.to_host && !copy.waited_for);
    torch::autograd::backward({y}, {at::ones({kSize}).to(LateDevice::device())});
  }
  // of the last layer and the one before, of one more each time, and of none
  EXPECT_EQ(seen.on_their_way, (std::vector<std::size_t>{2, 1, 1, 0}));
  std::ranges::reverse(pinned);
  for (std::size_t i = 0; i < pinned.size(); ++i) {
    EXPECT_TRUE(at::equal(seen.kept.at(i).cpu(), pinned[i])) << i << ": " << seen.kept[i].cpu()[0];
  }
}

/// A micro-batch that lies on the device.
Batch late(Batch batch) {
  for (at::Tensor* tensor :
       {&batch.input_ids_n, &batch.targets_n, &batch.position_ids_n, &batch.cu_seqlens_s, &batch.scored_m}) {
    *tensor = tensor->to(LateDevice::device());
  }
  return batch;
}

struct Outcome {
  at::Tensor loss;
  std::vector<at::Tensor> gradients;
  std::int64_t peak_bytes = 0;
};

/// Two micro-batches of a whole model.
Outcome train(const std::vector<test::Strategy>& strategies) {
  test::MemoryRun run(strategies, nlohmann::ordered_json::object(), LateDevice::device());
  const Batch batch = late(test::documents_of(2, 150));
  run.micro_batch(batch);
  LateDevice::reset_peak();
  const std::int64_t before = LateDevice::live_bytes();
  Outcome outcome;
  outcome.loss = run.micro_batch(batch).cpu();
  outcome.peak_bytes = LateDevice::peak_bytes() - before;
  for (const at::Tensor& gradient : run.take_gradients()) outcome.gradients.push_back(gradient.cpu());
  return outcome;
}

TEST_P(HostOffload, AModelLearnsTheSameInLessMemory) {
  const test::Strategy offload{"activation_offload",
                               {{"target", std::string("host")}, {"min_bytes", std::int64_t{1024}}}};
  const test::Strategy checkpointing{"gradient_checkpointing", {}};
  const Outcome plain = train({});
  for (const auto& strategies : std::vector<std::vector<test::Strategy>>{
           {offload}, {checkpointing, offload}, {offload, checkpointing}}) {
    LateDevice::take_copies();
    const std::int64_t before = LateDevice::live_bytes();
    const Outcome outcome = train(strategies);
    EXPECT_EQ(LateDevice::live_bytes(), before);
    EXPECT_FALSE(copies_beside_operators().empty());
    EXPECT_TRUE(at::equal(outcome.loss, plain.loss));
    EXPECT_TRUE(test::same_bits(outcome.gradients, plain.gradients));
    EXPECT_LT(outcome.peak_bytes, 0.6 * static_cast<double>(plain.peak_bytes));
  }
  LateDevice::synchronize();
}

INSTANTIATE_TEST_SUITE_P(SideStreams, HostOffload, testing::Bool(),
                         [](const auto& hurry) { return hurry.param ? "at_once" : "late"; });

}  // namespace
}  // namespace sift
