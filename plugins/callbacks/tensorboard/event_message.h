#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// The protocol buffer messages of an event file (tensorflow/core/util/event.proto and
// framework/summary.proto), as bytes. These four messages do not justify a dependency on the protobuf
// library.

using Scalars = std::vector<std::pair<std::string, double>>;  ///< tags and values

/// The first event of every file.
std::string version_event(double wall_time);
/// Starts a session: TensorBoard then discards all earlier events at `step` or later.
std::string session_start_event(double wall_time, std::int64_t step);
std::string scalars_event(double wall_time, std::int64_t step, const Scalars& scalars);
/// A Markdown text for the Text tab.
std::string text_event(double wall_time, std::int64_t step, const std::string& tag, const std::string& text);
