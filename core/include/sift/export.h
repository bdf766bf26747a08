#pragma once

/// Marks types that cross the boundary between the program and a plugin. Plugins are built with hidden
/// visibility; without this attribute each side would have its own type information and an exception of the
/// other side would not be caught.
#define SIFT_API __attribute__((visibility("default")))
