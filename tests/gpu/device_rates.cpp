#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Functions.h>
#include <ATen/Version.h>
#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "device/device.h"

// device_rates DEVICE: what a run on the device can be measured against, as one JSON object: LibTorch's
// libraries, the rate of large matrix products and of copies. Medians, of random numbers: some devices
// multiply zeros faster.

namespace {

using Clock = std::chrono::steady_clock;

void wait_for(at::Device device) {
  if (!device.is_cpu()) at::accelerator::synchronizeDevice(device.index());
}

/// Seconds of one call, after warming up.
double median_seconds(at::Device device, const std::function<void()>& work) {
  constexpr int kWarmUp = 3, kRuns = 11;
  std::vector<double> seconds;
  for (int i = 0; i < kWarmUp + kRuns; ++i) {
    wait_for(device);
    const auto begin = Clock::now();
    work();
    wait_for(device);
    if (i >= kWarmUp) seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
  }
  std::ranges::sort(seconds);
  return seconds[seconds.size() / 2];
}

double product_flops(at::Device device, at::ScalarType dtype, std::int64_t size) {
  const at::Tensor a = at::randn({size, size}, at::TensorOptions(device)).to(dtype);
  const at::Tensor b = at::randn({size, size}, at::TensorOptions(device)).to(dtype);
  at::Tensor out = at::empty_like(a);
  const double cube = static_cast<double>(size) * static_cast<double>(size) * static_cast<double>(size);
  return 2.0 * cube / median_seconds(device, [&] { at::mm_out(out, a, b); });
}

double copied_bytes(at::Device device, const at::Tensor& from, at::Tensor to) {
  return static_cast<double>(from.nbytes()) / median_seconds(device, [&] { to.copy_(from, true); });
}

nlohmann::ordered_json rates(at::Device device) {
  const bool is_cpu = device.is_cpu();
  nlohmann::ordered_json json{{"device", device.str()}, {"torch", TORCH_VERSION}};
  json["libraries"] = at::show_config();
  const std::int64_t size = is_cpu ? 512 : 8192, bytes = is_cpu ? 1 << 24 : 1 << 30;
  json["bf16_product_tflops"] = product_flops(device, at::kBFloat16, size) / 1e12;
  json["float32_product_tflops"] = product_flops(device, at::kFloat, size) / 1e12;
  const at::Tensor here = at::randint(0, 255, {bytes}, at::TensorOptions(device).dtype(at::kByte));
  // read and written
  json["copy_gb_per_s"] = 2.0 * copied_bytes(device, here, at::empty_like(here)) / 1e9;
  if (is_cpu) return json;
  const at::Tensor pinned = at::empty({bytes}, at::TensorOptions().dtype(at::kByte).pinned_memory(true));
  json["to_host_gb_per_s"] = copied_bytes(device, here, pinned) / 1e9;
  json["from_host_gb_per_s"] = copied_bytes(device, pinned, here) / 1e9;
  return json;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: device_rates DEVICE\n");
    return 2;
  }
  try {
    fmt::print("{}\n", rates(sift::resolve_device(argv[1])).dump(2));
  } catch (const std::exception& error) {
    fmt::print(stderr, "device_rates: {}\n", error.what());
    return 1;
  }
  return 0;
}
