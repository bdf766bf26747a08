#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include <sift/build_tag.h>
#include <sift/callback.h>
#include <sift/error.h>
#include <sift/export.h>
#include <sift/loss.h>
#include <sift/memory.h>
#include <sift/metric.h>
#include <sift/optimizer.h>
#include <sift/options.h>
#include <sift/version.h>

namespace sift {

using LossFactory = std::function<std::unique_ptr<Loss>(const void* options)>;
using MetricFactory = std::function<std::unique_ptr<Metric>(const void* options)>;
using CallbackFactory = std::function<std::unique_ptr<Callback>(const void* options)>;
using MemoryFactory = std::function<std::unique_ptr<MemoryStrategy>(const void* options)>;
using OptimizerFactory = std::function<std::unique_ptr<Optimizer>(const void* options, OptimizerSetup setup)>;

/// A component that a configuration can name. The type of `create` determines its kind.
struct Component {
  std::string name;
  std::variant<LossFactory, MetricFactory, CallbackFactory, MemoryFactory, OptimizerFactory> create;
  std::vector<OptionSpec> options;
  /// A new Options struct with its default values.
  std::function<std::shared_ptr<void>()> make_options;
};

/// Receives the components of a plugin. T is a class with a nested struct `Options`, a static function
/// `describe(Schema<Options>&)` and a constructor T(const Options&). A class without options needs only a
/// default constructor. The constructor of an optimizer has an OptimizerSetup as its last parameter.
class SIFT_API Registry {
 public:
  virtual ~Registry();
  /// Throws Error if another component of the same kind already has this name.
  virtual void add(Component component) = 0;

  template <class T>
  void add_loss(std::string name) {
    add(make<T, LossFactory>(std::move(name)));
  }
  template <class T>
  void add_metric(std::string name) {
    add(make<T, MetricFactory>(std::move(name)));
  }
  template <class T>
  void add_callback(std::string name) {
    add(make<T, CallbackFactory>(std::move(name)));
  }
  template <class T>
  void add_memory(std::string name) {
    add(make<T, MemoryFactory>(std::move(name)));
  }
  template <class T>
  void add_optimizer(std::string name) {
    add(make<T, OptimizerFactory, OptimizerSetup>(std::move(name)));
  }

 private:
  template <class T, class Factory, class... Setup>
  static Component make(std::string name) {
    Component component;
    component.name = std::move(name);
    if constexpr (requires { typename T::Options; }) {
      using Options = typename T::Options;
      Schema<Options> schema;
      T::describe(schema);
      component.options = schema.specs();
      component.make_options = [] { return std::make_shared<Options>(); };
      component.create = Factory([](const void* options, Setup... setup) {
        return std::make_unique<T>(*static_cast<const Options*>(options), std::move(setup)...);
      });
    } else {
      component.make_options = [] { return std::make_shared<NoOptions>(); };
      component.create =
          Factory([](const void*, Setup... setup) { return std::make_unique<T>(std::move(setup)...); });
    }
    return component;
  }
};

/// Describes a plugin to the host. `abi` is always the first field; no other field is read unless it matches.
struct PluginInfo {
  std::uint32_t abi;
  const char* build_tag;
  const char* name;
  const char* version;
  const char* summary;
  /// The only plugin code that the host calls at load time.
  void (*add_to)(Registry&);
};

}  // namespace sift

/// Defines the entry point of a plugin. Use it once, in one source file:
///
///     #include <sift/plugin.h>
///
///     class Focal final : public sift::PerTokenLoss { ... };
///
///     SIFT_PLUGIN("focal", "1.0.0", "Focal loss", [](sift::Registry& registry) {
///       registry.add_loss<Focal>("focal");
///     })
#define SIFT_PLUGIN(plugin_name, plugin_version, plugin_summary, ...)                                     \
  extern "C" __attribute__((visibility("default"))) const sift::PluginInfo* sift_plugin_info() noexcept { \
    static const sift::PluginInfo info{sift::kPluginAbi, SIFT_BUILD_TAG, plugin_name,                     \
                                       plugin_version,   plugin_summary, __VA_ARGS__};                    \
    return &info;                                                                                         \
  }
