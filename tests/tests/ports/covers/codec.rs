//! The contract of the port CoverCodec.

use std::io::Write;
use std::process::{Command, Stdio};

use bookshelf_domain::covers::{CoverCodec, CoverCodecError, CoverFormat, CoverImages};
use bookshelf_infrastructure::covers::ImageCoverCodec;
use bookshelf_tests::images::{
    SECRET, animated_png, animated_webp, file, jpeg, jpeg_of_scans, jpeg_with_exif, picture, png,
    png_of_claimed_size, progressive_jpeg_of_claimed_size, read, transparent, webp,
};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::Orientation;
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
    for (width, height) in [(16_385, 1), (1, 65_535), (40_000_000, 1)] {
        let sentence = unfit(png_of_claimed_size(width, height)).await;
        assert!(sentence.starts_with("must be at most 16384 pixels wide and high"), "{sentence}");
    }
    // As many as can be are not too many; there is only too little in it.
    assert_eq!(unfit(png_of_claimed_size(8000, 5000)).await, "is damaged");
}

#[tokio::test]
async fn what_takes_too_much_memory_is_refused_before_it_is_decoded() {
    let sentence = unfit(progressive_jpeg_of_claimed_size(8000, 5000)).await;
    assert_eq!(
        sentence,
        "takes 344 MiB of memory to read, and at most 153 MiB are allowed: make it smaller"
    );
    // The same number of pixels in one scan takes less.
    let mut baseline = progressive_jpeg_of_claimed_size(8000, 5000);
    let frame = baseline.windows(2).position(|marker| marker == [0xff, 0xc2]).unwrap();
    baseline[frame + 1] = 0xc0;
    assert!(!unfit_or_grey(baseline).await);
}

#[tokio::test]
async fn a_jpeg_of_many_scans_is_refused_before_it_is_decoded() {
    cover(jpeg_of_scans(100)).await;
    let upload = jpeg_of_scans(20_000);
    assert!(upload.len() < CoverImages::MAX_UPLOAD, "{}", upload.len());
    assert_eq!(
        unfit(upload).await,
        "is a JPEG of 20000 scans, and at most 100 are allowed: save it without progressive loading"
    );
    unfit(jpeg_of_scans(101)).await;
}

/// Whether an upload is refused for the memory that it takes. The missing part of a JPEG may be grey.
async fn unfit_or_grey(upload: Vec<u8>) -> bool {
    match encoded(upload).await {
        Err(CoverCodecError::Unacceptable(fault)) => fault.sentence.contains("memory"),
        other => other.is_err(),
    }
}

#[tokio::test]
async fn each_orientation_is_turned_upright() {
    let original = picture(60, 400);
    for number in 1..=8 {
        let orientation = Orientation::from_exif(number).unwrap();
        let mut expected = original.clone();
        expected.apply_orientation(orientation);
        let cover = cover(jpeg_with_exif(&original, number)).await;
        assert!(look_alike(&read(&cover.full), &expected), "{number}");
        let (width, height) = (expected.width(), expected.height());
        let thumb = read(&cover.thumb);
        assert_eq!(thumb.height(), height.min(320));
        assert_eq!(thumb.width(), if height > 320 { width * 320 / height } else { width });
    }
}

/// Every stored image opens in libjpeg, which many programs use. The test needs its program `djpeg`.
#[tokio::test]
async fn stored_jpegs_open_in_libjpeg() {
    let Ok(version) = Command::new("djpeg").arg("-version").output() else {
        eprintln!("left out, because djpeg is missing (Debian: libjpeg-turbo-progs)");
        return;
    };
    assert!(version.status.success());
    let mut uploads = vec![jpeg(1, 1), png(1, 1), webp(1, 1), jpeg(17, 900), png(16_384, 1)];
    uploads.push(file(&DynamicImage::ImageLuma16(picture(9, 400).to_luma16()), ImageFormat::Png));
    uploads.push(file(&DynamicImage::ImageRgb16(picture(9, 400).to_rgb16()), ImageFormat::Png));
    uploads.push(jpeg_with_exif(&picture(60, 400), 6));
    let ppm = [&b"P6 70 400 255\n"[..], picture(70, 400).to_rgb8().as_raw()].concat();
    for options in [&["-progressive"][..], &["-grayscale"], &["-sample", "1x2"], &["-restart", "1"]]
    {
        uploads.push(run("cjpeg", options, &ppm));
    }
    for upload in uploads {
        let cover = cover(upload).await;
        for image in [&cover.full, &cover.thumb] {
            let theirs = image::load_from_memory(&run("djpeg", &["-pnm"], image)).unwrap();
            assert!(look_alike(&theirs, &read(image)));
        }
    }
}

/// The output of a program that reads its input from a pipe and has nothing to complain about.
fn run(program: &str, options: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new(program);
    command.args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // A program that stops reading says why.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    output.stdout
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
