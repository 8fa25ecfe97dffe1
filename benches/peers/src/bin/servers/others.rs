//! The servers of others, each with one thread that serves.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use benches::machine;
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
/// hyper with the blocking pool of its runtime: which requests go there.
pub(crate) const ALL_BLOCKING: &str = "hyper, all in spawn_blocking";
pub(crate) const SLOW_BLOCKING: &str = "hyper, slow ones in spawn_blocking";
/// As many threads as the course's own server has for handlers.
const BLOCKING_THREADS: usize = 4;

/// Starts one of them, in a thread of its own that ends with the process.
pub(crate) fn start(name: &str) -> Option<io::Result<SocketAddr>> {
    match name {
        "hyper" => Some(hyper(|_| false)),
        ALL_BLOCKING => Some(hyper(|_| true)),
        SLOW_BLOCKING => Some(hyper(|path| path != "/")),
        "actix_web" => Some(actix_web()),
        "may_minihttp" => Some(may()),
        _ => None,
    }
}

/// On tokio's runtime of one thread; `blocks` says of a path whether its handler runs on
/// the runtime's threads for what blocks.
fn hyper(blocks: fn(&str) -> bool) -> io::Result<SocketAddr> {
    let (say, said) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(BLOCKING_THREADS)
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
                let service = service_fn(move |request| answer(request, blocks));
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

async fn answer(
    request: Request<Incoming>,
    blocks: fn(&str) -> bool,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if blocks(request.uri().path()) {
        let handled = tokio::task::spawn_blocking(move || handle(&request));
        return Ok(handled.await.expect("the handler does not panic"));
    }
    Ok(handle(&request))
}

/// `/sleep?ms=N` blocks, `/work?us=N` computes, and anything else is greeted.
fn handle(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let number = || {
        let (_, number) = request.uri().query()?.split_once('=')?;
        number.parse().ok()
    };
    let mut text = HELLO;
    match request.uri().path() {
        "/" => {}
        "/sleep" => {
            thread::sleep(Duration::from_millis(number().unwrap_or(0)));
            text = "ok";
        }
        _ => {
            let enough = Duration::from_micros(number().unwrap_or(0));
            let begin = machine::cpu_time_of_this_thread();
            let used = || Some(machine::cpu_time_of_this_thread()? - begin?);
            while used().is_some_and(|used| used < enough) {}
            text = "ok";
        }
    }
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    let plain = HeaderValue::from_static("text/plain");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
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
