#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <sift/version.h>

// Commands that need no LibTorch are handled here, since loading it is too slow for `sift --help`; everything
// else is in libsift, which is opened on demand. So this file includes only Sift's version header and is not
// linked against libsift.

namespace {

constexpr const char* kUsage =
    "sift: supervised fine-tuning of language models\n"
    "\n"
    "  sift train FILE.toml [--set KEY=VALUE ...] [--resume [last|DIR] | --resume-if-possible | --overwrite]\n"
    "             [--dump-config]\n"
    "  sift launch --nproc-per-node N [--nnodes M --node-rank R --master-addr HOST] [--master-port PORT]\n"
    "              [--log-all-ranks] [--grace-seconds S] COMMAND ...   a command in several processes\n"
    "  sift evaluate FILE.toml [--set KEY=VALUE ...] [--json FILE]\n"
    "  sift plan FILE.toml [--world-size N ...] [--memory-gib G] [--tokens-per-second T] [--tokens-per-row L]\n"
    "            [--gigabytes-per-second B] [--latency-us U] [--json] [--set KEY=VALUE ...]   memory, traffic and\n"
    "            time of a run on N processes, without running it\n"
    "  sift inspect FILE.toml [--set KEY=VALUE ...] [--rows N]   the data as the model sees it\n"
    "  sift generate MODEL_DIR --prompt TEXT [--system TEXT] [--raw] [--max-new-tokens N] [--device NAME]\n"
    "      [--dtype NAME] [--load-in-4bit] [--bnb-4bit-quant-type NAME] [--use-bnb-nested-quant]   as in [model]\n"
    "  sift merge ADAPTER_DIR --out DIR [--dtype NAME]   a model folder out of an adapter and its base model\n"
    "  sift plugins [PATH ...]          the plugins found, and those refused with the reason\n"
    "  sift describe NAME [PATH ...]    the options of a loss, metric, callback, ...\n"
    "  sift options                     all options, as Markdown\n"
    "  sift new-plugin KIND NAME [DIR]  create a plugin of that kind from a template\n"
    "  sift --version\n";

/// OpenMP threads spin for many milliseconds before the next parallel loop: on a loaded machine they take the
/// CPU from the very thread they wait for. libgomp reads the variable when it is loaded.
void shorten_busy_waits() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "10000", 0);
}

/// The processes of a run say themselves what went wrong between them; c10d's own messages are for its
/// developers.
void quieten_c10d() {
  setenv("TORCH_CPP_LOG_LEVEL", "FATAL", 0);
}

/// Without it, relative paths lead nowhere, and LibTorch's libraries end the process when they are loaded.
bool has_current_folder() {
  char folder[PATH_MAX];
  if (::getcwd(folder, sizeof folder) != nullptr || errno != ENOENT) return true;
  std::fprintf(
      stderr,
      "sift: the current folder was removed: change to a folder that exists with cd, and start again\n");
  return false;
}

/// With one of the three standard streams closed, the next file that is opened would get its number, and what
/// is meant for the stream would be written into that file. Nothing can be written to the stand-in.
void keep_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    // the lowest free number is the one that was just found closed
    if (::fcntl(stream, F_GETFD) == -1) static_cast<void>(::open("/dev/null", O_RDONLY));
  }
}

/// `status`, or 1 with a message if the text could not be written.
int print(const char* text, int status) {
  if (std::fputs(text, stdout) >= 0 && std::fflush(stdout) == 0) return status;
  std::perror("sift: the standard output cannot be written");
  return 1;
}

int run_command(int argc, char** argv) {
  shorten_busy_waits();
  quieten_c10d();
  // found through the RUNPATH of the program; its symbols are global, as if linked
  void* const library = dlopen("libsift.so", RTLD_NOW | RTLD_GLOBAL);
  void* const command = library == nullptr ? nullptr : dlsym(library, "sift_run_command");
  if (command == nullptr) {
    std::fprintf(stderr, "sift: %s; install Sift again, or build it for the installed LibTorch\n", dlerror());
    return 1;
  }
  return reinterpret_cast<int (*)(int, char**)>(command)(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  keep_standard_streams();
  const std::string_view command = argc < 2 ? "" : argv[1];
  if (command.empty() || command == "--help" || command == "-h" || command == "help") {
    return print(kUsage, command.empty() ? 2 : 0);
  }
  if (command == "--version") return print("sift " SIFT_VERSION "\n", 0);
  return has_current_folder() ? run_command(argc, argv) : 1;
}
