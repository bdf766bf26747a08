# Finds Arrow C++ with Parquet, above all inside the pyarrow wheel, which has headers and libraries but no CMake config.
#
# Looks in CMAKE_PREFIX_PATH (variable and environment) and in Arrow_ROOT for any of
#   <prefix>/include/arrow, <prefix>/libarrow.so.*           an unpacked wheel's pyarrow folder
#   <prefix>/pyarrow/...                                     an unpacked wheel
#   <prefix>/lib/python3.*/site-packages/pyarrow/...         a Python environment that has pyarrow
#   <prefix>/include/arrow, <prefix>/lib/libarrow.so         an installed Arrow
# Defines the target Arrow::Parquet, Arrow_VERSION and Arrow_LIBRARY_DIR.

set(_arrow_prefixes ${Arrow_ROOT} ${CMAKE_PREFIX_PATH})
if(DEFINED ENV{CMAKE_PREFIX_PATH})
  string(REPLACE ":" ";" _arrow_env "$ENV{CMAKE_PREFIX_PATH}")
  list(APPEND _arrow_prefixes ${_arrow_env})
endif()

set(_arrow_candidates "")
foreach(_prefix IN LISTS _arrow_prefixes)
  file(GLOB _site_packages "${_prefix}/lib/python3.*/site-packages/pyarrow" "${_prefix}/lib64/python3.*/site-packages/pyarrow")
  list(APPEND _arrow_candidates "${_prefix}" "${_prefix}/pyarrow" ${_site_packages})
endforeach()

find_path(Arrow_INCLUDE_DIR NAMES parquet/arrow/reader.h PATHS ${_arrow_candidates} PATH_SUFFIXES include NO_DEFAULT_PATH)
if(Arrow_INCLUDE_DIR)
  get_filename_component(_arrow_prefix "${Arrow_INCLUDE_DIR}/.." ABSOLUTE)
  # the wheel has no libarrow.so, only the file that it would lead to
  foreach(_library arrow parquet)
    string(TOUPPER ${_library} _upper)
    file(GLOB _files "${_arrow_prefix}/lib${_library}.so*" "${_arrow_prefix}/lib/lib${_library}.so*"
      "${_arrow_prefix}/lib64/lib${_library}.so*")
    if(_files)
      list(GET _files 0 Arrow_${_upper}_LIBRARY)
    endif()
  endforeach()
  file(STRINGS "${Arrow_INCLUDE_DIR}/arrow/util/config.h" _line REGEX "define ARROW_VERSION_STRING")
  string(REGEX REPLACE ".*\"([0-9.]+).*" "\\1" Arrow_VERSION "${_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Arrow
  REQUIRED_VARS Arrow_PARQUET_LIBRARY Arrow_ARROW_LIBRARY Arrow_INCLUDE_DIR
  VERSION_VAR Arrow_VERSION
  REASON_FAILURE_MESSAGE "Give the folder of an unpacked pyarrow wheel with -DCMAKE_PREFIX_PATH=...")

if(Arrow_FOUND AND NOT TARGET Arrow::Parquet)
  get_filename_component(Arrow_LIBRARY_DIR "${Arrow_ARROW_LIBRARY}" DIRECTORY)
  # a Python environment's include folder may hold more than Arrow: compile against a view of its headers only
  set(_arrow_view "${CMAKE_BINARY_DIR}/arrow-include")
  file(MAKE_DIRECTORY "${_arrow_view}")
  foreach(_part arrow parquet)
    file(CREATE_LINK "${Arrow_INCLUDE_DIR}/${_part}" "${_arrow_view}/${_part}" SYMBOLIC)
  endforeach()
  add_library(Arrow::Parquet INTERFACE IMPORTED)
  set_target_properties(Arrow::Parquet PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${_arrow_view}"
    INTERFACE_LINK_LIBRARIES "${Arrow_PARQUET_LIBRARY};${Arrow_ARROW_LIBRARY}")
endif()
mark_as_advanced(Arrow_INCLUDE_DIR)
