# sift_add_plugin(TARGET sources... [OUTPUT folder])
#
# The only way a plugin is made: a module with hidden visibility, so that `sift_plugin_info` is the one symbol it
# exports, linked against libsift. In Sift's own build it lands in lib/sift/plugins and is installed there; out of
# tree it lands in the build folder, as TARGET.so.
function(sift_add_plugin target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT" "")
  add_library(${target} MODULE ${arg_UNPARSED_ARGUMENTS})
  set_target_properties(${target} PROPERTIES
    PREFIX "" DEFINE_SYMBOL "")  # a macro with the target's name would keep plugins from sharing a precompiled header
  sift_plugin_options(${target})
  if(TARGET sift_plugin_headers)
    target_precompile_headers(${target} REUSE_FROM sift_plugin_headers)
  endif()
  if(SIFT_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  endif()
  # an undefined symbol must fail here, not when the plugin is loaded
  if(NOT SIFT_PLUGIN_MAY_LACK_SYMBOLS)
    target_link_options(${target} PRIVATE LINKER:--no-undefined)
  endif()
  if(arg_OUTPUT)
    set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${arg_OUTPUT}")
  elseif(DEFINED SIFT_PLUGIN_OUTPUT)
    set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${SIFT_PLUGIN_OUTPUT}")
    if(TARGET sift_plugins)
      add_dependencies(sift_plugins ${target})
    endif()
    install(TARGETS ${target} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/sift/plugins")
  endif()
endfunction()

# sift_share_plugin_headers()
#
# For a build of several plugins, before the first: LibTorch's headers are compiled once for all of them. Without it
# each file takes half a minute for them.
function(sift_share_plugin_headers)
  file(CONFIGURE OUTPUT nothing.cpp CONTENT "")
  add_library(sift_plugin_headers OBJECT "${CMAKE_CURRENT_BINARY_DIR}/nothing.cpp")
  set_target_properties(sift_plugin_headers PROPERTIES POSITION_INDEPENDENT_CODE ON)
  sift_plugin_options(sift_plugin_headers)
  target_precompile_headers(sift_plugin_headers PRIVATE <ATen/ATen.h>)
endfunction()

# How the sources of a plugin are compiled, and their headers when they share them.
function(sift_plugin_options target)
  target_link_libraries(${target} PRIVATE Sift::sift)
  target_compile_features(${target} PRIVATE cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(COMMAND sift_warnings)
    sift_warnings(${target})
  endif()
endfunction()
