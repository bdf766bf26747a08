#pragma once

#include <string>
#include <vector>

#include <sift/callback.h>

/// The columns of a log as a table: step, epoch, then every other key in the order in which it first came.
class CsvColumns {
 public:
  /// Adds what the entry has and the table has not. Whether there was anything.
  bool add(const sift::LogEntry& entry);

  std::string header() const;
  /// The entry as a line; a key that it does not have is an empty cell.
  std::string row(const sift::LogEntry& entry) const;

  /// As bytes that keep the order for a resumed run.
  std::string to_bytes() const;
  void restore(const std::string& bytes);

 private:
  std::vector<std::string> keys_;  ///< without step and epoch
};
