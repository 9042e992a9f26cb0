//! The contract of the port CoverCodec.

use bookshelf_domain::covers::{CoverCodec, CoverCodecError, CoverFormat, CoverImages};
use bookshelf_infrastructure::covers::ImageCoverCodec;
use bookshelf_tests::images::{
    SECRET, animated_png, animated_webp, file, jpeg, jpeg_with_exif, picture, png,
    png_of_claimed_size, read, transparent, webp,
};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, GenericImageView, ImageFormat};

async fn encoded(upload: Vec<u8>) -> Result<CoverImages, CoverCodecError> {
    ImageCoverCodec::new().unwrap().encode(upload).await
}

async fn cover(upload: Vec<u8>) -> CoverImages {
    encoded(upload).await.unwrap()
}

async fn unfit(upload: Vec<u8>) -> String {
    match encoded(upload).await {
        Err(CoverCodecError::Unacceptable(fault)) => fault.sentence.into_owned(),
        other => panic!("{other:?}"),
    }
}

/// Whether two images show the same, as far as a JPEG keeps it.
fn look_alike(one: &DynamicImage, other: &DynamicImage) -> bool {
    let differ = |a: [u8; 4], b: [u8; 4]| a.iter().zip(b).any(|(a, b)| a.abs_diff(b) > 12);
    one.dimensions() == other.dimensions()
        && one.pixels().zip(other.pixels()).all(|((_, _, a), (_, _, b))| !differ(a.0, b.0))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[tokio::test]
async fn every_format_becomes_a_cover_that_shows_the_same() {
    let original = picture(60, 90);
    for upload in [jpeg(60, 90), png(60, 90), webp(60, 90)] {
        let cover = cover(upload).await;
        assert_eq!(cover.format, CoverFormat::Jpeg);
        assert!(look_alike(&read(&cover.full), &original));
        assert!(look_alike(&read(&cover.thumb), &original), "no thumbnail is larger");
    }
}

#[tokio::test]
async fn every_depth_and_kind_of_colour_is_read() {
    let original = picture(40, 30);
    for image in [
        DynamicImage::ImageRgb16(original.to_rgb16()),
        DynamicImage::ImageRgba16(original.to_rgba16()),
        DynamicImage::ImageRgba8(original.to_rgba8()),
    ] {
        let cover = cover(file(&image, ImageFormat::Png)).await;
        assert_eq!(cover.format, CoverFormat::Jpeg, "nothing can be seen through");
        assert!(look_alike(&read(&cover.full), &original));
    }
    let grey = DynamicImage::ImageLuma8(original.to_luma8());
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let cover = cover(file(&grey, format)).await;
        assert!(look_alike(&read(&cover.full), &grey));
    }
}

#[tokio::test]
async fn what_can_be_seen_through_stays_so() {
    let original = transparent(600, 800);
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let cover = cover(file(&original, format)).await;
        assert_eq!(cover.format, CoverFormat::Png);
        assert_eq!(read(&cover.full), original);
        assert_eq!(read(&cover.thumb).get_pixel(0, 0).0[3], 40);
    }
}

#[tokio::test]
async fn a_thumbnail_has_the_shape_of_the_image_and_a_bounded_height() {
    for ((width, height), expected) in [
        ((400, 640), (200, 320)),
        ((1000, 321), (996, 320)),
        ((900, 320), (900, 320)),
        ((1, 2000), (1, 320)),
        ((5, 5), (5, 5)),
    ] {
        let cover = cover(jpeg(width, height)).await;
        assert_eq!(read(&cover.full).dimensions(), (width, height));
        assert_eq!(read(&cover.thumb).dimensions(), expected);
    }
}

#[tokio::test]
async fn metadata_are_heeded_and_then_gone() {
    let original = picture(60, 90);
    for (orientation, expected) in
        [(1, original.clone()), (3, original.rotate180()), (6, original.rotate90())]
    {
        let upload = jpeg_with_exif(&original, orientation);
        assert!(contains(&upload, SECRET.as_bytes()));
        let cover = cover(upload).await;
        assert!(look_alike(&read(&cover.full), &expected), "{orientation}");
        for image in [&cover.full, &cover.thumb] {
            assert!(!contains(image, SECRET.as_bytes()) && !contains(image, b"Exif"));
        }
    }
}

#[tokio::test]
async fn what_follows_an_image_is_gone() {
    let script = b"<script>alert(1)</script>";
    for upload in [jpeg(60, 90), png(60, 90), webp(60, 90)] {
        let alone = cover(upload.clone()).await;
        let followed = cover([&upload[..], script].concat()).await;
        assert_eq!(followed, alone);
        assert!(!contains(&followed.full, script));
    }
}

#[tokio::test]
async fn the_same_upload_makes_the_same_images() {
    let codec = ImageCoverCodec::new().unwrap();
    let upload = webp(300, 500);
    let first = codec.encode(upload.clone()).await.unwrap();
    assert_eq!(codec.encode(upload).await.unwrap(), first);
}

#[tokio::test]
async fn what_is_no_image_is_foreign() {
    for upload in [
        &b""[..],
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"BM\0\0",
        b"%PDF-1.7",
        &jpeg(9, 9)[1..],
    ] {
        let answer = encoded(upload.to_vec()).await;
        assert!(matches!(answer, Err(CoverCodecError::UnsupportedFormat(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_cut_short_is_unfit_wherever_it_is_cut() {
    for whole in [jpeg(60, 90), png(60, 90), webp(60, 90), jpeg_with_exif(&picture(9, 9), 6)] {
        for length in [16, whole.len() / 4, whole.len() / 2, whole.len() - 2, whole.len() - 1] {
            let sentence = unfit(whole[..length].to_vec()).await;
            assert!(["is cut short", "is damaged"].contains(&sentence.as_str()), "{sentence}");
        }
    }
}

#[tokio::test]
async fn what_moves_is_unfit() {
    for upload in [animated_png(), animated_webp()] {
        assert_eq!(unfit(upload).await, "must not be animated");
    }
}

#[tokio::test]
async fn too_many_pixels_are_refused_before_they_are_decoded() {
    for (width, height) in [(50_000, 50_000), (40_000_001, 1), (6325, 6325)] {
        let upload = png_of_claimed_size(width, height);
        assert!(upload.len() < 100);
        let sentence = unfit(upload).await;
        assert!(sentence.starts_with("must have at most 40 megapixels, not "), "{sentence}");
    }
    unfit(png_of_claimed_size(1 << 30, 1 << 30)).await;
    for (width, height) in [(65_536, 1), (1, 65_536), (40_000_000, 1)] {
        let sentence = unfit(png_of_claimed_size(width, height)).await;
        assert!(sentence.starts_with("must be at most 65535 pixels wide and high"), "{sentence}");
    }
    // As many as can be are not too many; there is only too little in it.
    assert_eq!(unfit(png_of_claimed_size(8000, 5000)).await, "is damaged");
}

#[tokio::test]
async fn an_image_of_noise_is_kept_within_the_bound() {
    // Rows repeat, so that the file is small and its pixels are noise to a JPEG nevertheless.
    let noise =
        |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ (y % 8).wrapping_mul(40_503)) >> 9;
    let image = image::RgbImage::from_fn(1200, 9000, |x, y| {
        let [_, r, g, b] = noise(x, y).wrapping_mul(x | 1).to_be_bytes();
        image::Rgb([r, g, b])
    });
    let mut upload = Vec::new();
    let (compression, filter) = (CompressionType::Default, FilterType::NoFilter);
    let encoder = PngEncoder::new_with_quality(&mut upload, compression, filter);
    image.write_with_encoder(encoder).unwrap();
    assert!(upload.len() < CoverImages::MAX_UPLOAD, "{}", upload.len());
    match encoded(upload).await {
        Ok(cover) => assert!(cover.full.len() <= CoverImages::MAX_KEPT),
        Err(CoverCodecError::Unacceptable(fault)) => {
            assert!(fault.sentence.contains("too much detail"));
        }
        Err(other) => panic!("{other:?}"),
    }
}
