//! What a refresh costs the broker, beside nginx and a broker for Node: same upstream, same client, in turn, in one run.
//!
//!     convoke-bench BROKER NODE_BROKER_FOLDER WORK_FOLDER
//!
//! Prints a table and writes it to `WORK_FOLDER/broker.txt`; exit code 1 where a bar is missed, 2 where nothing could be measured.

mod contender;
mod cores;
mod load;
mod process;
mod start;
mod table;
mod token_endpoint;
mod wire;

use std::{env, error::Error, fs, path::PathBuf, process::ExitCode};

use contender::{Contender, Rig};
use cores::Cores;
use load::{Connections, Measured, Person};
use start::Start;
use table::{Figures, Table};

/// Why nothing could be measured.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Connections at once.
const CONNECTIONS: usize = 64;
/// Rounds of A B C; each figure is the median of them.
const ROUNDS: usize = 11;
/// Requests of one round that are counted, and those before them that are not.
const REQUESTS: u32 = 20_000;
const WARM_UP: u32 = 2_000;
/// Node needs less to be measured as well: it is slower by a factor of ten.
const NODE_REQUESTS: u32 = 3_000;
/// Starts of each program; the figure is their median.
const STARTS: usize = 20;
const NODE_STARTS: usize = 5;

/// The path that every contender answers; the endpoint behind it keeps the refresh token.
const PLAIN: &str = "/v1/refresh/zoom";
/// The same, where each refresh brings a new refresh token: the broker seals a copy of the answer.
const ROTATING: &str = "/v1/refresh/webex";

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [broker, node_broker, folder] = arguments.as_slice() else {
        eprintln!("usage: convoke-bench BROKER NODE_BROKER_FOLDER WORK_FOLDER");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let measured = runtime.map_err(Into::into).and_then(|runtime| {
        let rig = Rig { broker: broker.clone(), node_broker: node_broker.clone(), folder: folder.clone() };
        runtime.block_on(measure(rig))
    });
    let table = match measured {
        Ok(table) => table,
        Err(error) => {
            eprintln!("make bench could not measure the broker: {error}");
            return ExitCode::from(2);
        }
    };
    let text = table.text();
    print!("{text}");
    if let Err(error) = fs::write(folder.join("broker.txt"), text) {
        eprintln!("the table could not be kept: {error}");
        return ExitCode::from(2);
    }
    if table.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure(rig: Rig) -> Outcome<Table> {
    fs::create_dir_all(&rig.folder)?;
    let cores = Cores::take()?;
    let endpoint = token_endpoint::serve().await?;
    let broker = rig.start_broker(&cores, endpoint)?;
    let nginx = rig.start_nginx(&cores, endpoint)?;
    let node = rig.start_node(&cores, endpoint)?;
    let mut persons = broker.persons(CONNECTIONS).await?;

    let mut table = Table::default();
    let contenders = [(&broker, REQUESTS), (&nginx, REQUESTS), (&node, NODE_REQUESTS)];
    table.plain = in_turn(&contenders, PLAIN, &mut persons).await?;
    table.rotating = in_turn(&contenders[..2], ROTATING, &mut persons).await?;
    drop((broker, nginx, node));

    let start = Start { rig: &rig, cores: &cores, endpoint };
    table.starts = start.measure(STARTS, NODE_STARTS).await?;
    Ok(table)
}

/// A B C A B C …: a machine that is slower for a while is so for all of them.
async fn in_turn(contenders: &[(&Contender, u32)], path: &str, persons: &mut [Person]) -> Outcome<Vec<Figures>> {
    let mut figures: Vec<Figures> = contenders.iter().map(|(contender, _)| Figures::of(contender.name)).collect();
    for round in 1..=ROUNDS {
        for ((contender, requests), figures) in contenders.iter().zip(&mut figures) {
            let mut connections = Connections::open(contender.address, path, persons).await?;
            connections.send(WARM_UP).await?;
            let measured: Measured = connections.measure(*requests, &contender.process).await?;
            if contender.name == contender::BROKER {
                // Whoever sees only some of a sign-in's tokens takes it for many.
                connections.close(persons);
            }
            let (micros, kib) = (measured.cpu_micros, measured.memory);
            eprintln!("round {round}, {path}, {}: {micros:.1} µs, {kib} KiB", contender.name);
            figures.rounds.push(measured);
        }
    }
    Ok(figures)
}
