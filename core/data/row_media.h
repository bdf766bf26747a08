#pragma once

#include <string>
#include <vector>

#include "formats/json_fields.h"

namespace sift {

/// Throws Error if the columns of a file or the keys of a row are those of images. As in TRL, whose models of
/// text refuse them even if they are empty: without the images, the rest of the row would mean something
/// else.
void refuse_images(const std::vector<std::string>& columns);

/// Throws Error if a part of a message's content is an image, a video or a sound.
void refuse_media(const JsonFields& part);

}  // namespace sift
