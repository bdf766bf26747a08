#include "plan/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sift {
namespace {

double gib(std::int64_t bytes) {
  return static_cast<double>(bytes) / (std::int64_t{1} << 30);
}

std::string verdict(const RunPlan& plan, const PlannedSize& size) {
  if (!plan.memory_gib) return "";
  if (plan.fits(size)) return "fits";
  if (size.processes == 1) return "does not fit";
  if (size.fitting.empty()) return "does not fit, nor with another strategy";
  return fmt::format("does not fit; {} would", fmt::join(size.fitting, " or "));
}

std::string head_of(const RunPlan& plan) {
  const PaperStep& step = plan.sizes.front().step;
  const auto millions = [](std::int64_t count) { return static_cast<double>(count) / 1e6; };
  return fmt::format(
      "{}: {:.1f} M parameters in {}, {:.1f} M trained with {}\n"
      "an update of a process: {} {} of {} tokens in {} {} of at most {} tokens\n",
      plan.model, millions(step.num_parameters), plan.dtype, millions(step.num_trained), plan.optimizer,
      plan.rows, plan.rows == 1 ? "row" : "rows", plan.tokens_per_row, plan.passes,
      plan.passes == 1 ? "pass" : "passes", plan.tokens_per_pass);
}

std::string memory_of(const RunPlan& plan) {
  std::string text = fmt::format(
      "\nmemory of a process in GiB, {}; activations are an estimate:\n"
      "{:>9} {:>8} {:>9} {:>9} {:>9} {:>11} {:>8}{}\n",
      plan.strategy, "processes", "weights", "gradients", "optimizer", "in flight", "activations", "sum",
      plan.memory_gib ? fmt::format("  of {:g}", *plan.memory_gib) : "");
  for (const PlannedSize& size : plan.sizes) {
    const PaperStep& step = size.step;
    text += fmt::format("{:>9} {:>8.2f} {:>9.2f} {:>9.2f} {:>9.2f} {:>11.2f} {:>8.2f}", size.processes,
                        gib(step.weights), gib(step.gradients), gib(step.optimizer), gib(step.in_flight),
                        gib(plan.activations), gib(size.memory(plan.activations)));
    if (plan.memory_gib) text += "  " + verdict(plan, size);
    text += "\n";
  }
  return text;
}

std::string speed_of(const RunPlan& plan, const PlannedSize& size) {
  const StepTime& time = size.time;
  const double alone = *plan.speeds.tokens_per_second;
  const auto tokens = static_cast<double>(plan.tokens() * size.processes);
  const double best = tokens / time.at_best(), worst = tokens / time.at_worst();
  const auto percent = [&](double speed) {
    return 100 * speed / (alone * static_cast<double>(size.processes));
  };
  return fmt::format(" {:>9.3f} {:>19} {:>21} {:>10}", time.compute,
                     fmt::format("{:.3f} - {:.3f}", time.at_best(), time.at_worst()),
                     fmt::format("{:.0f} - {:.0f}", worst, best),
                     fmt::format("{:.0f} - {:.0f}", percent(worst), percent(best)));
}

std::string traffic_of(const RunPlan& plan) {
  const bool has_speed = plan.speeds.tokens_per_second.has_value();
  std::string text = fmt::format(
      "\nwhat a process sends in an update; seconds of it at {:g} GB/s and {:g} us a round:\n"
      "{:>9} {:>10} {:>9} {:>10} {:>10}{}\n",
      plan.speeds.gigabytes_per_second, plan.speeds.latency_us, "processes", "operations", "messages", "MB",
      "sending",
      has_speed ? fmt::format(" {:>9} {:>19} {:>21} {:>10}", "computing", "seconds of step", "tokens/s",
                              "% of alone")
                : "");
  for (const PlannedSize& size : plan.sizes) {
    const Traffic& traffic = size.step.traffic;
    text += fmt::format("{:>9} {:>10} {:>9} {:>10.1f} {:>10.3f}{}\n", size.processes, traffic.operations,
                        traffic.messages, static_cast<double>(traffic.bytes) / 1e6, size.time.communication,
                        has_speed ? speed_of(plan, size) : "");
  }
  if (!has_speed) text += "--tokens-per-second, from the log of one process, adds the time of a step\n";
  return text;
}

nlohmann::ordered_json json_of(const RunPlan& plan, const PlannedSize& size) {
  const PaperStep& step = size.step;
  nlohmann::ordered_json json = {{"world_size", size.processes},
                                 {"memory",
                                  {{"weights", step.weights},
                                   {"gradients", step.gradients},
                                   {"optimizer", step.optimizer},
                                   {"in_flight", step.in_flight},
                                   {"activations", plan.activations},
                                   {"sum", size.memory(plan.activations)}}},
                                 {"sent",
                                  {{"operations", step.traffic.operations},
                                   {"messages", step.traffic.messages},
                                   {"rounds", step.traffic.rounds},
                                   {"bytes", step.traffic.bytes}}},
                                 {"seconds", {{"communication", size.time.communication}}}};
  if (plan.speeds.tokens_per_second) {
    json["seconds"]["compute"] = size.time.compute;
    json["seconds"]["step_at_best"] = size.time.at_best();
    json["seconds"]["step_at_worst"] = size.time.at_worst();
  }
  if (plan.memory_gib) {
    json["fits"] = plan.fits(size);
    json["fitting_strategies"] = size.fitting;
  }
  return json;
}

}  // namespace

bool RunPlan::fits(const PlannedSize& size) const {
  return gib(size.memory(activations)) <= *memory_gib;
}

std::string to_text(const RunPlan& plan) {
  return head_of(plan) + memory_of(plan) + traffic_of(plan);
}

nlohmann::ordered_json to_json(const RunPlan& plan) {
  const PaperStep& step = plan.sizes.front().step;
  nlohmann::ordered_json json = {{"model", plan.model},
                                 {"num_parameters", step.num_parameters},
                                 {"num_trained", step.num_trained},
                                 {"dtype", plan.dtype},
                                 {"optim", plan.optimizer},
                                 {"strategy", plan.strategy},
                                 {"rows", plan.rows},
                                 {"tokens_per_row", plan.tokens_per_row},
                                 {"passes", plan.passes},
                                 {"tokens_per_pass", plan.tokens_per_pass},
                                 {"world_sizes", nlohmann::ordered_json::array()}};
  for (const PlannedSize& size : plan.sizes) json["world_sizes"].push_back(json_of(plan, size));
  return json;
}

}  // namespace sift
