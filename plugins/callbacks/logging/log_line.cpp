#include "log_line.h"

#include <fmt/format.h>

#include <cmath>

namespace {

constexpr double kSmallestWithDecimals = 1e-3;
constexpr double kLargestWithDecimals = 1e6;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

std::string format_figure(const std::string& key, double value) {
  if (ends_with(key, "num_tokens")) return fmt::format("{:.0f}", value);
  if (key == "learning_rate") return fmt::format("{:.3g}", value);
  const double size = std::abs(value);
  const bool decimals = value == 0.0 || (size >= kSmallestWithDecimals && size < kLargestWithDecimals);
  return decimals ? fmt::format("{:.4f}", value) : fmt::format("{:.4g}", value);
}

std::string format_duration(double seconds) {
  const std::int64_t whole = std::llround(seconds);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string format_log_line(const sift::LogEntry& entry, std::int64_t max_steps,
                            std::optional<double> tokens_per_second) {
  std::string line = fmt::format("step {}/{}", entry.step, max_steps);
  if (const double* epoch = entry.find("epoch")) line += fmt::format("  epoch {:.2f}", *epoch);
  for (const auto& [key, value] : entry.values) {
    if (key != "epoch") line += fmt::format("  {} {}", key, format_figure(key, value));
  }
  if (tokens_per_second) line += fmt::format("  {:.0f} tokens/s", *tokens_per_second);
  return line;
}

std::string format_progress(const Progress& progress) {
  std::string line = fmt::format("step {}/{}", progress.step, progress.max_steps);
  if (progress.max_steps > 0) line += fmt::format(" ({}%)", 100 * progress.step / progress.max_steps);
  if (progress.loss) line += fmt::format("  loss {}", format_figure("loss", *progress.loss));
  if (progress.tokens_per_second) line += fmt::format("  {:.0f} tokens/s", *progress.tokens_per_second);
  if (progress.seconds_left) line += fmt::format("  ETA {}", format_duration(*progress.seconds_left));
  return line;
}
