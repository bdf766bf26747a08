#include "app/run_together.h"

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include <sift/error.h>
#include "app/failure.h"
#include "formats/diagnostics.h"

namespace sift {
namespace {

/// How long the processes wait for each other at the start.
std::chrono::seconds rendezvous_timeout() {
  constexpr int kDefault = 300;
  const char* text = std::getenv("SIFT_RENDEZVOUS_TIMEOUT");
  if (text == nullptr) return std::chrono::seconds(kDefault);
  int seconds = 0;
  const char* end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, seconds);
  if (read.ec != std::errc() || read.ptr != end || seconds < 1)
    throw UsageError(std::string("SIFT_RENDEZVOUS_TIMEOUT is ") + quoted(text) +
                     ": expected seconds, at least 1");
  return std::chrono::seconds(seconds);
}

std::unique_ptr<ParallelSession> meet_others(const ProcessInfo& process) {
  try {
    return std::make_unique<ParallelSession>(process, rendezvous_timeout());
  } catch (const PeerLost& error) {
    throw AlreadyShown({error.what()});
  }
}

int run_in(ParallelSession& session, const std::function<int(ParallelSession*)>& command) {
  try {
    session.connect();
    const int status = command(&session);
    session.finish();
    return status;
  } catch (const PeerLost& error) {
    session.lose(error);
  } catch (const UsageError& error) {
    session.fail(error.what(), kUsageStatus);
  } catch (const std::exception& error) {
    session.fail(message_of(error));
  }
  throw AlreadyShown(session.failure());
}

}  // namespace

LogLevel shown_level(const std::string& log_level, const ParallelSession* session) {
  return session == nullptr || session->shows_log() ? log_level_of(log_level) : LogLevel::kNone;
}

int run_together(const std::function<int(ParallelSession*)>& command) {
  const std::optional<ProcessInfo> process = process_info();
  if (!process || process->size == 1) return command(nullptr);
  const auto session = meet_others(*process);
  std::optional<LogLevelScope> quiet;
  if (!session->shows_log()) quiet.emplace(LogLevel::kNone);
  return run_in(*session, command);
}

}  // namespace sift
