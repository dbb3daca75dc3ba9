//! Dates of spreadsheets and of texts, and the formats that `fields` declares for them (order 144, annex 2 part 2).

/// A moment without a zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: u32,
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    /// Thousandths of a second.
    pub(crate) milli: u32,
}

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// A part, and by how many letters the format names it.
    Part(Part, usize),
    Sign(char),
}

/// A declared format: `DD.MM.YYYY`, `КК-АА-ЖЖЖЖ сс:мм`, `ДД.ММ.ГГГГ`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format {
    pieces: Vec<Piece>,
}

impl Moment {
    fn has_time(self) -> bool {
        (self.hour, self.minute, self.second, self.milli) != (0, 0, 0, 0)
    }

    /// Whether the calendar and the clock have it.
    fn is_real(self) -> bool {
        let is_leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let days = match self.month {
            2 => 28 + u32::from(is_leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return false,
        };
        let is_time = self.hour < 24 && self.minute < 60 && self.second < 60;
        self.year > 0 && (1..=days).contains(&self.day) && is_time
    }

    /// `YYYY-MM-DD`, with `THH:MM:SS` where there is a time of day.
    pub(crate) fn iso(self) -> String {
        let date = format!("{:04}-{:02}-{:02}", self.year, self.month, self.day);
        if self.has_time() { format!("{date}T{}", self.clock()) } else { date }
    }

    fn clock(self) -> String {
        let clock = format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second);
        if self.milli == 0 { clock } else { format!("{clock}.{:03}", self.milli) }
    }

    /// The text of the moment as a field with this format holds it. A time of day that the format has no place
    /// for is not dropped: then the text is that of ISO 8601.
    pub(crate) fn written(self, format: Option<&str>) -> String {
        let format = format.and_then(Format::parse);
        format.and_then(|format| format.write(self)).unwrap_or_else(|| self.iso())
    }

    /// The day number of a workbook whose days count from 1900, none before 1901: its leap year 1900 is an error.
    pub(crate) fn serial(self) -> Option<f64> {
        if !(1901..=9999).contains(&self.year) {
            return None;
        }
        // Days of the proleptic Gregorian calendar, in years that start in March.
        let (year, month) =
            if self.month > 2 { (self.year, self.month - 3) } else { (self.year - 1, self.month + 9) };
        let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + self.day;
        // 1899-12-30, day 0 of such a workbook, by the same count.
        let days = days - 693_900;
        let seconds = self.hour * 3600 + self.minute * 60 + self.second;
        Some(f64::from(days) + f64::from(seconds) / 86_400.0)
    }
}

impl Format {
    /// Reads a format: Latin letters or the Kazakh and Russian ones of the order; none without day, month and year.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let letters: Vec<char> = text.trim().chars().collect();
        let mut pieces: Vec<Piece> = Vec::new();
        for run in letters.chunk_by(|one, other| same_letter(*one, *other)) {
            let first = run.first().copied()?;
            match part(first, run.len(), &pieces) {
                Some(part) => pieces.push(Piece::Part(part, run.len())),
                None => pieces.extend(run.iter().map(|letter| Piece::Sign(*letter))),
            }
        }
        let format = Self { pieces };
        let count =
            |part| format.pieces.iter().filter(|it| matches!(it, Piece::Part(it, _) if *it == part)).count();
        let is_date = [Part::Year, Part::Month, Part::Day].iter().all(|part| count(*part) == 1);
        let is_clock = [Part::Hour, Part::Minute, Part::Second].iter().all(|part| count(*part) <= 1);
        (is_date && is_clock).then_some(format)
    }

    fn has(&self, part: Part) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Part(it, _) if *it == part))
    }

    /// The moment in this format; none where the format has no place for all of it.
    fn write(&self, moment: Moment) -> Option<String> {
        let is_lost = (moment.hour != 0 && !self.has(Part::Hour))
            || (moment.minute != 0 && !self.has(Part::Minute))
            || (moment.second != 0 && !self.has(Part::Second))
            || moment.milli != 0;
        if is_lost {
            return None;
        }
        let mut text = String::new();
        for piece in &self.pieces {
            match *piece {
                Piece::Sign(sign) => text.push(sign),
                Piece::Part(Part::Year, 4..) => text.extend([format!("{:04}", moment.year)]),
                Piece::Part(Part::Year, _) if (2000..2100).contains(&moment.year) => {
                    text.extend([format!("{:02}", moment.year - 2000)]);
                }
                Piece::Part(Part::Year, _) => return None,
                Piece::Part(part, 1) => text.push_str(&moment.part(part).to_string()),
                Piece::Part(part, _) => text.extend([format!("{:02}", moment.part(part))]),
            }
        }
        Some(text)
    }

    /// The moment that a text in this very format is.
    pub(crate) fn read(&self, text: &str) -> Option<Moment> {
        let mut moment = Moment::default();
        let mut rest = text;
        for piece in &self.pieces {
            rest = match *piece {
                Piece::Sign(sign) => rest.strip_prefix(sign)?,
                Piece::Part(part, letters) => {
                    let most = if part == Part::Year && letters > 2 { 4 } else { 2 };
                    let run = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
                    let (digits, after) = rest.split_at_checked(run)?;
                    if letters > 1 && run != most {
                        return None;
                    }
                    let number: u32 = digits.parse().ok()?;
                    *moment.part_mut(part) =
                        if part == Part::Year && most == 2 { 2000 + number } else { number };
                    after
                }
            };
        }
        (rest.is_empty() && moment.is_real()).then_some(moment)
    }

    /// The same format in the words of a workbook.
    pub(crate) fn in_workbook(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match *piece {
                Piece::Part(part, letters) => {
                    let letter = match part {
                        Part::Year => "y",
                        Part::Month | Part::Minute => "m",
                        Part::Day => "d",
                        Part::Hour => "h",
                        Part::Second => "s",
                    };
                    let most = if part == Part::Year && letters > 2 { 4 } else { letters.min(2) };
                    text.push_str(&letter.repeat(most));
                }
                Piece::Sign(sign @ ('.' | '-' | '/' | ':' | ' ')) => text.push(sign),
                Piece::Sign(sign) => text.extend(['\\', sign]),
            }
        }
        text
    }
}

impl Moment {
    fn part(self, part: Part) -> u32 {
        match part {
            Part::Year => self.year,
            Part::Month => self.month,
            Part::Day => self.day,
            Part::Hour => self.hour,
            Part::Minute => self.minute,
            Part::Second => self.second,
        }
    }

    fn part_mut(&mut self, part: Part) -> &mut u32 {
        match part {
            Part::Year => &mut self.year,
            Part::Month => &mut self.month,
            Part::Day => &mut self.day,
            Part::Hour => &mut self.hour,
            Part::Minute => &mut self.minute,
            Part::Second => &mut self.second,
        }
    }
}

fn same_letter(one: char, other: char) -> bool {
    one.is_alphabetic() && one.to_lowercase().eq(other.to_lowercase())
}

/// The part that a run of one letter names, after the pieces before it: `MM` after the hour are minutes, and the
/// Cyrillic `с` is the hour in Kazakh (сағат) and, after an hour, the second.
fn part(letter: char, run: usize, before: &[Piece]) -> Option<Part> {
    let has = |part| before.iter().any(|piece| matches!(piece, Piece::Part(it, _) if *it == part));
    let letter = letter.to_lowercase().next()?;
    Some(match letter {
        'y' | 'ж' | 'г' if run > 1 => Part::Year,
        'm' | 'м' if has(Part::Hour) && !has(Part::Minute) => Part::Minute,
        'm' | 'м' | 'а' => Part::Month,
        'd' | 'д' | 'к' => Part::Day,
        'h' | 'ч' => Part::Hour,
        'с' if !has(Part::Hour) => Part::Hour,
        's' | 'с' => Part::Second,
        _ => return None,
    })
}

/// Whether a text is a date that the calendar has: in the declared format, as ISO 8601, or with the day first as
/// the order and its template write it (`КК-АА-ЖЖЖЖ сс:мм`, `DD.MM.YYYY`); a time of day and an offset may follow.
pub(crate) fn is_date(text: &str, format: Option<&str>) -> bool {
    if format.and_then(Format::parse).is_some_and(|format| format.read(text).is_some()) {
        return true;
    }
    let is_digit = |letter: char| letter.is_ascii_digit();
    let mut numbers = text.splitn(3, ['.', '-', '/']);
    let (Some(first), Some(second), Some(last)) = (numbers.next(), numbers.next(), numbers.next()) else {
        return false;
    };
    let (third, rest) = last.split_at(last.find(|letter| !is_digit(letter)).unwrap_or(last.len()));
    let (year, day) = if first.len() == 4 { (first, third) } else { (third, first) };
    let number = |text: &str| text.chars().all(is_digit).then(|| text.parse().ok()).flatten();
    let (Some(year_), Some(month), Some(day)) = (number(year), number(second), number(day)) else {
        return false;
    };
    let moment = Moment { year: year_, month, day, ..Moment::default() };
    let is_clock = rest.chars().all(|letter| is_digit(letter) || "T :.,+-Z".contains(letter));
    year.len() == 4 && moment.is_real() && is_clock
}
