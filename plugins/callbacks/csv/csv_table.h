#pragma once

#include <string>
#include <vector>

#include <sift/callback.h>

/// The columns of a log table: step, epoch, then every other key in order of first appearance.
class CsvColumns {
 public:
  /// Adds the keys of the entry that have no column yet. Returns whether there were any.
  bool add(const sift::LogEntry& entry);

  std::string header() const;
  /// The entry as a line; a missing key gives an empty cell.
  std::string row(const sift::LogEntry& entry) const;

  /// Serializes the column order for a resumed run.
  std::string to_bytes() const;
  void restore(const std::string& bytes);

 private:
  std::vector<std::string> keys_;  ///< without step and epoch
};
