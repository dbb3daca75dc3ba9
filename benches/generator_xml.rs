//! The generator's rows as an XML document.

use std::io::Write;

use fastrand::Rng;

use super::generator::Row;

/// The same rows in XML, about 460 bytes each.
#[must_use]
pub(crate) fn xml_document(rows: usize, seed: u64) -> Vec<u8> {
    let mut rng = Rng::with_seed(seed);
    let mut out = Vec::with_capacity(rows * 480 + 2_000);
    out.extend_from_slice(XML_HEAD.as_bytes());
    for id in 1..=rows {
        let Row { name, region, street, house, point: (lon, lat), area, open24h, date, hours, phone } =
            Row::new(&mut rng);
        writeln!(
            out,
            "<row><id>{id}</id><name>Дәріхана № {name}</name><region>{region}</region>\
             <address>{street} көшесі, {house}-үй</address><geoposition>{lat:.6},{lon:.6}</geoposition>\
             <area>{},{}</area><open24h>{open24h}</open24h><licenceDate>{:02}.{:02}.{}</licenceDate>\
             <schedule><open>0{}:00</open><close>2{}:00</close></schedule>\
             <phones><item>+7 (7172) {:02}-{:02}-{:02}</item></phones></row>",
            area.0, area.1, date.0, date.1, date.2, hours.0, hours.1, phone.0, phone.1, phone.2,
        )
        .expect("a vector takes all bytes");
    }
    out.extend_from_slice(b"</data></dataset>\n");
    out
}

const XML_HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<dataset><meta><apiUri>generated</apiUri><nameKk>Үлгі</nameKk><nameRu>Пример</nameRu><nameEn>Generated example</nameEn></meta>
<fields><id type="Int" pkey="true"/><name type="String"/><region type="Int" datapath="regions.id"/><address type="Address"/>
<geoposition type="Geoposition"/><area type="Double"/><open24h type="Boolean"/><licenceDate type="Date" format="DD.MM.YYYY"/>
<schedule type="Object"><fields><open type="String"/><close type="String"/></fields></schedule>
<phones type="List" elementType="String"/></fields>
<data>
"#;
