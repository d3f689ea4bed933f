//! A value of the state with its limit built in.

use bytes::{BufMut, Bytes};
use commonware_codec::{Buf, EncodeSize, Error, RangeCfg, Read, Write};

/// The longest value of the state: contract code is the longest there is.
pub const VALUE_BYTES_MAX: usize = 64 * 1024;

/// Bytes of at most [`VALUE_BYTES_MAX`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateValue(pub Bytes);

impl Write for StateValue {
    fn write(&self, buf: &mut impl BufMut) {
        self.0.write(buf);
    }
}

impl EncodeSize for StateValue {
    fn encode_size(&self) -> usize {
        self.0.encode_size()
    }
}

impl Read for StateValue {
    type Cfg = ();

    fn read_cfg(buf: &mut impl Buf, (): &()) -> Result<Self, Error> {
        Bytes::read_cfg(buf, &RangeCfg::new(0..=VALUE_BYTES_MAX)).map(Self)
    }
}
