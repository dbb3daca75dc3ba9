//! Axes whose ticks stand at round numbers.

/// An axis from zero.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    step: f64,
    steps: u8,
}

impl Scale {
    /// The shortest axis of at most five steps of 1, 2 or 5 times a power of ten that holds a value.
    /// `is_whole` keeps fractions off an axis of counts.
    pub(crate) fn over(largest: f64, is_whole: bool) -> Self {
        let largest = if largest.is_finite() && largest > 0.0 { largest } else { 1.0 };
        let rough = largest / 5.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step =
            [1.0, 2.0, 5.0].map(|times| times * power).into_iter().find(|step| *step >= rough * 0.999_999);
        let step = step.unwrap_or(10.0 * power);
        let step = if is_whole { step.max(1.0) } else { step };
        let steps = (1..=5_u8).find(|steps| f64::from(*steps) * step >= largest * 0.999_999).unwrap_or(5);
        Self { step, steps }
    }

    /// Where its ticks stand, from zero to its end.
    pub(crate) fn ticks(self) -> impl Iterator<Item = f64> {
        (0..=self.steps).map(move |at| f64::from(at) * self.step)
    }

    /// How far along the axis a value is: 0 to 100.
    pub(crate) fn percent(self, value: f64) -> f64 {
        (value / (self.step * f64::from(self.steps)) * 100.0).clamp(0.0, 100.0)
    }
}
