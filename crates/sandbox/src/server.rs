//! The sockets: accepts connections, serves HTTP/1.1 on each, and resets one where a fault wants that.
//!
//! hyper is driven here directly, not through axum's own server, because a reset needs the socket itself.

use axum::Router;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::faults::Cut;

/// Serves until the task that runs it is ended; its connections end with it.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // An error here belongs to a connection that went away before it was accepted.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, router.clone()));
                }
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn connection(stream: TcpStream, router: Router) {
    let cut = Cut::default();
    let handle = cut.clone();
    let service = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(handle.clone());
        service.call(request)
    });
    let mut serving = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // How a connection ended is the client's affair.
        _ = &mut serving => {}
        () = cut.wanted() => {
            let stream = serving.into_parts().io.into_inner();
            // Zero linger turns the close into a reset; where that is refused it stays a plain close.
            let _ = stream.set_zero_linger();
        }
    }
}
