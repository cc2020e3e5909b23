//! The table of ratios, and the bars that it is held against.

use std::fmt::Write as _;

use crate::{
    contender::{BROKER, NGINX},
    load::Measured,
    start::Starts,
};

/// Times nginx's processor time that a refresh may take.
const CPU_BAR: f64 = 2.0;
/// MiB under load.
const MEMORY_BAR: f64 = 16.0;
/// Milliseconds from exec to the first answered refresh.
const START_BAR: f64 = 25.0;

/// The rounds of one contender.
pub(crate) struct Figures {
    name: &'static str,
    pub(crate) rounds: Vec<Measured>,
}

impl Figures {
    pub(crate) fn of(name: &'static str) -> Self {
        Self { name, rounds: Vec::new() }
    }

    fn median(&self, of: impl Fn(&Measured) -> f64) -> f64 {
        median(self.rounds.iter().map(of))
    }

    /// MiB under load, at most.
    fn memory(&self) -> f64 {
        let most = self.rounds.iter().map(|round| round.memory).max();
        f64::from(most.unwrap_or(u32::MAX)) / 1024.0
    }
}

/// All figures of a run.
#[derive(Default)]
pub(crate) struct Table {
    pub(crate) plain: Vec<Figures>,
    pub(crate) rotating: Vec<Figures>,
    pub(crate) starts: Vec<Starts>,
}

impl Table {
    /// Whether every bar is met.
    pub(crate) fn holds(&self) -> bool {
        self.bars().iter().all(|bar| bar.reached <= bar.most)
    }

    /// The table, for people.
    pub(crate) fn text(&self) -> String {
        let mut text =
            String::from("One refresh through the broker: 64 connections, one core, medians of the rounds in turn\n\n");
        let _ = writeln!(text, "{:<36} CPU µs  × nginx  requests/s  PSS MiB  × nginx", "");
        for (remark, group) in [("", &self.plain), (", rotating", &self.rotating)] {
            for figures in group {
                let name = format!("{}{remark}", figures.name);
                let _ = writeln!(
                    text,
                    "{name:<36} {:>6.1}  {:>7.2}  {:>10.0}  {:>7.1}  {:>7.2}",
                    figures.median(|round| round.cpu_micros),
                    times_nginx(group, figures),
                    figures.median(|round| round.per_second),
                    figures.memory(),
                    figures.memory() / nginx(group).map_or(f64::NAN, Figures::memory),
                );
            }
        }
        text += "\nFrom exec to the first answer, median in ms\n\n";
        for starts in &self.starts {
            let name = format!("{}, {} (answered {})", starts.name, starts.asked, starts.status);
            let _ = writeln!(text, "{name:<60} {:>6.1}  of {}", start(starts), starts.millis.len());
        }
        text += "\n";
        for Bar { what, reached, most } in self.bars() {
            let word = if reached <= most { "held" } else { "MISSED" };
            let _ = writeln!(text, "{what:<60} {reached:>6.2}  at most {most:>2}  {word}");
        }
        text
    }

    fn bars(&self) -> Vec<Bar> {
        let cpu = |group: &[Figures]| ours(group).map_or(f64::NAN, |figures| times_nginx(group, figures));
        let memory = |group: &[Figures]| ours(group).map_or(f64::NAN, Figures::memory);
        let first = self.starts.first().map_or(f64::NAN, start);
        vec![
            Bar { what: "1 CPU per refresh, × nginx", reached: cpu(&self.plain), most: CPU_BAR },
            Bar { what: "3 PSS under load, MiB", reached: memory(&self.plain), most: MEMORY_BAR },
            Bar { what: "3 PSS under load, rotating, MiB", reached: memory(&self.rotating), most: MEMORY_BAR },
            Bar { what: "4 exec to first answered refresh, ms", reached: first, most: START_BAR },
        ]
    }
}

struct Bar {
    what: &'static str,
    reached: f64,
    most: f64,
}

fn named<'a>(group: &'a [Figures], name: &str) -> Option<&'a Figures> {
    group.iter().find(|figures| figures.name == name)
}

fn nginx(group: &[Figures]) -> Option<&Figures> {
    named(group, NGINX)
}

fn ours(group: &[Figures]) -> Option<&Figures> {
    named(group, BROKER)
}

/// The median of the rounds' own ratios: each round is compared with the nginx of its own minute.
fn times_nginx(group: &[Figures], figures: &Figures) -> f64 {
    let Some(nginx) = nginx(group) else { return f64::NAN };
    median(figures.rounds.iter().zip(&nginx.rounds).map(|(round, nginx)| round.cpu_micros / nginx.cpu_micros))
}

fn start(starts: &Starts) -> f64 {
    median(starts.millis.iter().copied())
}

/// Not a number where there is nothing, which meets no bar.
fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => figures[middle],
        _ => f64::midpoint(figures[middle - 1], figures[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contender::NODE;

    fn figures(name: &'static str, micros: [f64; 3], memory: u32) -> Figures {
        let round = |cpu_micros| Measured { cpu_micros, per_second: 1.0, memory };
        Figures { name, rounds: micros.map(round).into() }
    }

    fn table(ours: [f64; 3], memory: u32, millis: f64) -> Table {
        let group = || vec![figures(BROKER, ours, memory), figures(NGINX, [10.0, 20.0, 10.0], 4_096)];
        let mut plain = group();
        plain.push(figures(NODE, [100.0; 3], 80_000));
        let starts = vec![Starts { name: BROKER, asked: "refresh", status: 401, millis: vec![1.0, millis, 90.0] }];
        Table { plain, rotating: group(), starts }
    }

    #[test]
    fn each_bar_is_held_by_itself() {
        assert!(table([20.0, 40.0, 15.0], 16 * 1024, 25.0).holds(), "at the bar, round by round");
        assert!(!table([21.0, 41.0, 15.0], 1_024, 1.0).holds());
        assert!(!table([10.0; 3], 16 * 1024 + 11, 1.0).holds());
        assert!(!table([10.0; 3], 1_024, 25.1).holds());
        assert!(!Table::default().holds(), "nothing measured is nothing held");
    }

    #[test]
    fn the_table_names_what_was_reached() {
        let text = table([30.0; 3], 1_024, 5.0).text();
        assert!(text.contains("3.00  at most  2  MISSED") && text.contains("(answered 401)"), "{text}");
    }
}
