//! Charts: horizontal bars, drawn by plotters, coloured by the reader's theme.
//!
//! Plotters writes fixed colours. So it draws in colours that stand for something
//! ([`INKS`]), and [`themed`] replaces each by the class of that meaning (defined in
//! `book/theme/threadbare.css`) and a fill that works without the book's style sheet, on a
//! light page and on a dark one.

use crate::group::{Group, Kind, Metric};
use crate::number;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::fmt::Write as _;

/// Narrow enough to be read on a phone.
const WIDTH: i32 = 420;
const MARGIN: i32 = 8;
/// One row: a line of text, and its bar below.
const ROW: i32 = 38;
const HEAD: i32 = 34;
/// Room below the rows, and what the figures of a logarithmic scale need more.
const FOOT: i32 = 14;
const SCALE: i32 = 20;
/// Beyond this ratio of the largest to the smallest, bars would vanish: dots on a logarithmic
/// scale instead.
const LINEAR_UP_TO: f64 = 25.0;

type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;

/// What is drawn, the colour that plotters is given for it, and what takes its place.
const INKS: [(RGBColor, &str, &str); 6] = [
    (TEXT, "fill=\"#000000\"", "fill=\"currentColor\""),
    (
        BEFORE,
        "fill=\"#000001\"",
        "class=\"fill\" fill=\"currentColor\" fill-opacity=\"0.4\"",
    ),
    (OURS, "fill=\"#000002\"", "class=\"t1\" fill=\"#4a8fd8\""),
    (PEER, "fill=\"#000003\"", "class=\"t2\" fill=\"#c97a1a\""),
    (
        GRID,
        "stroke=\"#000004\"",
        "stroke=\"currentColor\" stroke-opacity=\"0.25\"",
    ),
    (WHISKER, "stroke=\"#000005\"", "stroke=\"currentColor\""),
];
const TEXT: RGBColor = RGBColor(0, 0, 0);
const BEFORE: RGBColor = RGBColor(0, 0, 1);
const OURS: RGBColor = RGBColor(0, 0, 2);
const PEER: RGBColor = RGBColor(0, 0, 3);
const GRID: RGBColor = RGBColor(0, 0, 4);
const WHISKER: RGBColor = RGBColor(0, 0, 5);

/// Returns the charts of one group as a figure for the book.
pub(crate) fn figure(chapter: &str, group: &Group) -> String {
    let panels = panels(group);
    let id = format!("measured-{chapter}-{}", group.id);
    let title = group.title.clone().unwrap_or_else(|| group.id.clone());
    let caption = match &group.title {
        Some(title) => format!("<figcaption>{}</figcaption>\n", escaped(title)),
        None => String::new(),
    };
    let svg = svg(&id, &title, &panels, false);
    format!("<figure class=\"fig\">\n{svg}{caption}</figure>\n")
}

/// Returns the charts of all groups as one picture.
pub(crate) fn all(chapter: &str, groups: &[Group]) -> String {
    let panels: Vec<Panel<'_>> = groups.iter().flat_map(panels).collect();
    svg(
        &format!("measured-{chapter}"),
        &format!("Measured: {chapter}"),
        &panels,
        true,
    )
}

/// One metric of one group.
struct Panel<'g> {
    group: &'g Group,
    metric: &'g Metric,
}

fn panels(group: &Group) -> Vec<Panel<'_>> {
    let charted = group.metrics.iter().filter(|metric| metric.chart);
    charted.map(|metric| Panel { group, metric }).collect()
}

/// Puts panels below each other. The picture is described in words for who cannot see it.
fn svg(id: &str, title: &str, panels: &[Panel<'_>], standalone: bool) -> String {
    let mut height = 0;
    let mut drawings = String::new();
    for panel in panels {
        let drawing = themed(&panel.draw());
        write!(
            drawings,
            "<g transform=\"translate(0 {height})\">\n{drawing}</g>\n"
        )
        .expect("a String takes every write");
        height += panel.height();
    }
    let words: Vec<String> = panels.iter().map(Panel::in_words).collect();
    let (title, words) = (escaped(title), escaped(&words.join(" ")));
    let name_space = match standalone {
        true => {
            " xmlns=\"http://www.w3.org/2000/svg\" font-family=\"sans-serif\" \
                 font-size=\"16\""
        }
        false => "",
    };
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"{id}-t {id}-d\"{name_space}>\n\
         <title id=\"{id}-t\">{title}</title>\n<desc id=\"{id}-d\">{words}</desc>\n\
         {drawings}</svg>\n"
    )
}

impl Panel<'_> {
    fn height(&self) -> i32 {
        let scale = if Scale::of(self.metric).logarithmic {
            SCALE
        } else {
            0
        };
        HEAD + ROW * self.group.rows.len() as i32 + scale + FOOT
    }

    /// What the heading says.
    fn name(&self) -> String {
        let what = match self.metric.kind {
            Kind::Bench => "median",
            Kind::Samples => "p50 and p99",
            Kind::Single => {
                return format!("{}: {}", self.group.id, self.metric.name);
            }
        };
        match self.metric.name.as_str() {
            "time" => format!("{}: {what}", self.group.id),
            name => format!("{}: {name}, {what}", self.group.id),
        }
    }

    fn in_words(&self) -> String {
        let quantity = |value| number::quantity(value, &self.metric.unit);
        let rows = self.group.rows.iter().zip(&self.metric.cells);
        let rows = rows.filter_map(|(row, cell)| {
            let (label, cell) = (row.label(), (*cell)?);
            Some(match self.metric.kind {
                Kind::Samples => {
                    format!("{label} {}, {}", quantity(cell.p50), quantity(cell.p99))
                }
                _ => format!("{label} {}", quantity(cell.p50)),
            })
        });
        format!("{}: {}.", self.name(), rows.collect::<Vec<_>>().join("; "))
    }

    /// Returns the picture as plotters writes it.
    fn draw(&self) -> String {
        let mut picture = String::new();
        {
            let size = (WIDTH as u32, self.height() as u32);
            let area =
                SVGBackend::with_string(&mut picture, size).into_drawing_area();
            self.draw_on(&area)
                .expect("drawing into a String cannot fail");
            area.present().expect("drawing into a String cannot fail");
        }
        picture
    }

    fn draw_on(&self, area: &Area<'_>) -> Result<(), Box<dyn std::error::Error>> {
        let label = |text: &str, x: i32, y: i32, to_the: HPos, bold: bool| {
            let style = if bold {
                FontStyle::Bold
            } else {
                FontStyle::Normal
            };
            let font = FontDesc::new(FontFamily::SansSerif, 16.0, style);
            let position = Pos::new(to_the, VPos::Top);
            area.draw(&Text::new(
                text.to_string(),
                (x, y),
                font.color(&TEXT).pos(position),
            ))
        };
        label(&self.name(), MARGIN, 8, HPos::Left, true)?;

        let scale = Scale::of(self.metric);
        let (left, right) = (f64::from(MARGIN), f64::from(WIDTH - MARGIN));
        let x_of =
            |value: f64| (left + scale.part(value) * (right - left)).round() as i32;
        let bottom = HEAD + ROW * self.group.rows.len() as i32;
        let grid = scale.grid(&self.metric.unit);
        for (value, text) in &grid {
            let x = x_of(*value);
            let to_the = match x {
                x if x < WIDTH / 4 => HPos::Left,
                x if x > WIDTH * 3 / 4 => HPos::Right,
                _ => HPos::Center,
            };
            label(text, x, bottom + 4, to_the, false)?;
        }

        for (index, (row, cell)) in
            (0..).zip(self.group.rows.iter().zip(&self.metric.cells))
        {
            let top = HEAD + ROW * index;
            label(&row.label(), MARGIN, top + 2, HPos::Left, false)?;
            let Some(cell) = cell else {
                label("not measured", WIDTH - MARGIN, top + 2, HPos::Right, false)?;
                continue;
            };
            let mut text = number::quantity(cell.p50, &self.metric.unit);
            if self.metric.kind == Kind::Samples {
                let p99 = number::quantity(cell.p99, &self.metric.unit);
                write!(text, " – {p99}")?;
            }
            label(&text, WIDTH - MARGIN, top + 2, HPos::Right, false)?;

            let ink = ink_of(&row.name, self.group);
            let (y, x) = (top + 26, x_of(cell.p50));
            if scale.logarithmic {
                area.draw(&PathElement::new(
                    [(MARGIN, y), (WIDTH - MARGIN, y)],
                    GRID,
                ))?;
                for (value, _) in &grid {
                    let x = x_of(*value);
                    area.draw(&PathElement::new([(x, y - 5), (x, y + 5)], GRID))?;
                }
                area.draw(&Circle::new((x, y), 6, ink.filled()))?;
            } else {
                // What is there can be seen, however little it is.
                let end = x.max(MARGIN + 1);
                area.draw(&Rectangle::new(
                    [(MARGIN, y - 5), (end, y + 5)],
                    ink.filled(),
                ))?;
            }
            if self.metric.kind == Kind::Samples {
                let tail = x_of(cell.p99);
                area.draw(&PathElement::new(
                    [(x, y), (tail, y)],
                    WHISKER.stroke_width(2),
                ))?;
                let ends = [(tail, y - 5), (tail, y + 5)];
                area.draw(&PathElement::new(ends, WHISKER.stroke_width(2)))?;
            }
        }
        Ok(())
    }
}

/// What was there before in grey, ours in the first colour, peers in the second.
fn ink_of(row: &str, group: &Group) -> RGBColor {
    let is_ours = |name: &str| {
        let version = name.strip_prefix('v');
        version.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            || name.starts_with("ours")
            // These have versions, but the last one is no longer called by a number.
            || ["pool", "event"].contains(&name)
    };
    let is_before = |name: &str| ["naive", "std", "limit"].contains(&name);
    match row {
        row if is_before(row) || row.starts_with("std_") => BEFORE,
        row if is_ours(row) => OURS,
        // Where no row says whose it is, all are of one kind.
        _ if !group.rows.iter().any(|row| is_ours(&row.name)) => OURS,
        _ => PEER,
    }
}

/// From a value to a place between left (0) and right (1).
struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
    /// From one mark of a logarithmic scale to the next.
    step: f64,
}

impl Scale {
    fn of(metric: &Metric) -> Self {
        let whiskers = metric.kind == Kind::Samples;
        let cells = || metric.cells.iter().flatten();
        let ends = cells().map(|cell| if whiskers { cell.p99 } else { cell.p50 });
        let high = ends.fold(0.0, f64::max);
        let starts = cells().map(|cell| cell.p50).filter(|&value| value > 0.0);
        let low = starts.fold(f64::INFINITY, f64::min);
        // So that marks fall on whole KiB and MiB.
        let step: f64 = if metric.unit == "B" { 16.0 } else { 10.0 };
        if high / low > LINEAR_UP_TO {
            let low = step.powf(low.log(step).floor());
            let high = step.powf(high.log(step).ceil());
            Self {
                low,
                high,
                logarithmic: true,
                step,
            }
        } else {
            let high = high.max(f64::MIN_POSITIVE);
            Self {
                low: 0.0,
                high,
                logarithmic: false,
                step,
            }
        }
    }

    fn part(&self, value: f64) -> f64 {
        if self.logarithmic {
            let value = value.clamp(self.low, self.high);
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value / self.high).clamp(0.0, 1.0)
        }
    }

    /// Marks to orient oneself by; bars that start at zero need none. Where there are many,
    /// only some have a figure.
    fn grid(&self, unit: &str) -> Vec<(f64, String)> {
        if !self.logarithmic {
            return Vec::new();
        }
        let steps = (self.high / self.low).log(self.step).round() as i32;
        let named = (steps / 4 + 1).max(1);
        let mark = |i: i32| {
            let value = self.low * self.step.powi(i);
            let text = match i % named {
                0 => without_zeros(&number::quantity(value, unit)),
                _ => String::new(),
            };
            (value, text)
        };
        (0..=steps).map(mark).collect()
    }
}

/// Makes `10.0 ms` into `10 ms`: on a scale the figures are exact.
fn without_zeros(quantity: &str) -> String {
    let (number, unit) = quantity.split_once(' ').unwrap_or((quantity, ""));
    match number.contains('.') {
        true => {
            let number = number.trim_end_matches('0').trim_end_matches('.');
            format!("{number} {unit}")
        }
        false => quantity.to_string(),
    }
}

/// Takes the inside of plotters' picture and replaces its colours by meanings.
fn themed(picture: &str) -> String {
    let start = picture.find('>').map_or(0, |end| end + 1);
    let end = picture.rfind("</svg>").unwrap_or(picture.len());
    let mut inside = picture[start..end].trim().to_string();
    for (_, fixed, meaning) in INKS {
        inside = inside.replace(fixed, meaning);
    }
    for noise in [
        " opacity=\"1\"",
        " stroke=\"none\"",
        " font-family=\"sans-serif\"",
    ] {
        inside = inside.replace(noise, "");
    }
    // The size of the text around it, which the book sets.
    let font_size = format!(" font-size=\"{}\"", 16.0 / 1.24);
    let inside = inside.replace(&font_size, "");
    // Plotters puts a text on lines of its own; an empty one would end the figure.
    let lines = inside
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty());
    let mut text = String::new();
    for line in lines {
        text.push_str(line);
        // "<text ...>", "the text", "</text>" belong together.
        let opens = line.starts_with("<text") && !line.contains("</text>");
        if line.starts_with('<') && !opens {
            text.push('\n');
        }
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Summary;
    use crate::write::tests::sample_group;

    #[test]
    fn a_chart_can_be_included_and_follows_the_theme() {
        let figure = figure("01_threads", &sample_group());
        assert!(
            !figure.contains("\n\n"),
            "a blank line ends an HTML block: {figure}"
        );
        assert!(
            !figure.contains("#0000"),
            "a colour without a meaning: {figure}"
        );
        for part in [
            "role=\"img\"",
            "<title id=\"measured-01_threads-wake_up-t\">How long?</title>",
            "wake_up: p50 and p99: std 20 ns, 30 ns; a|&lt;b&gt; 20 ns, 30 ns.</desc>",
            "class=\"fill\"",
            "class=\"t1\"",
            "stroke=\"currentColor\"",
            "fill=\"currentColor\"",
            "a|&lt;b&gt;",
        ] {
            assert!(figure.contains(part), "{part} is missing: {figure}");
        }
        assert_eq!(
            figure.matches("<text").count(),
            figure.matches("</text>").count()
        );
    }

    #[test]
    fn far_apart_values_get_a_logarithmic_scale() {
        let mut metric = sample_group().metrics.swap_remove(0);
        assert!(!Scale::of(&metric).logarithmic);
        metric.kind = Kind::Single;
        metric.cells = vec![Some(Summary::single(2.0)), Some(Summary::single(5e6))];
        let scale = Scale::of(&metric);
        assert!(scale.logarithmic);
        assert_eq!((scale.low, scale.high.round()), (1.0, 1e7));
        assert!(scale.part(2.0) > 0.0 && scale.part(5e6) < 1.0);
        let named = scale
            .grid("ns")
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .count();
        assert!((2..=5).contains(&named), "{named} labels fit");
    }

    #[test]
    fn zeros_are_drawn() {
        let mut metric = sample_group().metrics.swap_remove(0);
        metric.cells = vec![Some(Summary::single(0.0)), None];
        assert_eq!(Scale::of(&metric).part(0.0), 0.0);
    }
}
