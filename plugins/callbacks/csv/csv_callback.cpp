#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include <sift/log.h>
#include <sift/plugin.h>
#include "csv_table.h"

namespace {
namespace fs = std::filesystem;

/// Writes the log as a table, one row for each entry. The file always holds the complete log of the run: a
/// new run overwrites it, and a resumed run first writes the log of its checkpoint.
class CsvCallback final : public sift::Callback {
 public:
  struct Options {
    std::string file = "log.csv";
  };

  static void describe(sift::Schema<Options>& schema) {
    schema.add("file", &Options::file, "CSV file, relative to output_dir unless absolute", sift::not_empty());
  }

  explicit CsvCallback(const Options& options) : options_(options) {}

  void on_train_begin(sift::CallbackContext& context) override {
    file_ = context.output_dir / options_.file;
    std::error_code failed;
    fs::create_directories(file_.parent_path(), failed);
    for (const sift::LogEntry& entry : context.state.log_history) columns_.add(entry);
    if (!write_all(context.state.log_history)) {
      throw sift::Error(fmt::format("{} cannot be written; choose another file", file_.string()));
    }
  }

  void on_log(sift::CallbackContext& context, const sift::LogEntry& entry) override {
    const bool has_grown = columns_.add(entry);
    const bool was_whole = is_whole_;
    // after a failure the next entry rewrites the whole file
    is_whole_ = was_whole && !has_grown ? append(entry) : write_all(context.state.log_history);
    if (was_whole && !is_whole_) {
      sift::log_warning(fmt::format(
          "{} cannot be written; training continues, and the next log entry tries again", file_.string()));
    }
  }

  std::string state() const override { return columns_.to_bytes(); }
  void load_state(const std::string& bytes) override { columns_.restore(bytes); }

 private:
  bool append(const sift::LogEntry& entry) const {
    std::ofstream out(file_, std::ios::binary | std::ios::app);
    out << columns_.row(entry);
    return static_cast<bool>(out.flush());
  }

  /// Writes a temporary file and renames it: a reader never sees a partial table.
  bool write_all(const std::vector<sift::LogEntry>& log) const {
    fs::path staging = file_;
    staging += ".tmp";
    std::error_code failed;
    {
      std::ofstream out(staging, std::ios::binary);
      out << columns_.header();
      for (const sift::LogEntry& entry : log) out << columns_.row(entry);
      if (!out.flush()) {
        fs::remove(staging, failed);
        return false;
      }
    }
    fs::rename(staging, file_, failed);
    return !failed;
  }

  Options options_;
  fs::path file_;
  CsvColumns columns_;
  bool is_whole_ = true;
};

}  // namespace

SIFT_PLUGIN("csv", "1.0.0", "Writes the log as a CSV table",
            [](sift::Registry& registry) { registry.add_callback<CsvCallback>("csv"); })
