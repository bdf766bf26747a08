#pragma once

#include <c10/core/Device.h>

#include <string>

namespace sift {

/// The device that "auto", "cpu", "cuda" or "cuda:i" means on this machine, which is all that a configuration
/// can name, or another one of LibTorch's. libtorch_cuda is opened only here and only when a GPU's driver is
/// there. Throws Error when a GPU is asked for and cannot be used.
at::Device resolve_device(const std::string& name);

}  // namespace sift
