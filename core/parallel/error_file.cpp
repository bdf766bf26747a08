#include "parallel/error_file.h"

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace sift {

// torch/distributed/elastic/multiprocessing/errors/error_handler.py
void write_error_file(std::string_view message) {
  const char* file = std::getenv("TORCHELASTIC_ERROR_FILE");
  if (file == nullptr || *file == '\0') return;
  nlohmann::ordered_json json;
  json["message"]["message"] = message;
  // torchrun shows this and not the message
  json["message"]["extraInfo"]["py_callstack"] = message;
  json["message"]["extraInfo"]["timestamp"] = std::to_string(std::time(nullptr));
  // a message may hold bytes of a file that are no UTF-8
  std::ofstream(file, std::ios::binary)
      << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace sift
