//! From exec to the first answer.

use std::{net::SocketAddr, time::Instant};

use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::{
    Outcome, PLAIN,
    contender::{BROKER, Contender, NODE, Rig},
    cores::Cores,
    load::Person,
    wire,
};

/// Everything that a start needs.
pub(crate) struct Start<'a> {
    pub(crate) rig: &'a Rig,
    pub(crate) cores: &'a Cores,
    pub(crate) endpoint: SocketAddr,
}

/// Starts of one program.
pub(crate) struct Starts {
    pub(crate) name: &'static str,
    /// What was asked for first.
    pub(crate) asked: &'static str,
    /// The status that came.
    pub(crate) status: u16,
    pub(crate) millis: Vec<f64>,
}

impl Start<'_> {
    /// Ours with its list of providers, ours with a refresh, and Node's with a refresh.
    pub(crate) async fn measure(&self, ours: usize, nodes: usize) -> Outcome<Vec<Starts>> {
        let starts = |name, asked| Starts { name, asked, status: 0, millis: Vec::new() };
        let mut providers = starts(BROKER, "GET /v1/providers");
        let mut refresh = starts(BROKER, "refresh");
        let mut node = starts(NODE, "refresh");
        // A session that stands in the file at every start that follows.
        let person = self.rig.start_broker_on_file(self.cores, self.endpoint)?.persons(1).await?.remove(0);
        for at in 0..ours {
            self.once(&mut providers, &person, Rig::start_broker_on_file).await?;
            self.once(&mut refresh, &person, Rig::start_broker_on_file).await?;
            if at < nodes {
                self.once(&mut node, &person, Rig::start_node).await?;
            }
        }
        Ok(vec![refresh, providers, node])
    }

    async fn once(
        &self,
        starts: &mut Starts,
        person: &Person,
        start: impl Fn(&Rig, &Cores, SocketAddr) -> Outcome<Contender>,
    ) -> Outcome<()> {
        let started = Instant::now();
        let contender = start(self.rig, self.cores, self.endpoint)?;
        let address = contender.address;
        let request = match starts.asked {
            "refresh" => person.request(address, PLAIN),
            line => format!("{line} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes(),
        };
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        stream.write_all(&request).await?;
        let mut answer = Vec::new();
        wire::read(&mut stream, &mut answer).await?.ok_or("the connection was closed")?;
        starts.millis.push(started.elapsed().as_secs_f64() * 1e3);
        starts.status = wire::status(&answer);
        Ok(())
    }
}
