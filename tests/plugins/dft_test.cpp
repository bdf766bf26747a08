#include <ATen/ops/allclose.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/randn.h>

#include "plugin_test_support.h"

namespace sift {
namespace {

// The gradient of -p log p with p held constant is p times that of nll, token by token.
TEST(DftTest, WeighsTheGradientOfEachTokenWithItsProbability) {
  PluginHost host;
  host.load_file(test::real_plugin("sift_loss_dft"));
  const auto loss = test::create_loss(host, "dft");
  const Batch batch = test::make_batch({kIgnoreIndex, 3, 0, 6});
  LmHead head;
  head.weight_vh = at::randn({7, 4}).requires_grad_();
  const at::Tensor hidden_nh = at::randn({4, 4}).requires_grad_();
  const LossOutput output = loss->compute({batch, hidden_nh, head, 5, {}});

  const at::Tensor wide_nh = hidden_nh.detach().to(at::kDouble).requires_grad_();
  const at::Tensor logits_mv = wide_nh.narrow(0, 1, 3).matmul(head.weight_vh.detach().t().to(at::kDouble));
  const at::Tensor log_p_m =
      at::log_softmax(logits_mv, 1).gather(1, batch.targets_n.narrow(0, 1, 3).unsqueeze(1)).squeeze(1);
  const at::Tensor p_m = log_p_m.exp().detach();
  EXPECT_NEAR(output.loss.item<double>(), -(p_m * log_p_m).sum().item<double>() / 5, 1e-6);

  output.loss.backward();
  log_p_m.backward(-p_m / 5);
  EXPECT_TRUE(at::allclose(hidden_nh.grad().to(at::kDouble), wide_nh.grad(), 1e-5, 1e-6));
}

}  // namespace
}  // namespace sift
