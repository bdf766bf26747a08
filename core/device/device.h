#pragma once

#include <c10/core/Device.h>

#include <string>

namespace sift {

/// The device that "auto", "cpu", "cuda" or "cuda:i" means on this machine (the values a configuration
/// accepts), or any other device of LibTorch. libtorch_cuda is opened only here and only if a GPU driver is
/// installed, so call it before any other CUDA query, at::manual_seed() included: LibTorch caches a negative
/// answer permanently. Throws Error if a GPU is requested and cannot be used.
at::Device resolve_device(const std::string& name);

/// Chooses LibTorch's kernels for a run on `device`. `deterministic` makes every GPU operator return bitwise
/// identical results for the same inputs, as CPU operators always do: exact resume and memory strategies
/// depend on it. An operator without a deterministic version throws when called.
void prepare_device(at::Device device, bool deterministic);

}  // namespace sift
