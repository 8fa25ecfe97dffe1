//! Paths, cut at their slashes.

use std::fmt;

use super::PARAMS_MAX;
use crate::http::Method;

/// All paths of a router. What is found is a number: which route it was.
#[derive(Debug)]
pub(super) struct Tree {
    /// The first is the root.
    nodes: Vec<Node>,
    /// The paths that are literal from end to end, with the nodes where they end, sorted by
    /// length first: nearly every comparison is one of two numbers.
    literals: Vec<(Box<[u8]>, usize)>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
            literals: Vec::new(),
        }
    }
}

/// What can follow a slash.
#[derive(Debug, Default)]
struct Node {
    /// Literals, sorted, each with its node.
    literals: Vec<(Box<str>, usize)>,
    param: Option<usize>,
    rest: Vec<(Method, usize)>,
    /// The routes that end here.
    here: Vec<(Method, usize)>,
}

impl Tree {
    /// Adds a path for one method, and returns the names in it.
    #[track_caller]
    pub(super) fn add(
        &mut self,
        path: &str,
        method: Method,
        route: usize,
    ) -> Vec<Box<str>> {
        let visible = |byte: u8| byte.is_ascii_graphic() && !b"?#".contains(&byte);
        let Some(parts) =
            path.strip_prefix('/').filter(|it| it.bytes().all(visible))
        else {
            panic!(
                "{path:?} is no path: a slash, then visible ASCII without ? and #"
            );
        };
        let (mut node, mut names) = (0, Vec::new());
        let mut parts = parts.split('/').peekable();
        while let Some(part) = parts.next() {
            if let Some(name) = part.strip_prefix('*') {
                add_name(&mut names, name, path);
                assert!(
                    parts.peek().is_none(),
                    "{path:?}: *{name} must be the last"
                );
                add_route(&mut self.nodes[node].rest, method, route, path);
                return names;
            }
            if let Some(name) = part.strip_prefix(':') {
                add_name(&mut names, name, path);
                let new = self.nodes.len();
                let next = *self.nodes[node].param.get_or_insert(new);
                if next == new {
                    self.nodes.push(Node::default());
                }
                node = next;
                continue;
            }
            let literals = &self.nodes[node].literals;
            node = match literals.binary_search_by(|(it, _)| (**it).cmp(part)) {
                Ok(at) => literals[at].1,
                Err(at) => {
                    let new = self.nodes.len();
                    self.nodes[node].literals.insert(at, (part.into(), new));
                    self.nodes.push(Node::default());
                    new
                }
            };
        }
        add_route(&mut self.nodes[node].here, method, route, path);
        if names.is_empty()
            && let Err(at) = self.search(path.as_bytes())
        {
            self.literals.insert(at, (path.as_bytes().into(), node));
        }
        names
    }

    #[inline]
    fn search(&self, path: &[u8]) -> Result<usize, usize> {
        self.literals.binary_search_by(|(literal, _)| {
            let by_length = literal.len().cmp(&path.len());
            by_length.then_with(|| (**literal).cmp(path))
        })
    }

    /// Finds the route of a path that is a literal. If there is none, [`find`](Self::find)
    /// may find another; if there is one, it would find the same.
    #[inline]
    pub(super) fn find_literal(&self, path: &[u8], method: Method) -> Option<usize> {
        let node = self.literals[self.search(path).ok()?].1;
        Methods::default().look(&self.nodes[node].here, method)
    }

    // ANCHOR: find
    /// Finds the route of a path and a method, and puts what its names stand for into
    /// `values`; or says which methods that path has.
    pub(super) fn find<'p>(
        &self,
        path: &'p str,
        method: Method,
        values: &mut [&'p str; PARAMS_MAX],
    ) -> Result<usize, Methods> {
        let mut known = Methods::default();
        let rest = path.strip_prefix('/').unwrap_or(path);
        self.walk(0, rest, method, values, 0, &mut known)
            .ok_or(known)
    }

    fn walk<'p>(
        &self,
        node: usize,
        path: &'p str,
        method: Method,
        values: &mut [&'p str; PARAMS_MAX],
        count: usize,
        known: &mut Methods,
    ) -> Option<usize> {
        let node = &self.nodes[node];
        let (part, rest) = match path.bytes().position(|byte| byte == b'/') {
            Some(at) => (&path[..at], Some(&path[at + 1..])),
            None => (path, None),
        };
        let mut enter = |next: usize, values: &mut _, count| match rest {
            Some(rest) => self.walk(next, rest, method, values, count, known),
            None => known.look(&self.nodes[next].here, method),
        };
        let literal = node.literals.binary_search_by(|(it, _)| (**it).cmp(part));
        if let Ok(at) = literal
            && let Some(route) = enter(node.literals[at].1, values, count)
        {
            return Some(route);
        }
        if let Some(next) = node.param
            && !part.is_empty()
        {
            values[count] = part;
            if let Some(route) = enter(next, values, count + 1) {
                return Some(route);
            }
        }
        if node.rest.is_empty() {
            return None;
        }
        values[count] = path;
        known.look(&node.rest, method)
    }
    // ANCHOR_END: find
}

#[track_caller]
fn add_name(names: &mut Vec<Box<str>>, name: &str, path: &str) {
    assert!(!name.is_empty(), "{path:?}: a part of it has no name");
    let is_new = names.iter().all(|known| **known != *name);
    assert!(is_new, "{path:?}: {name} stands for two parts of it");
    assert!(
        names.len() < PARAMS_MAX,
        "{path:?}: at most {PARAMS_MAX} names"
    );
    names.push(name.into());
}

#[track_caller]
fn add_route(
    routes: &mut Vec<(Method, usize)>,
    method: Method,
    route: usize,
    path: &str,
) {
    let is_new = routes.iter().all(|(known, _)| *known != method);
    assert!(is_new, "{method} {path} has a handler already");
    routes.push((method, route));
}

/// A set of methods. Shows itself as `Allow` wants it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Methods(u16);

impl Methods {
    const ALL: [Method; 9] = [
        Method::Get,
        Method::Head,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
        Method::Options,
        Method::Trace,
        Method::Connect,
    ];

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The route of a method among those of one path; HEAD is GET without the body. If it is
    /// not there, those that are belong to the set.
    #[inline]
    fn look(&mut self, routes: &[(Method, usize)], method: Method) -> Option<usize> {
        let of = |wanted| routes.iter().find(|(known, _)| *known == wanted);
        let found = match method {
            Method::Head => of(Method::Head).or_else(|| of(Method::Get)),
            method => of(method),
        };
        if let Some((_, route)) = found {
            return Some(*route);
        }
        for (method, _) in routes {
            self.insert(*method);
            if *method == Method::Get {
                self.insert(Method::Head);
            }
        }
        None
    }

    fn insert(&mut self, method: Method) {
        self.0 |= 1 << method as u16;
    }
}

impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        for method in Self::ALL {
            if self.0 & 1 << method as u16 != 0 {
                write!(f, "{before}{method}")?;
                before = ", ";
            }
        }
        Ok(())
    }
}
