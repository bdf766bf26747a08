# Finds LibTorch without its own CMake config, which demands a CUDA toolkit even for a CPU build.
#
# Looks in CMAKE_PREFIX_PATH (variable and environment) and in LibTorch_ROOT for any of
#   <prefix>/include/torch                                an official zip, or an unpacked wheel's torch folder
#   <prefix>/torch/include/torch                          an unpacked wheel
#   <prefix>/lib/python3.*/site-packages/torch/include    a Python environment that has torch
# Defines the target LibTorch::LibTorch, LibTorch_VERSION and LibTorch_LIBRARY_DIR.
# libtorch_cuda is never linked: the program opens it when there is a GPU.

set(_libtorch_prefixes ${LibTorch_ROOT} ${CMAKE_PREFIX_PATH})
if(DEFINED ENV{CMAKE_PREFIX_PATH})
  string(REPLACE ":" ";" _libtorch_env "$ENV{CMAKE_PREFIX_PATH}")
  list(APPEND _libtorch_prefixes ${_libtorch_env})
endif()

set(_libtorch_candidates "")
foreach(_prefix IN LISTS _libtorch_prefixes)
  file(GLOB _site_packages "${_prefix}/lib/python3.*/site-packages/torch" "${_prefix}/lib64/python3.*/site-packages/torch")
  # an official zip given by its share/cmake/Torch folder, as `torch.utils.cmake_prefix_path` prints it
  get_filename_component(_from_share "${_prefix}/../.." ABSOLUTE)
  list(APPEND _libtorch_candidates "${_prefix}" "${_prefix}/torch" ${_site_packages} "${_from_share}")
endforeach()

find_path(LibTorch_INCLUDE_DIR NAMES ATen/ATen.h PATHS ${_libtorch_candidates} PATH_SUFFIXES include NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY NAMES torch_cpu PATHS ${_libtorch_candidates} PATH_SUFFIXES lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY NAMES c10 PATHS ${_libtorch_candidates} PATH_SUFFIXES lib NO_DEFAULT_PATH)

if(LibTorch_INCLUDE_DIR)
  foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(EXISTS "${LibTorch_INCLUDE_DIR}/${_header}")
      file(STRINGS "${LibTorch_INCLUDE_DIR}/${_header}" _lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
      if(_lines)
        string(REGEX REPLACE "[^0-9]*([0-9]+)[^0-9]*([0-9]+)[^0-9]*([0-9]+).*" "\\1.\\2.\\3" LibTorch_VERSION "${_lines}")
        break()
      endif()
    endif()
  endforeach()
  get_filename_component(LibTorch_LIBRARY_DIR "${LibTorch_CPU_LIBRARY}" DIRECTORY)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "Give its folder with -DCMAKE_PREFIX_PATH=..., or run ./quickstart, which fetches it")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  # LibTorch's include folder also holds headers of other libraries (fmt, pybind11, google), which would hide the
  # system's own versions of them: compile against a view of its own headers only.
  set(_libtorch_view "${CMAKE_BINARY_DIR}/libtorch-include")
  file(MAKE_DIRECTORY "${_libtorch_view}")
  foreach(_part ATen c10 caffe2 torch sleef.h)
    if(EXISTS "${LibTorch_INCLUDE_DIR}/${_part}")
      file(CREATE_LINK "${LibTorch_INCLUDE_DIR}/${_part}" "${_libtorch_view}/${_part}" SYMBOLIC)
    endif()
  endforeach()

  # at::parallel_for is a template around an OpenMP region: without -fopenmp it is compiled into a plain loop. It must
  # be the runtime that LibTorch brings, or there would be two pools of threads; Clang has one of its own.
  file(GLOB _libtorch_openmp "${LibTorch_LIBRARY_DIR}/libgomp*.so*")
  if(NOT _libtorch_openmp OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    message(STATUS "LibTorch: at::parallel_for runs on one thread with this compiler")
    set(_libtorch_openmp "")
  endif()

  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  set_target_properties(LibTorch::LibTorch PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${_libtorch_view};${_libtorch_view}/torch/csrc/api/include"
    INTERFACE_LINK_LIBRARIES "${LibTorch_CPU_LIBRARY};${LibTorch_C10_LIBRARY};${_libtorch_openmp}"
    INTERFACE_COMPILE_OPTIONS "$<$<BOOL:${_libtorch_openmp}>:-fopenmp>"
    # the wheel's own libraries name GPU runtimes that are found through its RPATH at load time
    INTERFACE_LINK_OPTIONS "LINKER:--allow-shlib-undefined")
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY)
