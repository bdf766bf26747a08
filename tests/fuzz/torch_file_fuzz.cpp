#include <ATen/Functions.h>

#include "formats/torch_file.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/pickle_walk.h"
#include "optim/optimizer_file.h"

// The input is a file of torch.save: read as it is, as the optimizer.pt of a model of two parameters, and as
// a scheduler.pt.

namespace {

/// With the state of AdamW.
class TwoParameters final : public sift::Optimizer {
 public:
  TwoParameters()
      : Optimizer(
            {{{0.1, {{"linear.weight", at::zeros({4, 3})}}}, {0.0, {{"linear.bias", at::zeros({4})}}}}}) {}
  void step(const sift::OptimizerStep&) override {}
  std::vector<sift::NamedTensor> parameter_state(std::size_t group, std::size_t) const override {
    return {{"step", steps_[group]}, {"exp_avg", exp_avgs_[group]}};
  }
  std::vector<sift::GroupOption> group_options(std::size_t) const override {
    return {{"betas", std::vector<double>{0.9, 0.999}, sift::GroupOption::Change::kWarning},
            {"amsgrad", false, sift::GroupOption::Change::kError}};
  }

 private:
  std::vector<at::Tensor> steps_{at::zeros({}), at::zeros({})};
  std::vector<at::Tensor> exp_avgs_{at::zeros({4, 3}), at::zeros({4})};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sift;
  static TwoParameters optimizer;
  const auto file = fuzz::scratch_file("optimizer.pt", fuzz::as_text(data, size));
  fuzz::expect_no_fault([&] {
    TorchFile saved(file);
    int steps_left = 500;
    const auto read = [&](const PickleValue& value) {
      std::int64_t numel = 1;
      for (const std::int64_t length : value.to_tensor().sizes) {
        if (length > 4096 || (numel *= length) > (1 << 20)) return;
      }
      const at::Tensor target = at::zeros(value.to_tensor().sizes);
      fuzz::expect_no_fault([&] { saved.read(value, target); });
    };
    fuzz::walk_pickle(saved.root(), read, steps_left);
  });
  fuzz::expect_no_fault([&] { read_optimizer_file(file, optimizer); });
  for (const char* type : {"reduce_lr_on_plateau", "greedy"}) {
    Schedule adaptive({type, {{"smooth", true}}, 1e-3, 0, 1});
    fuzz::expect_no_fault([&] { read_scheduler_file(file, 0, adaptive); });
  }
  Schedule schedule({"linear", {}, 1e-3, 0, 1});
  return fuzz::expect_no_fault([&] { read_scheduler_file(file, 0, schedule); });
}
