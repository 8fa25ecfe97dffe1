//! What the server is asked for: the routes of *Contracts*.
use threadbare::http::{Handler, Method, Request, Response};

pub(crate) fn router() -> impl Handler {
    |request: &Request<'_>, response: &mut Response<'_>| {
        let read = matches!(request.method(), Method::Get | Method::Head);
        let number = |name: &str| -> usize {
            let query = request.raw_query().unwrap_or("");
            query
                .split('&')
                .find_map(|it| it.strip_prefix(name)?.strip_prefix('='))
                .and_then(|it| it.parse().ok())
                .unwrap_or(0)
        };
        match request.path() {
            "/" if read => {
                response.text("Hello, World!");
            }
            "/bytes" if read => {
                response.body(vec![b'x'; number("n")]);
            }
            "/panic" if read => panic!("as asked for"),
            "/echo" if request.method() == Method::Post => {
                response.bytes(request.body());
            }
            "/" | "/bytes" | "/panic" => {
                response.status(405).header("Allow", "GET, HEAD");
            }
            "/echo" => {
                response.status(405).header("Allow", "POST");
            }
            _ => {
                response.status(404);
            }
        }
    }
}
