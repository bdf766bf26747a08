#pragma once

#include <filesystem>
#include <fstream>
#include <string>

/// Appends records to an event file: TFRecord framing (tensorflow/core/lib/io/record_writer.cc), that is the
/// length, its checksum, the bytes and theirs, each little-endian; a checksum is a masked CRC-32C.
class EventFile {
 public:
  EventFile() = default;
  /// Creates a file that sorts after every other one of the folder, whose last step began earlier. Throws
  /// sift::Error.
  explicit EventFile(const std::filesystem::path& folder);

  /// Whether the record is in the file; it can be read from then on.
  bool write(const std::string& record);
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::ofstream out_;
};

/// Removes the event files that Sift wrote into a folder, and no other.
void remove_event_files(const std::filesystem::path& folder);
