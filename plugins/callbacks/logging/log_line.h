#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sift/callback.h>

/// A value with its significant digits: counts as integers, learning rates as 2e-05, others with 4 decimals.
std::string format_figure(const std::string& key, double value);

/// Seconds as h:mm:ss.
std::string format_duration(double seconds);

/// "step 20/100  epoch 0.40  loss 2.3412  ...  1234 tokens/s"; the epoch is moved to the front.
std::string format_log_line(const sift::LogEntry& entry, std::int64_t max_steps,
                            std::optional<double> tokens_per_second);

/// The contents of the progress line; unknown values are omitted.
struct Progress {
  std::int64_t step = 0;
  std::int64_t max_steps = 0;
  std::optional<double> loss, tokens_per_second, seconds_left;
};
std::string format_progress(const Progress& progress);
