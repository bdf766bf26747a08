#include "csv_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace {

const std::string kEpoch = "epoch";

/// RFC 4180: text with a comma, a quote or a line break is quoted, and quotes are doubled.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// The shortest text that parses back to the same number.
std::string cell(const double* value) {
  return value ? fmt::format("{}", *value) : "";
}

}  // namespace

bool CsvColumns::add(const sift::LogEntry& entry) {
  const std::size_t before = keys_.size();
  for (const auto& [key, value] : entry.values) {
    const bool is_new = key != kEpoch && std::find(keys_.begin(), keys_.end(), key) == keys_.end();
    if (is_new) keys_.push_back(key);
  }
  return keys_.size() != before;
}

std::string CsvColumns::header() const {
  std::string line = "step," + kEpoch;
  for (const std::string& key : keys_) line += "," + cell(key);
  return line + "\n";
}

std::string CsvColumns::row(const sift::LogEntry& entry) const {
  std::string line = fmt::format("{},{}", entry.step, cell(entry.find(kEpoch)));
  for (const std::string& key : keys_) line += "," + cell(entry.find(key));
  return line + "\n";
}

std::string CsvColumns::to_bytes() const {
  std::string bytes;
  for (const std::string& key : keys_) bytes += key + "\n";
  return bytes;
}

void CsvColumns::restore(const std::string& bytes) {
  keys_.clear();
  std::istringstream lines(bytes);
  for (std::string key; std::getline(lines, key);) keys_.push_back(key);
}
