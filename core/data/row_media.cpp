#include "data/row_media.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include <sift/error.h>

namespace sift {

namespace {

/// `has` tells whether there is a key or column of a name.
template <class Has>
void refuse_images_of(Has&& has) {
  for (const char* name : {"image", "images"}) {
    if (!has(name)) continue;
    throw Error(
        fmt::format("the data has '{}', but Sift trains models of text; remove the rows with images, or the "
                    "column if the texts make sense without it",
                    name));
  }
}

}  // namespace

void refuse_image_keys(const JsonFields& row) {
  const nlohmann::ordered_json& object = row.object();
  refuse_images_of([&](const char* name) { return object.contains(name); });
}

void refuse_images(const std::vector<std::string>& columns) {
  refuse_images_of([&](const char* name) { return std::ranges::find(columns, name) != columns.end(); });
}

void refuse_media(const JsonFields& part) {
  constexpr std::array<std::string_view, 6> kMedia = {"image", "image_url",   "video",
                                                      "audio", "input_audio", "input_image"};
  const auto type = part.value().find("type");
  if (type == part.value().end() || !type->is_string()) return;
  if (std::ranges::find(kMedia, type->get_ref<const std::string&>()) == kMedia.end()) return;
  part.refuse("expected text, because Sift trains models of text");
}

}  // namespace sift
