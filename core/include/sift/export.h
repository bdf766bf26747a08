#pragma once

/// Types that cross between the program and a plugin: their type information must be one and the same even
/// though plugins are built with hidden visibility, or an exception would not be recognised.
#define SIFT_API __attribute__((visibility("default")))
