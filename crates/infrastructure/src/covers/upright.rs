use image::metadata::Orientation;
use image::{GenericImageView, ImageBuffer, Pixel};

/// Shows an image as it is seen when the camera is held upright. The pixels stay where they are,
/// because a turned copy of a large image takes too much memory.
pub(super) struct Upright<'a, P: Pixel<Subpixel = u8>> {
    image: &'a ImageBuffer<P, Vec<u8>>,
    orientation: Orientation,
}

impl<'a, P: Pixel<Subpixel = u8>> Upright<'a, P> {
    pub(super) fn new(image: &'a ImageBuffer<P, Vec<u8>>, orientation: Orientation) -> Self {
        Self { image, orientation }
    }
}

impl<P: Pixel<Subpixel = u8>> GenericImageView for Upright<'_, P> {
    type Pixel = P;

    fn dimensions(&self) -> (u32, u32) {
        let (width, height) = self.image.dimensions();
        if swaps_sides(self.orientation) { (height, width) } else { (width, height) }
    }

    fn get_pixel(&self, x: u32, y: u32) -> P {
        let (right, bottom) = (self.image.width() - 1, self.image.height() - 1);
        let (x, y) = match self.orientation {
            Orientation::NoTransforms => (x, y),
            Orientation::Rotate180 => (right - x, bottom - y),
            Orientation::FlipHorizontal => (right - x, y),
            Orientation::FlipVertical => (x, bottom - y),
            Orientation::Rotate90 => (y, bottom - x),
            Orientation::Rotate270 => (right - y, x),
            Orientation::Rotate90FlipH => (y, x),
            Orientation::Rotate270FlipH => (right - y, bottom - x),
        };
        *self.image.get_pixel(x, y)
    }
}

/// Whether the width becomes the height.
pub(super) fn swaps_sides(orientation: Orientation) -> bool {
    match orientation {
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => false,
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, Rgb, RgbImage};

    #[test]
    fn an_image_is_seen_as_if_it_were_turned() {
        let image = RgbImage::from_fn(5, 3, |x, y| Rgb([x as u8, y as u8, 9]));
        for number in 1..=8 {
            let orientation = Orientation::from_exif(number).unwrap();
            let mut turned = DynamicImage::ImageRgb8(image.clone());
            turned.apply_orientation(orientation);
            let turned = turned.into_rgb8();
            let seen = Upright::new(&image, orientation);
            assert_eq!(seen.dimensions(), turned.dimensions(), "{number}");
            for (x, y, pixel) in turned.enumerate_pixels() {
                assert_eq!(seen.get_pixel(x, y), *pixel, "{number}: {x}, {y}");
            }
        }
    }
}
