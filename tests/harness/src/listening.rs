//! A listener on loopback: every connection is served on a thread of its own, until it is dropped.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A running listener.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Listening {
    /// Listens on a free port. What becomes of one connection is no concern of the others.
    #[must_use]
    pub fn start<T>(serve: impl Fn(TcpStream) -> T + Send + Sync + 'static) -> Self {
        Self::knowing(|_| serve)
    }

    /// The same for a service that has to know where it listens.
    #[must_use]
    pub fn knowing<T, S: Fn(TcpStream) -> T + Send + Sync + 'static>(service: impl FnOnce(SocketAddr) -> S) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let ended = Arc::new(AtomicBool::new(false));
        let (has_ended, serve) = (Arc::clone(&ended), Arc::new(service(address)));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if has_ended.load(Ordering::SeqCst) {
                    return;
                }
                let serve = Arc::clone(&serve);
                std::thread::spawn(move || drop(serve(stream)));
            }
        });
        Self { address, ended }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}
