# sift_unity(TARGET)
#
# Compiles sources of one folder together, SIFT_UNITY_SIZE at a time: most of the time of a file goes into LibTorch's
# headers, which are then read once for all of them. A source with options of its own stays apart. Sources of a folder
# share their unnamed namespaces so; -DSIFT_UNITY=OFF compiles each for itself.
option(SIFT_UNITY "Compile several sources of a folder together" ON)
set(SIFT_UNITY_SIZE 16) # not in the cache: names that clash then clash in every build folder

function(sift_unity target)
  if(NOT SIFT_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  get_target_property(sources ${target} SOURCES)
  set(before "")
  set(count 0)
  set(number 0)
  foreach(source IN LISTS sources)
    get_filename_component(folder "${source}" DIRECTORY)
    if(NOT folder STREQUAL before OR count EQUAL SIFT_UNITY_SIZE)
      math(EXPR number "${number} + 1")
      set(count 0)
      set(before "${folder}")
    endif()
    math(EXPR count "${count} + 1")
    get_filename_component(name "${folder}" NAME)
    set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "${name}_${number}")
  endforeach()
endfunction()
