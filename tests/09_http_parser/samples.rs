//! Requests and bodies to begin with: what is right in an unusual way, and what is wrong in
//! the usual ways. The fuzz targets start from them, and every test beside this file runs
//! them.

/// Heads: a name, and what is sent.
pub(crate) const HEADS: &[(&str, &str)] = &[
    ("plain", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    (
        "two",
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    ("old", "GET / HTTP/1.0\r\n\r\n"),
    (
        "old_stays",
        "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
    ),
    ("newer", "GET / HTTP/1.9\r\nHost: a\r\n\r\n"),
    (
        "closes",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close ,y\r\n\r\n",
    ),
    ("empty_line", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("port", "GET / HTTP/1.1\r\nHost: a.example:8080\r\n\r\n"),
    ("ipv6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
    (
        "blanks",
        "GET / HTTP/1.1\r\nHost: \t a \t\r\nX:\r\nY: \t \r\nZ: a  b\r\n\r\n",
    ),
    (
        "cases",
        "GET / HTTP/1.1\r\nhOST: a\r\ncONTENT-lENGTH: 0\r\n\r\n",
    ),
    (
        "query",
        "DELETE /a/%20b;c?d=e&f=/?:@!$'()*+,~ HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    (
        "length",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    ),
    (
        "zeros",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0005\r\n\r\nhello",
    ),
    (
        "chunked",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ),
    (
        "expects",
        "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi",
    ),
    (
        "tokens",
        "PATCH / HTTP/1.1\r\nHost: a\r\n!#$%&'*+-.^_`|~09azAZ: x\r\n\r\n",
    ),
    (
        "visible",
        "TRACE / HTTP/1.1\r\nHost: a\r\nX: !\"#(),/:;<=>?@[\\]{}\u{e9}\r\n\r\n",
    ),
    // Framing.
    (
        "two_lengths",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "same_lengths",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
    ),
    (
        "list_of_lengths",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n",
    ),
    (
        "plus",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n",
    ),
    (
        "minus",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
    ),
    (
        "hexadecimal",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\n",
    ),
    (
        "no_digits",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
    ),
    (
        "largest",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n",
    ),
    (
        "overflow",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n",
    ),
    (
        "both",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    (
        "both_turned",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    ),
    (
        "coded",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    ),
    (
        "identity",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
    ),
    (
        "twice",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
    ),
    (
        "twice_apart",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    (
        "not_last",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
    ),
    (
        "no_coding",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n",
    ),
    (
        "quoted",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n",
    ),
    (
        "old_chunked",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    (
        "space_before",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\n",
    ),
    (
        "folded",
        "POST / HTTP/1.1\r\nHost: a\r\nX: y\r\n Content-Length: 5\r\n\r\n",
    ),
    ("folded_first", "POST / HTTP/1.1\r\n Host: a\r\n\r\n"),
    (
        "tab_in_name",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\t: chunked\r\n\r\n",
    ),
    ("bare_lf", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n"),
    ("bare_lf_first", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
    ("bare_cr", "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n"),
    ("bare_cr_end", "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n"),
    ("nul", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
    ("escape", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x1bb\r\n\r\n"),
    ("delete", "GET / HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n\r\n"),
    ("no_colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"),
    ("no_name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"),
    // Host.
    ("no_host", "GET / HTTP/1.1\r\n\r\n"),
    ("two_hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    (
        "same_hosts",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nhost: a\r\n\r\n",
    ),
    ("empty_host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    ("list_of_hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    ("host_at", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    ("host_path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    ("host_port", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
    (
        "host_long",
        "GET / HTTP/1.1\r\nHost: a-name.of-some.length.example_.com:1\r\n\r\n",
    ),
    (
        "host_long_wrong",
        "GET / HTTP/1.1\r\nHost: a-name.of-some.length.example/.com\r\n\r\n",
    ),
    (
        "host_percent",
        "GET / HTTP/1.1\r\nHost: a%2Fb%c3%a9\r\n\r\n",
    ),
    ("host_percent_wrong", "GET / HTTP/1.1\r\nHost: a%2\r\n\r\n"),
    (
        "host_ipv4_in_6",
        "GET / HTTP/1.1\r\nHost: [::ffff:1.2.3.4]\r\n\r\n",
    ),
    ("host_future", "GET / HTTP/1.1\r\nHost: [v1f.a:b]\r\n\r\n"),
    ("host_port_only", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"),
    ("host_open", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    // The request line.
    (
        "two_empty_lines",
        "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    ("empty_lf", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("blank_first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("two_blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("two_blanks_after", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("blank_last", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
    ("tab", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("no_version", "GET /\r\n\r\n"),
    ("no_target", "GET HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("lower_case", "get / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("unknown", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("longer_method", "GETS / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("odd_method", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("not_ascii", "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("absolute", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("asterisk_get", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("asterisk_more", "OPTIONS *a HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("authority", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("authority_get", "GET a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("version_2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    ("version_0", "GET / HTTP/0.9\r\nHost: a\r\n\r\n"),
    ("version_short", "GET / HTTP/1\r\nHost: a\r\n\r\n"),
    ("version_long", "GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
    ("version_lower", "GET / http/1.1\r\nHost: a\r\n\r\n"),
    ("version_other", "GET / ICAP/1.0\r\nHost: a\r\n\r\n"),
    ("preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    (
        "expects_more",
        "GET / HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\n\r\n",
    ),
    ("old_expects", "GET / HTTP/1.0\r\nExpect: a-miracle\r\n\r\n"),
    // Longer than the small limits: the target, a value, a name, the number of fields.
    (
        "long_target",
        "GET /a/target/that/is/longer/than/forty/bytes HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    (
        "long_value",
        "GET / HTTP/1.1\r\nHost: a\r\nX: 0123456789 0123456789 0123456789 0123456789 \
         0123456789 0123456789 0123456789 0123456789\r\n\r\n",
    ),
    (
        "long_name",
        "GET / HTTP/1.1\r\nHost: a\r\nA-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-\
         and-on-and-on-and-on-and-on-and-on-and-on: x\r\n\r\n",
    ),
    (
        "many_fields",
        "GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\nC:\r\nD:\r\nE:\r\nF:\r\n\r\n",
    ),
    ("encrypted", "\x16\x03\x01\x02\0\x01\0\x01\x7f\x03\x03"),
];

/// Chunked bodies.
pub(crate) const BODIES: &[(&str, &str)] = &[
    ("empty", "0\r\n\r\n"),
    ("one", "5\r\nhello\r\n0\r\n\r\n"),
    (
        "two",
        "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET / HTTP/1.1\r\n",
    ),
    ("upper", "A\r\n0123456789\r\n0\r\n\r\n"),
    ("lower", "a\r\n0123456789\r\n0\r\n\r\n"),
    ("zeros", "0005\r\nhello\r\n000\r\n\r\n"),
    ("line_ends", "4\r\n\r\n\r\n\r\n0\r\n\r\n"),
    ("extension", "5;a\r\nhello\r\n0;b=c\r\n\r\n"),
    (
        "extensions",
        "5;a=b;c=\"d;e\\\"f\\\\\";g\r\nhello\r\n0\r\n\r\n",
    ),
    ("extension_blanks", "5 ; a = b\r\nhello\r\n0\r\n\r\n"),
    ("extension_open", "5;a=\"b\r\nhello\r\n0\r\n\r\n"),
    ("extension_empty", "5;\r\nhello\r\n0\r\n\r\n"),
    ("extension_no_value", "5;a=\r\nhello\r\n0\r\n\r\n"),
    ("extension_lf", "5;a\nhello\r\n0\r\n\r\n"),
    ("extension_nul", "5;a=\"\0\"\r\nhello\r\n0\r\n\r\n"),
    ("trailer", "0\r\nX: y\r\n\r\n"),
    (
        "trailers",
        "5\r\nhello\r\n0\r\nX: y\r\nDigest:\t z \r\n\r\n",
    ),
    ("trailer_length", "0\r\nContent-Length: 5\r\n\r\n"),
    ("trailer_coding", "0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("trailer_host", "0\r\nhost: a\r\n\r\n"),
    ("trailer_folded", "0\r\nX: y\r\n z\r\n\r\n"),
    ("trailer_no_colon", "0\r\nX\r\n\r\n"),
    ("trailer_lf", "0\r\nX: y\n\r\n"),
    ("no_size", "\r\nhello\r\n0\r\n\r\n"),
    ("no_size_extension", ";a\r\nhello\r\n0\r\n\r\n"),
    ("minus", "-5\r\nhello\r\n0\r\n\r\n"),
    ("plus", "+5\r\nhello\r\n0\r\n\r\n"),
    ("prefix", "0x5\r\nhello\r\n0\r\n\r\n"),
    ("underscore", "1_0\r\n0123456789abcdef\r\n0\r\n\r\n"),
    ("blank_before", " 5\r\nhello\r\n0\r\n\r\n"),
    ("blank_after", "5 \r\nhello\r\n0\r\n\r\n"),
    ("tab_after", "5\t\r\nhello\r\n0\r\n\r\n"),
    ("not_a_digit", "5g\r\nhello\r\n0\r\n\r\n"),
    ("bare_lf", "5\nhello\r\n0\r\n\r\n"),
    ("bare_cr", "5\rhello\r\n0\r\n\r\n"),
    ("bare_lf_after", "5\r\nhello\n0\r\n\r\n"),
    ("too_long", "5\r\nhello!\r\n0\r\n\r\n"),
    ("too_short", "5\r\nhell\r\n0\r\n\r\n"),
    ("largest", "ffffffffffffffff\r\n"),
    ("overflow", "10000000000000000\r\n"),
    ("wraps", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
    (
        "many_zeros",
        "00000000000000000000005\r\nhello\r\n0\r\n\r\n",
    ),
    // Longer than the small limits.
    (
        "long_chunk",
        "10\r\n0123456789abcdef\r\n20\r\n0123456789abcdef0123456789abcdef\r\n0\r\n\r\n",
    ),
    ("long_extension", "5;a=b;c=d;e=f;g=h\r\nhello\r\n0\r\n\r\n"),
    (
        "long_trailer",
        "0\r\nX: 0123456789 0123456789 0123456789 0123456789\r\n\r\n",
    ),
    (
        "many_trailers",
        "0\r\nA:\r\nB:\r\nC:\r\nD:\r\nE:\r\nF:\r\n\r\n",
    ),
    ("end_lf", "0\r\n\n"),
    ("end_more", "0\r\n\rX"),
];

/// Whole connections: requests with their bodies, and what hides between them.
pub(crate) const CONNECTIONS: &[(&str, &str)] = &[
    (
        "three",
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\
         POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello\
         POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
         5;a=\"b\"\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n\
         GET /4 HTTP/1.0\r\n\r\nGET /5 HTTP/1.0\r\n\r\n",
    ),
    (
        "lines_between",
        "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\r\n\
         GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    (
        "hidden_in_body",
        "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 37\r\n\r\n\
         GET /hidden HTTP/1.1\r\nHost: a\r\nX: yz\r\n\
         GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ),
    (
        "hidden_in_chunk",
        "POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
         24\r\nGET /hidden HTTP/1.1\r\nHost: a\r\nX: y\r\n0\r\n\r\n\
         GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    (
        "both",
        "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n\
         0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    (
        "too_large",
        "POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\
         fff\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
    (
        "closes",
        "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n\
         GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
    ),
];
