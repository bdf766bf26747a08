#pragma once

#include <torch/version.h>

/// What a plugin and the program must share for C++ objects to cross between them, as one text: compiler,
/// language, standard library ABI and LibTorch version. It is a macro on purpose: an inline constant in a
/// shared header resolves to the program's copy at load time, so it would always compare equal.
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
