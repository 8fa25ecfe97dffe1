//! The servers of others, each with one thread that serves.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use may_minihttp::{HttpServer, HttpService};

const HELLO: &str = "Hello, World!";
const LOCALHOST: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

pub(crate) const NAMES: [&str; 3] = ["hyper", "actix_web", "may_minihttp"];

/// Starts one of them, in a thread of its own that ends with the process.
pub(crate) fn start(name: &str) -> Option<io::Result<SocketAddr>> {
    match name {
        "hyper" => Some(hyper()),
        "actix_web" => Some(actix_web()),
        "may_minihttp" => Some(may()),
        _ => None,
    }
}

/// On tokio's runtime of one thread.
fn hyper() -> io::Result<SocketAddr> {
    let (say, said) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    thread::spawn(move || {
        let local = tokio::task::LocalSet::new();
        local.block_on(&runtime, async move {
            let listener = tokio::net::TcpListener::bind(LOCALHOST).await?;
            let _ = say.send(listener.local_addr());
            loop {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let service = service_fn(hello);
                let connection = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service);
                // A client that leaves is no news.
                tokio::task::spawn_local(async move { connection.await.ok() });
            }
            #[expect(unreachable_code, reason = "it gives the block its type")]
            Ok::<(), io::Error>(())
        })
    });
    said.recv().map_err(io::Error::other)?
}

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response =
        Response::new(Full::new(Bytes::from_static(HELLO.as_bytes())));
    let text = HeaderValue::from_static("text/plain");
    response.headers_mut().insert(CONTENT_TYPE, text);
    Ok(response)
}

fn actix_web() -> io::Result<SocketAddr> {
    use actix_web::{App, HttpServer, http::header::ContentType, web};
    let (say, said) = mpsc::channel();
    thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let hello = || async {
                let mut answer = actix_web::HttpResponse::Ok();
                answer.content_type(ContentType::plaintext()).body(HELLO)
            };
            let app = move || App::new().route("/", web::get().to(hello));
            let server = HttpServer::new(app)
                .workers(1)
                .backlog(4_096)
                // Each waits for the turns of the others.
                .keep_alive(std::time::Duration::from_secs(600))
                .bind(LOCALHOST)?;
            let _ = say.send(server.addrs()[0]);
            server.run().await
        })
    });
    said.recv().map_err(io::Error::other)
}

#[derive(Clone)]
struct Hello;

impl HttpService for Hello {
    fn call(
        &mut self,
        _: may_minihttp::Request<'_, '_, '_>,
        response: &mut may_minihttp::Response<'_>,
    ) -> io::Result<()> {
        response.header("Content-Type: text/plain");
        response.body(HELLO);
        Ok(())
    }
}

/// Its address is what is asked for, so a free port is looked for first.
fn may() -> io::Result<SocketAddr> {
    may::config().set_workers(1);
    let free = std::net::TcpListener::bind(LOCALHOST)?;
    let address = free.local_addr()?;
    drop(free);
    let server = HttpServer(Hello).start(address)?;
    // Dropped, the handle would be detached, and nobody waits for it: that is wanted.
    thread::spawn(move || server.wait());
    Ok(address)
}
