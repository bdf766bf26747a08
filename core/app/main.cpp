#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <sift/version.h>

// The program answers here what needs no LibTorch, which takes longer to load than `sift --help` may take,
// and opens libsift for everything else. So this file includes nothing of Sift but its version and is not
// linked against it.

namespace {

constexpr const char* kUsage =
    "sift: supervised fine-tuning of language models\n"
    "\n"
    "  sift train FILE.toml [--set KEY=VALUE ...] [--resume [last|DIR]] [--overwrite] [--dump-config]\n"
    "  sift evaluate FILE.toml [--set KEY=VALUE ...] [--json FILE]\n"
    "  sift inspect FILE.toml [--set KEY=VALUE ...] [--rows N]   what the model will see of the data\n"
    "  sift generate MODEL_DIR --prompt TEXT [--system TEXT] [--raw] [--max-new-tokens N] [--device NAME]\n"
    "  sift plugins [PATH ...]          what was found, where, and what was refused and why\n"
    "  sift describe NAME [PATH ...]    the options of a loss, metric, callback or memory strategy\n"
    "  sift options                     every option there is, as Markdown\n"
    "  sift new-plugin KIND NAME [DIR]  a folder to begin a loss, metric, callback or memory strategy with\n"
    "  sift --version\n";

/// OpenMP's threads wait for the next loop in a busy loop, up to many milliseconds long: on a machine that
/// has other work, too, that takes the processor from just the thread that they wait for. Read when libgomp
/// is loaded.
void shorten_busy_waits() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "10000", 0);
}

int run_command(int argc, char** argv) {
  shorten_busy_waits();
  // looked for in the RUNPATH of the program; its symbols are global as if they were linked
  void* const library = dlopen("libsift.so", RTLD_NOW | RTLD_GLOBAL);
  void* const command = library == nullptr ? nullptr : dlsym(library, "sift_run_command");
  if (command == nullptr) {
    std::fprintf(stderr, "sift: %s; install Sift again, or build it for the LibTorch that is there\n",
                 dlerror());
    return 1;
  }
  return reinterpret_cast<int (*)(int, char**)>(command)(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc < 2 ? "" : argv[1];
  if (command.empty() || command == "--help" || command == "-h" || command == "help") {
    std::fputs(kUsage, stdout);
    return command.empty() ? 2 : 0;
  }
  if (command == "--version") {
    std::puts("sift " SIFT_VERSION);
    return 0;
  }
  return run_command(argc, argv);
}
