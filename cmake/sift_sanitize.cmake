# sift_sanitize()
#
# Instruments everything that is made after the call as SIFT_SANITIZE and SIFT_BUILD_FUZZERS ask for. LibTorch stays as it is;
# docs/security.md has the environment that this needs at run time.
function(sift_sanitize)
  set(sanitizers "${SIFT_SANITIZE}")
  if(SIFT_BUILD_FUZZERS)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      message(FATAL_ERROR "SIFT_BUILD_FUZZERS needs Clang: configure with -DCMAKE_CXX_COMPILER=clang++")
    endif()
    string(JOIN "," sanitizers ${sanitizers} fuzzer-no-link)
  endif()
  if(NOT sanitizers)
    return()
  endif()
  # no vptr: LibTorch's classes have type information that UBSan cannot compare
  add_compile_options(-fsanitize=${sanitizers} -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer -g1 -O1)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    add_link_options(-fsanitize=${sanitizers})
    # its run-time library is in the program alone, so that a plugin has undefined symbols of it
    set(SIFT_PLUGIN_MAY_LACK_SYMBOLS ON PARENT_SCOPE)
  else()
    add_link_options(-fsanitize=${sanitizers})
  endif()
endfunction()
