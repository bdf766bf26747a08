#pragma once

#include <torch/version.h>

/// The build properties that a plugin and the program must have in common to exchange C++ objects, as one
/// string: compiler, language standard, standard library ABI and LibTorch version. This is deliberately a
/// macro: the dynamic linker would resolve an inline constant to the program's copy, and the comparison would
/// always succeed.
#define SIFT_TEXT_(x) #x
#define SIFT_TEXT(x) SIFT_TEXT_(x)

#if defined(__clang__)
#define SIFT_COMPILER_TAG "clang" SIFT_TEXT(__clang_major__)
#else
#define SIFT_COMPILER_TAG "gcc" SIFT_TEXT(__GNUC__)
#endif

#ifndef SIFT_BUILD_TAG
#define SIFT_BUILD_TAG \
  SIFT_COMPILER_TAG    \
  " c++" SIFT_TEXT(__cplusplus) " cxx11abi" SIFT_TEXT(_GLIBCXX_USE_CXX11_ABI) " torch" TORCH_VERSION
#endif
