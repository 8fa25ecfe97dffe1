//! Addresses as the kernel has them, `sockaddr_in` and `sockaddr_in6`, to and from std's.

use std::fmt;
use std::mem;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use libc::{c_int, sockaddr, sockaddr_in, sockaddr_in6, socklen_t};

/// One address, and how many of its bytes count.
pub(crate) struct Address {
    any: Any,
    len: socklen_t,
}

/// Both begin with the family, in the same place.
#[repr(C)]
union Any {
    v4: sockaddr_in,
    v6: sockaddr_in6,
}

impl Address {
    /// Room for any address, for the kernel to write to. Its family is 0, that of none.
    pub(crate) fn room() -> Self {
        Self {
            // SAFETY: all fields of both are numbers, or arrays of numbers, and 0 is one.
            any: unsafe { mem::zeroed() },
            len: mem::size_of::<Any>() as socklen_t,
        }
    }

    pub(crate) fn as_ptr(&self) -> *const sockaddr {
        (&raw const self.any).cast()
    }

    pub(crate) fn len(&self) -> socklen_t {
        self.len
    }

    /// Where to write an address, and where its length.
    pub(crate) fn as_mut_ptrs(&mut self) -> (*mut sockaddr, *mut socklen_t) {
        ((&raw mut self.any).cast(), &raw mut self.len)
    }

    /// As std has it; `None` if it is of another family, or if nothing was written.
    pub(crate) fn to_std(&self) -> Option<SocketAddr> {
        let len = self.len as usize;
        // SAFETY: every byte is initialised, since `room`, and any bytes make these numbers.
        let (v4, v6) = unsafe { (self.any.v4, self.any.v6) };
        match c_int::from(v4.sin_family) {
            libc::AF_INET if len >= mem::size_of_val(&v4) => {
                // What the kernel has is in network order, which is the order of the bytes.
                let ip = Ipv4Addr::from(v4.sin_addr.s_addr.to_ne_bytes());
                let port = u16::from_be(v4.sin_port);
                Some(SocketAddrV4::new(ip, port).into())
            }
            libc::AF_INET6 if len >= mem::size_of_val(&v6) => {
                let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
                let port = u16::from_be(v6.sin6_port);
                let (flow, scope) = (v6.sin6_flowinfo, v6.sin6_scope_id);
                Some(SocketAddrV6::new(ip, port, flow, scope).into())
            }
            _ => None,
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_std().fmt(f)
    }
}

impl From<SocketAddr> for Address {
    fn from(addr: SocketAddr) -> Self {
        let mut address = Self::room();
        // BSD systems have a byte for the length in front of the family, which their kernels
        // fill in themselves.
        match addr {
            SocketAddr::V4(addr) => {
                // SAFETY: all bytes are 0 since `room`, so there is a value to change.
                let v4 = unsafe { &mut address.any.v4 };
                v4.sin_family = libc::AF_INET as _;
                v4.sin_port = addr.port().to_be();
                v4.sin_addr.s_addr = u32::from_ne_bytes(addr.ip().octets());
                address.len = mem::size_of_val(v4) as socklen_t;
            }
            SocketAddr::V6(addr) => {
                // SAFETY: as above.
                let v6 = unsafe { &mut address.any.v6 };
                v6.sin6_family = libc::AF_INET6 as _;
                v6.sin6_port = addr.port().to_be();
                v6.sin6_flowinfo = addr.flowinfo();
                v6.sin6_addr.s6_addr = addr.ip().octets();
                v6.sin6_scope_id = addr.scope_id();
                address.len = mem::size_of_val(v6) as socklen_t;
            }
        }
        address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_back_as_they_went() {
        let all = ["127.0.0.1:80", "255.1.2.3:65535", "[::1]:443"];
        let all = all.map(|text| text.parse().unwrap());
        let with_scope = SocketAddrV6::new(Ipv6Addr::LOCALHOST, 1, 2, 3).into();
        for addr in all.into_iter().chain([with_scope]) {
            assert_eq!(Address::from(addr).to_std(), Some(addr));
        }
    }

    #[test]
    fn what_was_not_written_is_no_address() {
        assert_eq!(Address::room().to_std(), None);
        let mut cut = Address::from(SocketAddr::from(([127, 0, 0, 1], 80)));
        cut.len = 0;
        assert_eq!(cut.to_std(), None);
    }
}
