#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/record_function.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/precision.h"
#include "gpu/op_case.h"

// op_check DEVICE [SEED]: every fused operator and loss on the device, in each of the ways in which a run
// uses it, against float64 on the CPU, results and gradients. Writes a line of JSON for each comparison, with
// the versions of operators that ran; status 1 when one is off.

namespace sift::test {
namespace {

struct Mode {
  const char* name;
  at::ScalarType dtype;
  bool autocast;
  double tolerance;  ///< of the norm of the difference, relative
};
constexpr Mode kModes[] = {{"float32", at::kFloat, false, 1e-5},
                           {"bfloat16", at::kBFloat16, false, 2e-2},
                           {"autocast", at::kFloat, true, 2e-2}};

using Tensors = std::vector<at::Tensor>;

/// The names under which LibTorch records Sift's operators ("rms_norm.plain"), while one of these lives.
/// Backward may run on a thread of the device.
class VersionsSeen {
 public:
  VersionsSeen() : handle_(at::addGlobalCallback(at::RecordFunctionCallback(note))) { seen().clear(); }
  ~VersionsSeen() { at::removeCallback(handle_); }
  VersionsSeen(const VersionsSeen&) = delete;
  VersionsSeen& operator=(const VersionsSeen&) = delete;

  static std::set<std::string>& seen() {
    static std::set<std::string> names;
    return names;
  }

 private:
  static std::unique_ptr<at::ObserverContext> note(const at::RecordFunction& function) {
    static std::mutex mutex;
    constexpr std::string_view kPrefix = "sift::";
    const std::string name = function.name();
    if (!name.starts_with(kPrefix)) return nullptr;
    const std::scoped_lock lock(mutex);
    seen().insert(name.substr(kPrefix.size()));
    return nullptr;
  }

  at::CallbackHandle handle_;
};

/// Results, then gradients.
Tensors outcome(const OpCase& one, const Tensors& inputs, const Tensors& upstream, bool autocast) {
  Tensors leaves;
  for (const at::Tensor& input : inputs)
    leaves.push_back(input.detach().clone().requires_grad_(one.has_gradients));
  Tensors results;
  {
    const Autocast region(leaves[0].device().type(), autocast);
    results = one.run(leaves);
  }
  if (!one.has_gradients) return results;
  Tensors roots, seeds;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i].requires_grad()) continue;
    roots.push_back(results[i]);
    seeds.push_back(upstream[i].to(results[i].options()));
  }
  const auto gradients =
      torch::autograd::grad(roots, leaves, seeds, std::nullopt, false, /*allow_unused=*/true);
  for (std::size_t i = 0; i < gradients.size(); ++i)
    results.push_back(gradients[i].defined() ? gradients[i] : at::zeros_like(leaves[i]));
  return results;
}

double norm_of(const at::Tensor& tensor) {
  return at::linalg_vector_norm(tensor.detach()).item<double>();
}

/// Relative to the norm; what is zero up to float64's rounding, such as a gradient that cancels, relative to
/// `largest_norm`.
double relative_difference(const at::Tensor& found, const at::Tensor& expected, double largest_norm) {
  constexpr double kRounding = 1e-12;
  const at::Tensor wide = found.detach().to(at::kCPU, at::kDouble);
  if (wide.sizes() != expected.sizes()) return INFINITY;
  const double difference = norm_of(wide - expected);
  if (!std::isfinite(difference)) return INFINITY;
  if (difference == 0.0) return 0.0;
  const double norm = norm_of(expected);
  return difference / (norm > kRounding * largest_norm ? norm : largest_norm);
}

/// The largest difference of any result or gradient. The reference starts from the rounded inputs.
double largest_difference(const OpCase& one, const Mode& mode, at::Device device) {
  Tensors inputs, exact, upstream;
  for (const at::Tensor& input : one.inputs) {
    inputs.push_back(input.to(device, mode.dtype));
    exact.push_back(inputs.back().to(at::kCPU, at::kDouble));
  }
  for (const at::Tensor& result : one.run(exact))
    upstream.push_back(at::randn(result.sizes(), at::kDouble).to(mode.dtype).to(at::kDouble));
  const Tensors expected = outcome(one, exact, upstream, false);
  const Tensors found = [&] {
    const VersionsSeen versions;
    return outcome(one, inputs, upstream, mode.autocast);
  }();
  if (found.size() != expected.size()) return INFINITY;
  double largest = 0.0, largest_norm = 0.0;
  for (const at::Tensor& tensor : expected) largest_norm = std::max(largest_norm, norm_of(tensor));
  for (std::size_t i = 0; i < found.size(); ++i)
    largest = std::max(largest, relative_difference(found[i], expected[i], largest_norm));
  return largest;
}

bool check(const OpCase& one, const Mode& mode, at::Device device) {
  nlohmann::ordered_json line{{"case", one.name}, {"mode", mode.name}, {"tolerance", mode.tolerance}};
  bool ok = false;
  try {
    const double difference = largest_difference(one, mode, device);
    ok = difference <= mode.tolerance;
    line["difference"] = difference;
    line["versions"] = VersionsSeen::seen();
  } catch (const c10::Error& error) {
    line["error"] = error.what_without_backtrace();
  } catch (const std::exception& error) {
    line["error"] = error.what();
  }
  line["ok"] = ok;
  fmt::print("{}\n", line.dump());
  std::fflush(stdout);
  return ok;
}

int run(const std::string& device_name, std::uint64_t seed) {
  const at::Device device = resolve_device(device_name);
  prepare_device(device, true);
  // what an operator leaves unwritten is then no number
  at::globalContext().setDeterministicAlgorithms(true, false);
  at::globalContext().setDeterministicFillUninitializedMemory(true);
  at::manual_seed(seed);
  fmt::print("{}\n", nlohmann::ordered_json{{"seed", seed}, {"device", device.str()}}.dump());
  PluginHost host;
  for (const auto& folder : default_plugin_folders()) host.load_folder(folder, false);
  std::vector<OpCase> cases = operator_cases();
  for (OpCase& one : loss_cases(host)) cases.push_back(std::move(one));
  bool all_ok = true;
  for (const OpCase& one : cases) {
    for (const Mode& mode : kModes) all_ok = check(one, mode, device) && all_ok;
  }
  return all_ok ? 0 : 1;
}

}  // namespace
}  // namespace sift::test

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: op_check DEVICE [SEED]\n");
    return 2;
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  try {
    return sift::test::run(argv[1], argc > 2 ? std::stoull(argv[2]) : static_cast<std::uint64_t>(now));
  } catch (const std::exception& error) {
    fmt::print(stderr, "op_check: {}\n", error.what());
    return 1;
  }
}
