#include "checkpoint/rng_state.h"

#include <ATen/Context.h>
#include <c10/core/DeviceType.h>
#include <fmt/format.h>

#include <mutex>

#include "formats/safetensors.h"

namespace sift {
namespace {

struct NamedGenerator {
  std::string name;
  at::Generator generator;
};

std::vector<NamedGenerator> generators_of(at::Device device) {
  std::vector<NamedGenerator> generators{{"cpu", at::globalContext().defaultGenerator(at::kCPU)}};
  if (device.is_cpu()) return generators;
  generators.push_back({c10::DeviceTypeName(device.type(), /*lower_case=*/true),
                        at::globalContext().defaultGenerator(device)});
  return generators;
}

}  // namespace

std::vector<NamedTensor> rng_states(at::Device device) {
  std::vector<NamedTensor> states;
  for (NamedGenerator& one : generators_of(device)) {
    const std::scoped_lock lock(one.generator.mutex());
    states.push_back({one.name, one.generator.get_state()});
  }
  return states;
}

std::string rng_state_name(const std::string& generator, std::int64_t rank) {
  return rank == 0 ? generator : fmt::format("{}.rank{}", generator, rank);
}

void restore_rng_states(const std::filesystem::path& file, at::Device device, std::int64_t rank) {
  const SafetensorsFile saved(file);
  for (NamedGenerator& one : generators_of(device)) {
    if (!saved.contains(one.name) && one.name != "cpu") continue;
    const std::string own = rng_state_name(one.name, rank);
    const at::Tensor state = saved.tensor(saved.contains(own) ? own : one.name).clone();
    const std::scoped_lock lock(one.generator.mutex());
    one.generator.set_state(state);
  }
}

}  // namespace sift
