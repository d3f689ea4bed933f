//! The report as a picture (SVG): throughput over time above, times to finality below.

use std::fmt::Write as _;

use super::Report;

const WIDTH: f64 = 880.0;
const HEIGHT: f64 = 500.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 856.0;

/// Colours of light and dark surroundings.
const STYLE: &str = "
  text { font: 12px system-ui, sans-serif; fill: #5b6472; }
  .title { font-size: 17px; font-weight: 600; fill: #1a2230; }
  .head { font-size: 13px; font-weight: 600; fill: #1a2230; }
  .ground { fill: #ffffff; }
  .grid { stroke: #e3e7ed; }
  .area { fill: #2f6fde; fill-opacity: 0.16; }
  .first { stroke: #2f6fde; fill: none; stroke-width: 2; stroke-linejoin: round; }
  .second { stroke: #b4540a; fill: none; stroke-width: 2; stroke-linejoin: round; }
  .first-text { fill: #2459b8; } .second-text { fill: #9c4806; }
  .mark { stroke: #c0283a; stroke-width: 1.5; stroke-dasharray: 5 4; }
  .mark-text { fill: #b02035; font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #a4afc0; }
    .title, .head { fill: #eef2f8; }
    .ground { fill: #12171f; }
    .grid { stroke: #2a3341; }
    .area { fill: #6ea2ff; fill-opacity: 0.2; }
    .first { stroke: #6ea2ff; } .first-text { fill: #8db6ff; }
    .second { stroke: #f0a35e; } .second-text { fill: #f5b57c; }
    .mark { stroke: #ff7b87; } .mark-text { fill: #ff929c; }
  }
";

/// A field in which a curve is drawn.
struct Panel {
    top: f64,
    bottom: f64,
    /// The value at the top.
    max: f64,
    seconds: f64,
}

impl Panel {
    fn x(&self, seconds: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * (seconds / self.seconds).clamp(0.0, 1.0)
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * (value / self.max).clamp(0.0, 1.0)
    }

    /// Lines across with their values.
    fn grid(&self, svg: &mut String, step: f64) {
        for line in 0..=((self.max / step).round() as u32) {
            let value = f64::from(line) * step;
            let y = self.y(value);
            let label = label(value);
            let _ = writeln!(
                svg,
                r#"<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y:.1}" y2="{y:.1}"/>
<text x="{:.1}" y="{:.1}" text-anchor="end">{label}</text>"#,
                LEFT - 8.0,
                y + 4.0
            );
        }
    }

    /// A curve through values at instants; where a value is missing, it is interrupted.
    fn curve(&self, svg: &mut String, class: &str, points: &[(f64, Option<f64>)]) {
        let mut path = String::new();
        let mut is_down = false;
        for (seconds, value) in points {
            if let Some(value) = value {
                let command = if is_down { 'L' } else { 'M' };
                let _ = write!(path, "{command}{:.1} {:.1} ", self.x(*seconds), self.y(*value));
            }
            is_down = value.is_some();
        }
        let _ = writeln!(svg, r#"<path class="{class}" d="{}"/>"#, path.trim_end());
    }

    /// The field below a curve.
    fn area(&self, svg: &mut String, points: &[(f64, Option<f64>)]) {
        let Some(((first, _), (last, _))) = points.first().zip(points.last()) else { return };
        let mut path = format!("M{:.1} {:.1} ", self.x(*first), self.bottom);
        for (seconds, value) in points {
            let _ = write!(path, "L{:.1} {:.1} ", self.x(*seconds), self.y(value.unwrap_or(0.0)));
        }
        let _ = write!(path, "L{:.1} {:.1} Z", self.x(*last), self.bottom);
        let _ = writeln!(svg, r#"<path class="area" d="{path}"/>"#);
    }

    /// A line down at an instant.
    fn mark(&self, svg: &mut String, seconds: f64) {
        let x = self.x(seconds);
        let _ = writeln!(
            svg,
            r#"<line class="mark" x1="{x:.1}" x2="{x:.1}" y1="{:.1}" y2="{:.1}"/>"#,
            self.top, self.bottom
        );
    }
}

impl Report {
    /// The report as an SVG document.
    pub fn picture(&self) -> String {
        let slice = self.timeline.slice_ms / 1_000.0;
        let seconds = self.load.seconds;
        // The last slice may be cut short.
        let length = |position: usize| (seconds - position as f64 * slice).min(slice);
        let middle = |position: usize| position as f64 * slice + length(position) / 2.0;
        let rates: Vec<(f64, Option<f64>)> = (self.timeline.transactions.iter().enumerate())
            .map(|(position, count)| (middle(position), Some(*count as f64 / length(position))))
            .collect();
        let times = |values: &[Option<f64>]| -> Vec<(f64, Option<f64>)> {
            values.iter().enumerate().map(|(position, value)| (middle(position), *value)).collect()
        };
        let (half, most) = (times(&self.timeline.p50_ms), times(&self.timeline.p99_ms));
        let (rate_max, rate_step) = scale(highest(&rates));
        let (time_max, time_step) = scale(highest(&most));
        let above = Panel { top: 112.0, bottom: 252.0, max: rate_max, seconds };
        let below = Panel { top: 318.0, bottom: 446.0, max: time_max, seconds };
        let mut svg = self.opening();
        let _ =
            writeln!(svg, r#"<text class="head" x="{LEFT}" y="96">transactions per second</text>"#);
        above.grid(&mut svg, rate_step);
        above.area(&mut svg, &rates);
        above.curve(&mut svg, "first", &rates);
        let _ = writeln!(
            svg,
            r#"<text class="head" x="{LEFT}" y="302">milliseconds from due to final</text>
<text class="first-text" x="{:.0}" y="302" text-anchor="end">half of them</text>
<text class="second-text" x="{RIGHT}" y="302" text-anchor="end">99 of 100</text>"#,
            RIGHT - 76.0
        );
        below.grid(&mut svg, time_step);
        below.curve(&mut svg, "second", &most);
        below.curve(&mut svg, "first", &half);
        self.marks(&mut svg, [&above, &below]);
        self.closing(&mut svg, &below);
        svg
    }

    fn opening(&self) -> String {
        let load = &self.load;
        let latency = &self.finality_ms;
        let title = format!(
            "{}: {} tx/s, finality p50 {} ms, p99 {} ms",
            load.workload,
            label(self.tx_per_second.round()),
            latency.p50.map_or("-".into(), |ms| format!("{ms:.1}")),
            latency.p99.map_or("-".into(), |ms| format!("{ms:.1}"))
        );
        let commit = self.commit.as_deref().unwrap_or("unknown");
        let about = format!(
            "{} validators, {} clients, {}, {} cores, {} build, commit {commit}",
            load.validators, load.clients, self.machine.processor, self.machine.cores, self.build
        );
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">
<title>{title}</title>
<style>{STYLE}</style>
<rect class="ground" width="{WIDTH}" height="{HEIGHT}" rx="8"/>
<text class="title" x="24" y="34">{title}</text>
<text x="24" y="56">{about}</text>
"#,
            title = escaped(&title),
            about = escaped(&about)
        )
    }

    fn marks(&self, svg: &mut String, panels: [&Panel; 2]) {
        let kill = self.kill.as_ref().map(|kill| {
            let text = format!("{} killed", kill.validator);
            (kill.at_seconds, text)
        });
        let restart = self.restart.as_ref().map(|back| (back.at_seconds, "started again".into()));
        for (seconds, text) in kill.into_iter().chain(restart) {
            panels.iter().for_each(|panel| panel.mark(svg, seconds));
            let x = panels[0].x(seconds);
            // Near the right edge the words go to the left of the line.
            let (x, anchor) = if x > RIGHT - 130.0 { (x - 6.0, "end") } else { (x + 6.0, "start") };
            let _ = writeln!(
                svg,
                r#"<text class="mark-text" x="{x:.1}" y="{:.1}" text-anchor="{anchor}">{}</text>"#,
                panels[0].top - 4.0,
                escaped(&text)
            );
        }
    }

    fn closing(&self, svg: &mut String, below: &Panel) {
        let (_, step) = scale(self.load.seconds);
        let mut second = 0.0;
        while second <= self.load.seconds + 1e-9 {
            let (x, y, text) = (below.x(second), below.bottom + 18.0, label(second));
            let _ =
                writeln!(svg, r#"<text x="{x:.1}" y="{y}" text-anchor="middle">{text} s</text>"#);
            second += step;
        }
        let command = escaped(&self.command.chars().take(120).collect::<String>());
        let _ = writeln!(svg, r#"<text x="24" y="{:.0}">{command}</text>"#, HEIGHT - 12.0);
        svg.push_str("</svg>\n");
    }
}

fn highest(points: &[(f64, Option<f64>)]) -> f64 {
    points.iter().filter_map(|(_, value)| *value).fold(0.0, f64::max)
}

/// A round value at or above another, and the distance of about four lines up to it.
fn scale(highest: f64) -> (f64, f64) {
    let rough = highest.max(1e-3) / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let step = steps.iter().map(|step| step * power).find(|step| *step >= rough - 1e-12);
    let step = step.unwrap_or(10.0 * power);
    ((highest.max(1e-3) / step - 1e-9).ceil() * step, step)
}

fn label(value: f64) -> String {
    if value >= 1_000.0 || value.fract() == 0.0 {
        let digits = format!("{value:.0}");
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        return text;
    }
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
