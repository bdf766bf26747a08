#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// The protocol buffer messages of an event file (tensorflow/core/util/event.proto and
// framework/summary.proto), as bytes. There are four of them, which is no reason to depend on the library of
// protocol buffers.

using Scalars = std::vector<std::pair<std::string, double>>;  ///< tags and values

/// The first event of every file.
std::string version_event(double wall_time);
/// Begins a session: TensorBoard then forgets every older event at `step` or later.
std::string session_start_event(double wall_time, std::int64_t step);
std::string scalars_event(double wall_time, std::int64_t step, const Scalars& scalars);
/// A text, as Markdown, for the text page.
std::string text_event(double wall_time, std::int64_t step, const std::string& tag, const std::string& text);
