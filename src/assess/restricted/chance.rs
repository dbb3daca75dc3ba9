//! Whether what was found in a field is there by chance.
//!
//! A field restricts only where chance is no explanation. Two explanations are tried, each with the chance that one
//! value passes; both have to fail:
//!
//! - the numbers are arbitrary digits of the right length: that many would pass less often than [`ARBITRARY`];
//! - the numbers have the right shape for another reason (ids that begin with a date, with the prefix of a card):
//!   only the last check is left to chance; that many would pass at most as often as [`SHAPED`]. Laxer, since such
//!   numbers are rare: and just so lax that one number alone in a text (check digit: 1 of 10) is believed.
//!
//! For 1,000 arbitrary numbers of twelve digits: 9 have a plausible date and century, 0.9 pass. To restrict, five
//! would have to: 2 such fields of 1,000. A field of 20 of which 18 pass does, and so does one of 1,000 of which 30 do.

use super::kind::Kind;

/// Fields of arbitrary numbers that are taken for restricted ones, at most.
const ARBITRARY: f64 = 0.025;

/// Fields of numbers with the same shape that are taken for restricted ones, at most.
const SHAPED: f64 = 0.1;

/// What was seen in a field of one kind. Numbers, but for `hits`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Trials {
    /// Values with a hit.
    pub(super) hits: u64,
    /// Non-empty values.
    pub(super) values: u64,
    /// Hits whose way of writing leaves no doubt.
    pub(super) written: u64,
    /// Hits that might be chance.
    pub(super) checked: u64,
    /// Of the right shape, but failed.
    pub(super) shaped: u64,
    /// Of the right length only.
    pub(super) sized: u64,
}

impl Trials {
    /// Whether chance does not explain what was seen.
    pub(super) fn is_beyond_chance(&self, kind: Kind) -> bool {
        let numbers = |arbitrary: f64, shaped: f64| {
            let of_shape = self.checked + self.shaped;
            self.checked > 0
                && bound(self.checked, of_shape + self.sized, arbitrary) <= ARBITRARY
                && bound(self.checked, of_shape, shaped) <= SHAPED
        };
        match kind {
            // Arbitrary: month 12/100, day 30.4/100, century 2/10 whole and 2/10 up to the present year (26 of
            // 100), check digit 0.0992 (1/10 of 10/11 + 1/11 × 10/11): 0.12 × 0.304 × 0.252 × 0.0992 = 0.0009.
            Kind::Iin => numbers(0.0009, 0.0992),
            // Month 12/100, type 3/10, what of it 4/10, check digit: 0.12 × 0.3 × 0.4 × 0.0992 = 0.0014.
            Kind::Bin => numbers(0.0014, 0.0992),
            // Of 16 digits, Visa 10 %, Mastercard 5 + 5 %, others 3 %, Luhn 1/10: 0.023.
            Kind::BankCard => numbers(0.023, 0.1),
            // Country, length and digits of the bank are the shape; the check is 1/97 = 0.0103.
            Kind::Iban => numbers(0.0103, 0.0103),
            // In one: 41 of 1,000 codes are in use: of ten arbitrary digits 0.041 pass, of those that start with 7
            // 0.41: one or two alone are not believed, three are. Written with gaps or a plus sign: no chance.
            Kind::Phone => self.written > 0 || numbers(0.041, 0.41),
            // `a@b.kz` is nothing else.
            Kind::Email => self.hits > 0,
            // Of texts without persons, at most 3 in 1,000 are taken for one that has a name or a flat (the tests
            // count: none of 35,000, though of few forms). So one of three is believed, 2 of 20, 10 of 1,000.
            Kind::FullName | Kind::FlatAddress => {
                self.hits > 0 && bound(self.hits, self.values, 0.003) <= ARBITRARY
            }
        }
    }
}

/// At most the chance that of `trials`, each of which passes with chance `p`, `passed` or more pass: Chernoff's
/// bound, e^(−n·D(k/n ‖ p)), exact where all pass. 1 where fewer pass than are to be expected.
fn bound(passed: u64, trials: u64, p: f64) -> f64 {
    let (passed, trials) = (float(passed), float(trials));
    let share = passed / trials;
    if share.is_nan() || share <= p {
        return 1.0;
    }
    let failed = 1.0 - share;
    let divergence =
        share * (share / p).ln() + if failed > 0.0 { failed * (failed / (1.0 - p)).ln() } else { 0.0 };
    (-trials * divergence).exp()
}

#[expect(clippy::cast_precision_loss, reason = "a count below 2⁵³")]
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}
