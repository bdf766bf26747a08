#pragma once

#include <string>
#include <vector>

#include "formats/json_fields.h"

namespace sift {

/// Throws Error if a row has a key of images, or a file a column of them. As in TRL, whose models of text
/// refuse them even if they are empty: without the images, the rest of the row would mean something else.
void refuse_image_keys(const JsonFields& row);
void refuse_images(const std::vector<std::string>& columns);

/// Throws Error if a part of a message's content is an image, a video or a sound.
void refuse_media(const JsonFields& part);

}  // namespace sift
