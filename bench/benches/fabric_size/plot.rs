//! Time and memory against the number of end ports, drawn.

use core::error::Error;
use std::fs;
use std::path::Path;

use plotters::prelude::*;

use crate::size::Size;

const PICTURE: (u32, u32) = (640, 400);

/// A line of a picture: its name, its colour, and its value for a size.
type Line = (&'static str, RGBColor, fn(&Size) -> f64);

/// Draw `fabric-size-time.svg` and `fabric-size-memory.svg`.
pub(crate) fn draw(folder: &Path, sizes: &[Size]) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let time: [Line; 4] = [
        ("bring-up", BLACK, Size::up),
        ("of it discovery", BLUE, |size| size.discovery),
        ("of it LIDs and routes", RED, |size| size.planning),
        ("of it programming", GREEN, |size| size.programming),
    ];
    picture(&folder.join("fabric-size-time.svg"), "seconds", sizes, &time)?;
    let memory: [Line; 3] = [
        ("most memory, bring-up", BLACK, |size| megabytes(size.memory)),
        ("forwarding tables alone", RED, |size| megabytes(size.tables())),
        ("fabric before it", BLUE, |size| megabytes(size.fabric_memory)),
    ];
    picture(&folder.join("fabric-size-memory.svg"), "megabytes", sizes, &memory)
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn picture(path: &Path, unit: &str, sizes: &[Size], lines: &[Line]) -> Result<(), Box<dyn Error>> {
    let widest = sizes.iter().map(|size| f64::from(size.end_ports)).fold(1.0, f64::max);
    let values = sizes.iter().flat_map(|size| lines.iter().map(|(.., value)| value(size)));
    let highest = values.fold(0.0, f64::max);
    let area = SVGBackend::new(path, PICTURE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..widest * 1.02, 0.0..highest * 1.05)?;
    let mut mesh = chart.configure_mesh();
    mesh.x_desc("end ports: hosts and switches").y_desc(unit).light_line_style(TRANSPARENT);
    mesh.x_label_formatter(&|ports| format!("{ports:.0}")).draw()?;
    for &(name, colour, value) in lines {
        let points = || sizes.iter().map(move |size| (f64::from(size.end_ports), value(size)));
        chart
            .draw_series(LineSeries::new(points(), colour.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
        chart.draw_series(points().map(|point| Circle::new(point, 3, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .border_style(BLACK)
        .draw()?;
    area.present()?;
    Ok(())
}
