// The work of preparing data, timed piece by piece; data.py runs it beside Hugging Face tokenizers.
//   data_bench encode TOKENIZER.JSON TEXTS one|all IDS   texts: a JSON string a line; the ids go to IDS
//   data_bench pack NUM_ROWS MAX_LENGTH
//   data_bench collate ROWS LENGTH                       a micro-batch of so many rows of so many tokens
// Each prints a line of JSON.

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/collate.h"
#include "data/pack_dataset.h"
#include "text/tokenizer.h"

namespace {

using namespace sift;

struct Cost {
  double seconds = 0.0;      // of the wall clock
  double cpu_seconds = 0.0;  // of all threads
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class Work>
Cost cost_of(const Work& work) {
  const double cpu = cpu_seconds();
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return {seconds.count(), cpu_seconds() - cpu};
}

std::vector<std::string> read_texts(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> texts;
  for (std::string line; std::getline(file, line);)
    texts.push_back(nlohmann::json::parse(line).get<std::string>());
  return texts;
}

void encode(const std::string& tokenizer_json, const std::string& texts_file, bool all_cores,
            const std::string& ids_file) {
  const Tokenizer tokenizer = Tokenizer::from_file(tokenizer_json);
  const std::vector<std::string> texts = read_texts(texts_file);
  std::ofstream ids(ids_file, std::ios::binary);
  Cost total;
  std::size_t num_tokens = 0;
  constexpr std::size_t kBlockTexts = 8192;  // as the loader has it
  for (std::size_t begin = 0; begin < texts.size(); begin += kBlockTexts) {
    const auto block = std::span(texts).subspan(begin, std::min(kBlockTexts, texts.size() - begin));
    std::vector<Encoding> encodings;
    const Cost cost = cost_of([&] {
      if (all_cores) {
        encodings = tokenizer.encode_batch(block, /*add_special_tokens=*/false);
      } else {
        for (const std::string& text : block) encodings.push_back(tokenizer.encode(text, false));
      }
    });
    total.seconds += cost.seconds;
    total.cpu_seconds += cost.cpu_seconds;
    for (const Encoding& encoding : encodings) {
      num_tokens += encoding.ids.size();
      ids.write(reinterpret_cast<const char*>(encoding.ids.data()),
                static_cast<std::streamsize>(encoding.ids.size() * sizeof(std::int32_t)));
    }
  }
  fmt::print("{{\"seconds\": {}, \"cpu_seconds\": {}, \"tokens\": {}}}\n", total.seconds, total.cpu_seconds,
             num_tokens);
}

/// Rows as chats have them: mostly short, a few longer than a packed row.
TokenDataset made_up_rows(std::int64_t num_rows) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> length(4.6, 0.8);  // 100 tokens in the middle, 140 on average
  TokenDataset dataset;
  std::vector<std::int32_t> ids(8192);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::int32_t>(i);
  for (std::int64_t row = 0; row < num_rows; ++row) {
    const double drawn = std::clamp(length(random), 8.0, static_cast<double>(ids.size()));
    const auto tokens = std::span(ids).first(static_cast<std::size_t>(drawn));
    dataset.add_row(tokens, tokens);
  }
  return dataset;
}

void pack_all(std::int64_t num_rows, std::int64_t max_length) {
  const TokenDataset dataset = made_up_rows(num_rows);
  fmt::print("{{\"rows\": {}, \"tokens\": {}", num_rows, dataset.num_tokens());
  for (const char* name : {"bfd", "bfd_split", "wrapped"}) {
    const PackingOptions options{max_length, packing_strategy_of(name)};
    TokenDataset packed;
    const Cost plan = cost_of([&] { num_packed_rows(dataset, options); });
    const Cost whole = cost_of([&] { packed = pack(dataset, options); });
    fmt::print(", \"{}\": {{\"plan\": {}, \"whole\": {}, \"packed_rows\": {}}}", name, plan.cpu_seconds,
               whole.cpu_seconds, packed.num_rows());
  }
  fmt::print("}}\n");
}

void collate_batches(std::int64_t num_rows, std::int64_t length) {
  TokenDataset dataset;
  const std::vector<std::int32_t> ids(static_cast<std::size_t>(length), 1);
  for (std::int64_t row = 0; row < num_rows; ++row) dataset.add_row(ids, ids);
  std::vector<std::int64_t> rows(static_cast<std::size_t>(num_rows));
  std::iota(rows.begin(), rows.end(), 0);
  constexpr int kBatches = 1000;
  std::int64_t num_tokens = 0;
  const Cost cost = cost_of([&] {
    for (int batch = 0; batch < kBatches; ++batch)
      num_tokens += collate(dataset, rows, at::kCPU).num_tokens();
  });
  fmt::print("{{\"tokens\": {}, \"microseconds\": {:.1f}}}\n", num_tokens / kBatches,
             cost.cpu_seconds * 1e6 / kBatches);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 5 && arguments[0] == "encode") {
      encode(arguments[1], arguments[2], arguments[3] == "all", arguments[4]);
    } else if (arguments.size() == 3 && arguments[0] == "pack") {
      pack_all(std::stoll(arguments[1]), std::stoll(arguments[2]));
    } else if (arguments.size() == 3 && arguments[0] == "collate") {
      collate_batches(std::stoll(arguments[1]), std::stoll(arguments[2]));
    } else {
      fmt::print(stderr,
                 "usage: data_bench encode TOKENIZER.JSON TEXTS one|all IDS\n"
                 "       data_bench pack NUM_ROWS MAX_LENGTH\n"
                 "       data_bench collate ROWS LENGTH\n");
      return 2;
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
