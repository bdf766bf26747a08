#pragma once

#include <filesystem>
#include <fstream>
#include <string>

/// Appends records to an event file: TFRecord framing (tensorflow/core/lib/io/record_writer.cc): the length,
/// its checksum, the bytes and their checksum, all little-endian; a checksum is a masked CRC-32C.
class EventFile {
 public:
  EventFile() = default;
  /// Creates a file whose name sorts after all other event files in the folder. Throws sift::Error.
  explicit EventFile(const std::filesystem::path& folder);

  /// Appends a record and flushes the file. Returns false on failure.
  bool write(const std::string& record);
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::ofstream out_;
};

/// Removes the event files in a folder that were written by Sift, and no others.
void remove_event_files(const std::filesystem::path& folder);
