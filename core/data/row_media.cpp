#include "data/row_media.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include <sift/error.h>

namespace sift {

void refuse_images(const std::vector<std::string>& columns) {
  for (const char* name : {"image", "images"}) {
    if (std::ranges::find(columns, name) == columns.end()) continue;
    throw Error(
        fmt::format("the data has '{}', but Sift trains models of text; remove the rows with images, or the "
                    "column if the texts make sense without it",
                    name));
  }
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
