//! Right: the numbers as they are read off the log.

/// The log, in the order in which the runs were made.
pub const TRACE: &str = "
line  hash   calls  total_ns
   1  sip13     16   1450000
   2  sip13     16   1120000
   3  sip13     16   1001000
   4  sip13     16    999000
   5  sip13     16   1000000
   6  sip13     32   1998000
   7  sip13     32   7900000
   8  sip13     32   2000000
   9  sip13     64   4000000
  10  fnv1a     16        41
  11  fnv1a     16        40
  12  fnv1a     32        41
  13  fnv1a     64        41
  14  fnv1a    128        40
  15  crc32     16   1220000
  16  crc32     32   1540000
  17  crc32     64   2180000
  18  crc32    128   3460000
";

// --- edit from here ---

/// One of the hashes was never computed: nobody used its result, so the optimiser
/// took the work out. Which one, for example `Some("sip13")`?
pub const REMOVED: Option<&str> = Some("fnv1a");

/// The first lines of `sip13` are warm-up, with caches still cold. How many lines?
pub const WARM_UP_LINES: Option<u64> = Some(2);

/// After the warm-up, one line of `sip13` was interrupted. Which one?
pub const INTERRUPTED_LINE: Option<u64> = Some(7);

/// The throughput of `sip13` in MiB/s, from the median time of a call after the
/// warm-up.
pub const SIP13_MIB_PER_S: Option<u64> = Some(1_000_000_000 / 62_500 / 16);

/// In `crc32` something is timed once in each line that is not hashing (making a
/// table, for instance). How long does that take, in nanoseconds?
pub const CRC32_SET_UP_NS: Option<u64> = Some(1_220_000 - 16 * 20_000);

/// And how long does one call of `crc32` really take, in nanoseconds?
pub const CRC32_CALL_NS: Option<u64> = Some((1_540_000 - 1_220_000) / (32 - 16));

// --- to here ---
