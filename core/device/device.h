#pragma once

#include <c10/core/Device.h>

#include <string>

namespace sift {

/// The device that "auto", "cpu", "cuda" or "cuda:i" means on this machine, which is all that a configuration
/// can name, or another one of LibTorch's. libtorch_cuda is opened only here and only when a GPU's driver is
/// there, so it comes before any other question about CUDA, at::manual_seed() included: LibTorch remembers
/// for good that there is none. Throws Error when a GPU is asked for and cannot be used.
at::Device resolve_device(const std::string& name);

/// Chooses LibTorch's kernels for a run on `device`. `deterministic` lets every operator of a GPU give the
/// same bits for the same inputs, as those of a CPU always do: exact resume and memory strategies rest on it.
/// An operator that cannot throws when it is called.
void prepare_device(at::Device device, bool deterministic);

}  // namespace sift
