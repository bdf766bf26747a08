#include "device/device.h"

#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include <sift/error.h>

namespace sift {
namespace {

/// libtorch_cuda is in the folder of the libtorch_cpu that this process uses.
std::filesystem::path cuda_library() {
  Dl_info info{};
  const auto* symbol = reinterpret_cast<const void*>(&at::globalContext);
  if (::dladdr(symbol, &info) == 0) return "libtorch_cuda.so";
  return std::filesystem::path(info.dli_fname).parent_path() / "libtorch_cuda.so";
}

/// Why no GPU can be used, or empty.
std::string open_cuda() {
  if (::dlopen("libcuda.so.1", RTLD_LAZY | RTLD_GLOBAL) == nullptr)
    return "no GPU driver (libcuda.so.1) is installed";
  const std::filesystem::path library = cuda_library();
  if (!std::filesystem::exists(library)) return "this LibTorch is a CPU build";
  if (::dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    return fmt::format("{} cannot be loaded: {}", library.string(), ::dlerror());
  }
  // LibTorch looks for its CUDA library only once, at the first call about CUDA
  if (!at::detail::getCUDAHooks().hasCUDART())
    return fmt::format("{} was loaded after LibTorch had looked for it", library.string());
  return {};
}

}  // namespace

at::Device resolve_device(const std::string& name) {
  if (name != "auto" && !name.starts_with("cuda")) return at::Device(name);
  static const std::string problem = open_cuda();
  std::string reason = problem;
  const int count = reason.empty() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0;
  if (reason.empty() && count == 0) reason = "no GPU was found";
  if (name == "auto") return reason.empty() ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  if (!reason.empty()) throw Error(fmt::format("device = \"{}\": {}; use \"cpu\" or \"auto\"", name, reason));
  const at::Device device = name == "cuda" ? at::Device(at::kCUDA, 0) : at::Device(name);
  if (device.index() >= count) {
    throw Error(fmt::format("device = \"{}\": this machine has {} GPUs, numbered from 0", name, count));
  }
  return device;
}

void prepare_device(at::Device device, bool deterministic) {
  if (!device.is_cuda()) return;
  at::Context& context = at::globalContext();
  // it builds a new plan for every document length, which takes longer than the attention itself
  context.setSDPUseCuDNN(false);
  if (!deterministic) return;
  ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);  // read when cuBLAS is first used
  // with warn_only, attention would stay nondeterministic
  context.setDeterministicAlgorithms(true, /*warn_only=*/false);
  context.setDeterministicFillUninitializedMemory(false);
}

}  // namespace sift
