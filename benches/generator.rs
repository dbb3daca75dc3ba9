//! Seeded data of the shape that the portal publishes, for benches and tests: the same seed, the same
//! bytes, on every machine.

use std::io::Write;

use fastrand::Rng;

/// Cities that points gather around: longitude, latitude, share of all points in percent.
const CITIES: [(f64, f64, f64); 8] = [
    (76.9286, 43.2567, 30.0),
    (71.4278, 51.1801, 20.0),
    (69.5958, 42.3167, 12.0),
    (73.0870, 49.8028, 8.0),
    (57.1674, 50.2839, 8.0),
    (51.8833, 47.1167, 6.0),
    (80.2275, 50.4111, 6.0),
    (63.6241, 53.2144, 10.0),
];

/// A point of Kazakhstan: three in four near a city, the others anywhere in the country's box.
#[must_use]
pub(crate) fn point(rng: &mut Rng) -> (f64, f64) {
    if rng.f64() < 0.25 {
        return (47.0 + 40.0 * rng.f64(), 41.0 + 14.0 * rng.f64());
    }
    let mut share = rng.f64() * 100.0;
    for (lon, lat, percent) in CITIES {
        share -= percent;
        if share <= 0.0 {
            // The sum of three is bell-shaped: about 8 km around the centre.
            let spread = |rng: &mut Rng| rng.f64() + rng.f64() + rng.f64() - 1.5;
            return (lon + 0.2 * spread(rng), lat + 0.12 * spread(rng));
        }
    }
    (71.4278, 51.1801)
}

/// What one row says, as the portal would: everything a text.
pub(crate) struct Row {
    pub(crate) name: u32,
    pub(crate) region: u32,
    pub(crate) street: &'static str,
    pub(crate) house: u32,
    pub(crate) point: (f64, f64),
    pub(crate) area: (u32, u32),
    pub(crate) open24h: bool,
    pub(crate) date: (u32, u32, u32),
    pub(crate) hours: (u32, u32),
    pub(crate) phone: (u32, u32, u32),
}

impl Row {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        Self {
            point: point(rng),
            street: STREETS[rng.usize(..STREETS.len())],
            area: (rng.u32(20..900), rng.u32(0..10)),
            date: (rng.u32(1..29), rng.u32(1..13), rng.u32(2010..2027)),
            name: rng.u32(1..5_000),
            region: REGIONS[rng.usize(..REGIONS.len())],
            house: rng.u32(1..200),
            open24h: rng.bool(),
            hours: (rng.u32(7..10), rng.u32(0..4)),
            phone: (rng.u32(10..100), rng.u32(10..100), rng.u32(10..100)),
        }
    }
}

/// A published document of this many rows, about 330 bytes a row: texts in Kazakh, numbers as strings
/// as the portal sends them, a date, a point, an Object and a List.
#[must_use]
pub(crate) fn document(rows: usize, seed: u64) -> Vec<u8> {
    let mut rng = Rng::with_seed(seed);
    let mut out = Vec::with_capacity(rows * 340 + 2_000);
    out.extend_from_slice(HEAD.as_bytes());
    for id in 1..=rows {
        out.extend_from_slice(if id == 1 { b"" } else { b"," });
        let Row { name, region, street, house, point: (lon, lat), area, open24h, date, hours, phone } =
            Row::new(&mut rng);
        writeln!(
            out,
            "{{\"id\":\"{id}\",\"name\":\"Дәріхана № {name}\",\"region\":\"{region}\",\"address\":\"{street} көшесі, {house}-үй\",\
             \"geoposition\":\"{lat:.6},{lon:.6}\",\"area\":\"{},{}\",\"open24h\":\"{open24h}\",\
             \"licenceDate\":\"{:02}.{:02}.{}\",\"schedule\":{{\"open\":\"0{}:00\",\"close\":\"2{}:00\"}},\
             \"phones\":[\"+7 (7172) {:02}-{:02}-{:02}\"]}}",
            area.0, area.1, date.0, date.1, date.2, hours.0, hours.1, phone.0, phone.1, phone.2,
        )
        .expect("a vector takes all bytes");
    }
    out.extend_from_slice(b"]}\n");
    out
}

const STREETS: [&str; 6] = ["Абай", "Сарыарқа", "Қабанбай батыр", "Тәуелсіздік", "Мәңгілік Ел", "Кенесары"];
const REGIONS: [u32; 20] = [10, 11, 15, 19, 23, 27, 31, 33, 35, 39, 43, 47, 55, 59, 61, 62, 63, 71, 75, 79];

const HEAD: &str = r#"{"meta":{"apiUri":"generated","nameKk":"Үлгі","nameRu":"Пример","nameEn":"Generated example"},
"fields":{"id":{"type":"Int","pkey":true},"name":{"type":"String"},"region":{"type":"Int","datapath":"regions.id"},
"address":{"type":"Address"},"geoposition":{"type":"Geoposition"},"area":{"type":"Double"},"open24h":{"type":"Boolean"},
"licenceDate":{"type":"Date","format":"DD.MM.YYYY"},
"schedule":{"type":"Object","fields":{"open":{"type":"String"},"close":{"type":"String"}}},
"phones":{"type":"List","elementType":"String"}},
"data":[
"#;
