#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <random>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "fuzz/targets.h"

// Runs a target without libFuzzer: first every file of the folders named, then those files changed at random.
// The same files give the same inputs, as far as the time reaches.
//
//   fuzz_short --target NAME [--runs N] [--seconds S] FOLDER_OR_FILE...
//
// An input that fails is left in failed-input, and the exit status is not 0.

namespace {
namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

sift::fuzz::Target target = nullptr;
const Bytes* running = nullptr;

void keep_input() {
  if (running == nullptr) return;
  std::FILE* file = std::fopen("failed-input", "wb");
  if (file == nullptr) return;
  (void)std::fwrite(running->data(), 1, running->size(), file);
  std::fclose(file);
  std::fprintf(stderr, "the input is in failed-input (%zu bytes)\n", running->size());
}

extern "C" void on_signal(int number) {
  std::fprintf(stderr, "signal %d\n", number);
  keep_input();
  ::_exit(1);
}

/// On a stack of its own: an exhausted stack is among what is looked for.
void watch_signals() {
  static std::vector<char> stack(1 << 16);
  stack_t own{};
  own.ss_sp = stack.data();
  own.ss_size = stack.size();
  ::sigaltstack(&own, nullptr);
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  for (const int number : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM})
    ::sigaction(number, &action, nullptr);
}

void run(const Bytes& input) {
  constexpr unsigned kMostSeconds = 20;
  running = &input;
  ::alarm(kMostSeconds);
  try {
    (void)target(input.data(), input.size());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "not a sift::Error: %s\n", error.what());
    keep_input();
    std::exit(1);
  }
  ::alarm(0);
  running = nullptr;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<Bytes>& seeds) : seeds_(seeds) {}

  Bytes next() {
    Bytes input = seeds_[below(seeds_.size())];
    for (std::size_t times = 1 + below(4); times > 0; --times) change(input);
    return input;
  }

 private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }
  std::uint8_t byte() {
    constexpr std::uint8_t kTelling[] = {0,   1,   0x7f, 0x80, 0xff, '"', '\'', '[', ']',
                                         '{', '}', '(',  ')',  ',',  ':', '.',  '-', '0',
                                         '9', 'e', '\\', '\n', ' ',  '%', '#',  '|'};
    return below(2) == 0 ? kTelling[below(std::size(kTelling))] : static_cast<std::uint8_t>(random_());
  }

  void change(Bytes& input) {
    const std::size_t at = below(input.size());
    const auto position = input.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = position + static_cast<std::ptrdiff_t>(std::min(below(64), input.size() - at));
    switch (below(7)) {
      case 0:
        if (!input.empty()) input[at] = byte();
        return;
      case 1:
        if (!input.empty()) input[at] ^= static_cast<std::uint8_t>(1U << below(8));
        return;
      case 2:
        input.insert(position, 1 + below(8), byte());
        return;
      case 3:
        input.erase(position, end);
        return;
      case 4: {  // a part twice
        const Bytes part(position, end);
        for (std::size_t times = 1 + below(4); times > 0; --times)
          input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), part.begin(), part.end());
        return;
      }
      case 5: {  // a part of another seed
        const Bytes& other = seeds_[below(seeds_.size())];
        const std::size_t from = below(other.size());
        const std::size_t length = std::min(below(256), other.size() - from);
        const auto first = other.begin() + static_cast<std::ptrdiff_t>(from);
        input.insert(position, first, first + static_cast<std::ptrdiff_t>(length));
        return;
      }
      default:
        if (below(8) == 0) input.resize(at);
    }
  }

  const std::vector<Bytes>& seeds_;
  std::mt19937_64 random_{1};
};

std::vector<Bytes> read_inputs(const std::vector<fs::path>& places) {
  std::vector<fs::path> files;
  for (const fs::path& place : places) {
    if (!fs::is_directory(place)) {
      if (fs::exists(place)) files.push_back(place);  // a target may have no folder of inputs that failed
      continue;
    }
    for (const auto& entry : fs::directory_iterator(place)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Bytes> inputs;
  for (const fs::path& file : files) {
    const std::string content = sift::fuzz::read_whole(file);
    inputs.emplace_back(content.begin(), content.end());
  }
  return inputs;
}

}  // namespace

int main(int argc, char** argv) {
  long runs = 0;
  double seconds = 1e9;
  std::vector<fs::path> places;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--target" && i + 1 < argc) {
      target = sift::fuzz::targets().at(argv[++i]);
    } else if (argument == "--runs" && i + 1 < argc) {
      runs = std::atol(argv[++i]);
    } else if (argument == "--seconds" && i + 1 < argc) {
      seconds = std::atof(argv[++i]);
    } else {
      places.emplace_back(argument);
    }
  }
  if (target == nullptr) {
    std::fprintf(stderr, "--target NAME: which one?\n");
    return 2;
  }
  watch_signals();
  std::vector<Bytes> inputs = read_inputs(places);
  for (const Bytes& input : inputs) run(input);
  run({});
  if (inputs.empty()) inputs.emplace_back();
  Mutator mutator(inputs);
  const auto start = std::chrono::steady_clock::now();
  long done = 0;
  while (done < runs &&
         std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < seconds) {
    const Bytes input = mutator.next();
    run(input);
    ++done;
  }
  std::printf("%zu files and %ld changed ones: no fault\n", inputs.size(), done);
  return 0;
}
