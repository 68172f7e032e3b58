//! Time, as the host tells it: the core has no clock.

/// How many seconds the clocks of two tabs, frames or instances may be apart. What was obtained
/// later than this from now was obtained before the clock was set back.
pub(crate) const CLOCK_DIFFERENCE: f64 = 5.0;

/// Seconds since 1970-01-01T00:00:00Z, the NumericDate of RFC 7519 section 2; may be fractional,
/// never NaN.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct UnixTime(f64);

impl UnixTime {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0.0);

    /// The time this many seconds after the epoch; `None` for what is not a finite number.
    ///
    /// ```
    /// use countersign::UnixTime;
    /// assert!(UnixTime::from_seconds(f64::NAN).is_none());
    /// ```
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        seconds.is_finite().then_some(Self(seconds))
    }

    /// Seconds since the epoch.
    pub fn seconds(self) -> f64 {
        self.0
    }

    /// This time moved by so many seconds.
    pub fn plus(self, seconds: f64) -> Self {
        Self(self.0 + if seconds.is_nan() { 0.0 } else { seconds })
    }

    /// Seconds from `earlier` to this time; negative if `earlier` is later.
    pub fn since(self, earlier: Self) -> f64 {
        self.0 - earlier.0
    }

    /// The later of two times.
    pub fn later(self, other: Self) -> Self {
        Self(self.0.max(other.0))
    }

    /// The earlier of two times.
    pub fn earlier(self, other: Self) -> Self {
        Self(self.0.min(other.0))
    }
}
