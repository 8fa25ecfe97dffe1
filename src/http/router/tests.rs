use super::*;
use crate::http::{Limits, Parser, Status};

/// The number of the route and what its names stand for, or what `Allow` would say. `names`:
/// how many each route has.
fn found(tree: &Tree, names: &[usize], path: &str, method: Method) -> String {
    let mut values = [""; PARAMS_MAX];
    let route = tree.find(path, method, &mut values);
    if let Some(literal) = tree.find_literal(path.as_bytes(), method) {
        assert_eq!(route, Ok(literal), "both ways lead to one route");
    }
    match route {
        Ok(route) => format!("{route} {}", values[..names[route]].join(" ")),
        Err(methods) => format!("no: {methods}"),
    }
}

#[test]
fn the_most_literal_way_that_leads_somewhere_is_taken() {
    let mut tree = Tree::default();
    let paths = [
        "/", "/a", "/a/", "/a/b", "/a/:x", "/a/:x/c", "/a/b/d", "/:x", "/:x/:y/c",
        "/f/*rest", "/f/g", "/f/:x/h", "/a:b", "/*all",
    ];
    let paths = paths.iter().enumerate();
    let add =
        |(route, path): (usize, &&str)| tree.add(path, Method::Get, route).len();
    let names: Vec<usize> = paths.map(add).collect();
    for (path, expected) in [
        ("/", "0 "),
        ("/a", "1 "),
        ("/a/", "2 "),
        ("/a/b", "3 "),
        ("/a/z", "4 z"),
        ("/a/z/c", "5 z"),
        ("/a/b/d", "6 "),
        ("/a/b/c", "5 b"), // not the literal b, behind which there is no c
        ("/z", "7 z"),
        ("/z/y/c", "8 z y"),
        ("/f/", "9 "),
        ("/f/x/y/z", "9 x/y/z"),
        ("/f/g", "10 "),
        ("/f/g/h", "11 g"),
        ("/f/g/i", "9 g/i"),
        ("/f", "7 f"),
        ("/a:b", "12 "),
        ("/z/", "13 z/"), // a name is not empty
        ("//", "13 /"),
        ("/a//c", "13 a//c"),
        ("/f//h", "9 /h"),
        ("/z/y/d", "13 z/y/d"),
    ] {
        assert_eq!(found(&tree, &names, path, Method::Get), expected, "{path}");
    }
}

#[test]
fn a_known_path_says_its_methods() {
    let mut tree = Tree::default();
    tree.add("/a/b", Method::Get, 0);
    tree.add("/a/:x", Method::Delete, 1);
    tree.add("/a/*x", Method::Put, 2);
    tree.add("/p", Method::Post, 3);
    for (method, path, expected) in [
        (Method::Get, "/a/b", "0 "),
        (Method::Head, "/a/b", "0 "),
        (Method::Delete, "/a/b", "1 b"),
        (Method::Put, "/a/b", "2 b"),
        (Method::Post, "/a/b", "no: GET, HEAD, PUT, DELETE"),
        (Method::Get, "/a/c", "no: PUT, DELETE"),
        (Method::Head, "/p", "no: POST"),
        (Method::Get, "/q", "no: "),
        (Method::Get, "/a", "no: "),
    ] {
        assert_eq!(
            found(&tree, &[0, 1, 1, 0], path, method),
            expected,
            "{method} {path}"
        );
    }
}

#[test]
fn names_belong_to_routes_and_not_to_the_tree() {
    let mut tree = Tree::default();
    assert_eq!(*tree.add("/u/:id", Method::Get, 0), ["id".into()]);
    let names = tree.add("/u/:user/:post/*rest", Method::Get, 1);
    assert_eq!(*names, ["user".into(), "post".into(), "rest".into()]);
    assert_eq!(found(&tree, &[1, 3], "/u/1", Method::Get), "0 1");
    assert_eq!(
        found(&tree, &[1, 3], "/u/1/2/3/4", Method::Get),
        "1 1 2 3/4"
    );
}

#[test]
fn what_is_no_path_is_refused() {
    for (path, sentence) in [
        ("", "is no path"),
        ("a", "is no path"),
        ("/a b", "is no path"),
        ("/a?b", "is no path"),
        ("/\u{e4}", "is no path"),
        ("/:", "has no name"),
        ("/*", "has no name"),
        ("/:a/:a", "two parts"),
        ("/*a/b", "the last"),
        ("/:1/:2/:3/:4/:5/:6/:7/:8/*9", "at most 8"),
        ("/taken", "a handler already"),
        ("/taken/:b", "a handler already"),
    ] {
        let refused = std::panic::catch_unwind(|| {
            let mut tree = Tree::default();
            tree.add("/taken", Method::Get, 0);
            tree.add("/taken/:a", Method::Get, 1);
            tree.add(path, Method::Get, 2);
        });
        let said = *refused.unwrap_err().downcast::<String>().unwrap();
        assert!(said.contains(sentence), "{path}: {said}");
    }
}

#[test]
fn a_group_has_its_own_middleware_and_that_of_those_around_it() {
    let mut router = Router::new();
    let lengths = |router: &Router| -> Vec<usize> {
        router
            .groups
            .iter()
            .map(|group| group.chain.len())
            .collect()
    };
    router.group("/a", |a| {
        a.middleware(|request, response, next| next.run(request, response));
        a.group("/b", |b| {
            b.middleware(|request, response, next| next.run(request, response));
            b.get("/c", |_, response| response.text(""));
        });
    });
    router.get("/d", |_, response| response.text("")).inline();
    assert_eq!(lengths(&router), [0, 1, 2]);
    router.middleware(|request, response, next| next.run(request, response));
    assert_eq!(lengths(&router), [1, 2, 3]);
    assert_eq!(found(&router.tree, &[0, 0], "/a/b/c", Method::Get), "0 ");
    assert_eq!((router.routes[0].group, router.routes[1].group), (2, 0));
    assert_eq!(router.routes[1].place, Some(Place::Inline));
}

/// What has no route is answered on the spot, unless somebody is there for it.
#[test]
fn a_place_is_that_of_the_route_or_of_the_fallback() {
    let place = |router: &Router, path: &str| {
        let text = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut parser = Parser::new(Limits::default());
        let Ok(Status::Complete(request)) = parser.parse(text.as_bytes()) else {
            panic!("{text:?} is whole");
        };
        router.place(&request)
    };
    let mut router = Router::new();
    router.get("/", |_, response| response.text("")).inline();
    router.get("/:name/x", |_, response| response.text(""));
    router.post("/post", |_, response| response.text(""));
    for (path, wanted) in [
        ("/?a=1", Place::Inline),
        ("/any/x", Place::Pooled),
        ("/nowhere", Place::Inline),
        ("/post", Place::Inline),
    ] {
        assert_eq!(place(&router, path), wanted, "{path}");
    }
    router
        .fallback(|_: &Request<'_>, response: &mut Response<'_>| response.text(""));
    assert_eq!(place(&router, "/nowhere"), Place::Pooled);
    assert_eq!(place(&router, "/post"), Place::Inline, "405");
}
