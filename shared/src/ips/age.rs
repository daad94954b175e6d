//! Age from a birth date that may be partial. Knows no clock: today is an argument.

use std::fmt;

/// How old somebody is, as far as the birth date tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Age {
    /// Whole years; the two differ where only the year or the month of birth is known.
    Years {
        /// At least.
        least: u16,
        /// At most.
        most: u16,
    },
    /// Whole months, for children under two whose birth date is complete.
    Months(u8),
}

impl Age {
    /// Age on `today` (year, month, day) of somebody born on `birth_date` (`YYYY`, `YYYY-MM` or `YYYY-MM-DD`). `None` if that is no
    /// date, lies in the future, or is more than 150 years past.
    pub fn on(birth_date: &str, today: (u16, u8, u8)) -> Option<Self> {
        let mut parts = birth_date.split('-');
        let year = digits(parts.next()?, 4, 9999)?;
        let month = parts.next().map(|part| digits(part, 2, 12).ok_or(())).transpose().ok()?;
        let day = parts.next().map(|part| digits(part, 2, 31).ok_or(())).transpose().ok()?;
        if parts.next().is_some() {
            return None;
        }

        let years = today.0.checked_sub(year).filter(|years| *years <= 150)?;
        // Whether this year's birthday has come; None where the date does not tell.
        let (this_month, this_day) = (u16::from(today.1), u16::from(today.2));
        let passed = match (month, day) {
            (Some(month), _) if month != this_month => Some(month < this_month),
            (Some(_), Some(day)) => Some(day <= this_day),
            _ => None,
        };
        let least = if passed == Some(true) { Some(years) } else { years.checked_sub(1) };
        let most = if passed == Some(false) { years.checked_sub(1)? } else { years };
        if let (Some(month), Some(day)) = (month, day) {
            let born = i32::from(year) * 12 + i32::from(month);
            let now = i32::from(today.0) * 12 + i32::from(this_month);
            let months = now - born - i32::from(day > this_day);
            if let Some(months) = u8::try_from(months).ok().filter(|months| *months < 24) {
                return Some(Self::Months(months));
            }
        }
        Some(Self::Years { least: least.unwrap_or(0), most })
    }
}

/// Exactly `count` ASCII digits that spell 1 to `most`.
fn digits(part: &str, count: usize, most: u16) -> Option<u16> {
    let number = part.parse().ok()?;
    let is_plain = part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    (is_plain && (1..=most).contains(&number)).then_some(number)
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Years { most: 0, .. } => f.write_str("under 1 year"),
            Self::Years { least: 1, most: 1 } => f.write_str("1 year"),
            Self::Years { least, most } if least == most => write!(f, "{most} years"),
            Self::Years { least, most } => write!(f, "{least} or {most} years"),
            Self::Months(0) => f.write_str("under 1 month"),
            Self::Months(1) => f.write_str("1 month"),
            Self::Months(months) => write!(f, "{months} months"),
        }
    }
}
