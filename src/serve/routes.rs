//! Every route, on one screen.

use std::pin::Pin;

use axum::response::Response;

use super::parameters::{
    AFTER, API_URI, AS_OF, AS_OF_EXTRACT, BBOX, COUNT, DRY_RUN, EXPAND, EXPAND_LIMIT, FIELD, FORMAT,
    FORMAT_OF_LINKS, FORMAT_OF_PASSPORT, FORMAT_OF_STATUS, FROM, IN, K, KEYWORD, LANG, LANG_OF_PASSPORT,
    LANG_OF_REPORT, LANG_OF_STATUS, LAT, LAT_OF_CIRCLE, LIMIT, LON, LON_OF_CIRCLE, MAX_M, NOT_RESTRICTED,
    ORDER, PASSPORT, PKEY, POLYGON, PUBLISHED_AT, QUERY, RADIUS_M, REQUEST, RULE, SEARCH, SELECT,
    SELECT_NESTED, SEVERITY, SQL, STRICT, TO, TOPIC, VERSION, WHERE, X, Y, Z,
};
use super::route::{Link, Returns, Route};
use super::{
    datasets, document, extract, findings, links, named, nearest, operation, passport, passport_steps,
    publishing, report, requests, rows, sql, tiles,
};
use crate::error::Result;

/// Every route.
pub const ROUTES: &[Route] = &[
    Route {
        summary: "The documentation",
        returns: Returns::Redirect,
        statuses: &[307, 400],
        example: "/",
        handler: |call| at_once(operation::front(&call)),
        ..Route::get("/", "front")
    },
    Route {
        summary: "The catalog",
        description: "Every word of q must occur in a dataset's apiUri, names, descriptions or keywords.",
        parameters: &[SEARCH, KEYWORD, LANG, FORMAT],
        links: Link::DATASETS,
        example: "/datasets?q=%D0%B4%D3%99%D1%80%D1%96%D1%85%D0%B0%D0%BD%D0%B0&lang=kk",
        statuses: &[304, 400, 406, 503, 504],
        handler: |call| Box::pin(datasets::list(call)),
        ..Route::get("/datasets", "datasets")
    },
    Route {
        summary: "One dataset: meta, fields, version, points, findings, links out and in",
        parameters: &[API_URI, VERSION],
        returns: Returns::Object,
        statuses: &[304, 400, 404, 503, 504],
        example: "/datasets/regions",
        handler: |call| Box::pin(datasets::show(call)),
        ..Route::get("/datasets/{apiUri}", "dataset")
    },
    Route {
        method: "PUT",
        summary: "Publish a document: JSON or XML, packed by gzip or zstd or not; it is durable when it is answered",
        description: "Takes a token (Authorization: Bearer). The same bytes again are no new version; If-Match: \"v3\" \
                      publishes only over that version. 201 with a new version, else 200.",
        parameters: &[API_URI, STRICT, DRY_RUN],
        returns: Returns::Object,
        statuses: &[201, 400, 401, 403, 408, 409, 412, 413, 415, 422, 503],
        example: "/datasets/regions",
        handler: |call| Box::pin(publishing::put(call)),
        ..Route::get("/datasets/{apiUri}", "publish")
    },
    Route {
        method: "DELETE",
        summary: "Delete a dataset: it is no longer served, its versions stay in the store",
        description: "Takes a token (Authorization: Bearer), and If-Match.",
        parameters: &[API_URI],
        returns: Returns::Object,
        statuses: &[400, 401, 403, 404, 409, 412, 503],
        example: "/datasets/regions",
        handler: |call| Box::pin(publishing::delete(call)),
        ..Route::get("/datasets/{apiUri}", "delete")
    },
    Route {
        summary: "A page of a dataset's rows",
        description: "Pages follow one another by the values of the order: each row comes once, whatever \
                      values are equal or missing. The address of the next page is in the header Link.",
        parameters: &[
            API_URI,
            VERSION,
            SELECT_NESTED,
            EXPAND,
            EXPAND_LIMIT,
            WHERE,
            ORDER,
            LIMIT,
            AFTER,
            COUNT,
            LANG,
            FORMAT,
        ],
        statuses: &[304, 400, 404, 406, 503, 504],
        links: Link::ROWS,
        example: "/datasets/cities/rows?where=population+%3E+100000&order=population+DESC&limit=3&count=exact",
        handler: |call| Box::pin(rows::page(call)),
        ..Route::get("/datasets/{apiUri}/rows", "rows")
    },
    Route {
        summary: "One object, by its key",
        description: "The values of a key of several fields are separated by commas.",
        parameters: &[API_URI, PKEY, VERSION, SELECT_NESTED, EXPAND, EXPAND_LIMIT],
        returns: Returns::Object,
        statuses: &[304, 400, 404, 503, 504],
        example: "/datasets/regions/rows/75",
        handler: |call| Box::pin(rows::by_key(call)),
        ..Route::get("/datasets/{apiUri}/rows/{pkey}", "object")
    },
    Route {
        summary: "The nearest rows, nearest first, with distance_m",
        description: "Metres on the WGS 84 ellipsoid. The condition is applied before the k are taken.",
        parameters: &[
            API_URI,
            VERSION,
            LAT,
            LON,
            K,
            MAX_M,
            IN,
            WHERE,
            SELECT_NESTED,
            EXPAND,
            EXPAND_LIMIT,
            LANG,
            FORMAT,
        ],
        statuses: &[304, 400, 404, 406, 503, 504],
        example: "/datasets/astana_pharmacies/nearest?lat=51.128&lon=71.43&k=2&select=id,name",
        handler: |call| Box::pin(nearest::nearest(call)),
        ..Route::get("/datasets/{apiUri}/nearest", "nearest")
    },
    Route {
        summary: "A page of the rows in an area, in the document's order unless order says otherwise",
        description: "The area is given in one of four forms: bbox, lat with lon and radius_m, polygon, or in. \
                      Edges are straight in longitude and latitude (RFC 7946), and what lies on one is in; \
                      the radius is metres on the WGS 84 ellipsoid.",
        parameters: &[
            API_URI,
            VERSION,
            BBOX,
            LAT_OF_CIRCLE,
            LON_OF_CIRCLE,
            RADIUS_M,
            POLYGON,
            IN,
            SELECT_NESTED,
            EXPAND,
            EXPAND_LIMIT,
            WHERE,
            ORDER,
            LIMIT,
            AFTER,
            COUNT,
            LANG,
            FORMAT,
        ],
        statuses: &[304, 400, 404, 406, 503, 504],
        links: Link::ROWS,
        example: "/datasets/astana_pharmacies/within?bbox=71.35,51.1,71.45,51.15&select=id,name&count=exact",
        handler: |call| Box::pin(rows::within(call)),
        ..Route::get("/datasets/{apiUri}/within", "within")
    },
    Route {
        summary: "A vector tile of a dataset's points (Mapbox Vector Tile 2.1, Web Mercator XYZ)",
        description: "Up to zoom 14, and where a tile has more than 20,000 points, points that are close \
                      together are one feature with point_count; the others have the selected columns, \
                      the key where none are.",
        parameters: &[API_URI, Z, X, Y, VERSION, WHERE, SELECT],
        returns: Returns::Tile,
        statuses: &[304, 400, 404, 503, 504],
        example: "/datasets/astana_pharmacies/tiles/4/11/5.mvt",
        handler: |call| Box::pin(tiles::tile(call)),
        ..Route::get("/datasets/{apiUri}/tiles/{z}/{x}/{y}", "tile")
    },
    Route {
        summary: "What the document breaks, with exact totals by rule and field",
        parameters: &[API_URI, VERSION, RULE, SEVERITY, FIELD, LANG, FORMAT],
        statuses: &[304, 400, 404, 406, 503, 504],
        example: "/datasets/astana_pharmacies/findings?severity=warning&lang=ru",
        handler: |call| Box::pin(findings::findings(call)),
        ..Route::get("/datasets/{apiUri}/findings", "findings")
    },
    Route {
        summary: "The versions of a dataset: those of the store, or where there is none the one that is served",
        parameters: &[API_URI, LANG, FORMAT],
        statuses: &[304, 400, 404, 406],
        example: "/datasets/regions/versions",
        handler: |call| at_once(datasets::versions(&call)),
        ..Route::get("/datasets/{apiUri}/versions", "versions")
    },
    Route {
        summary: "What changed between two versions, by key: what was added, removed and changed, in which fields",
        description: "The first 10,000 changes one by one; added, removed and changed count all of them.",
        parameters: &[API_URI, FROM, TO, LANG, FORMAT],
        statuses: &[304, 400, 404, 406, 503, 504],
        example: "/datasets/regions/diff?from=1",
        handler: |call| Box::pin(datasets::diff(call)),
        ..Route::get("/datasets/{apiUri}/diff", "diff")
    },
    Route {
        summary: "Which datasets refer to which, and how many of the references lead to an object",
        description: "With format=dot or format=mermaid it is a text for a picture: dashed arrows lead to what \
                      is not published.",
        parameters: &[LANG, FORMAT_OF_LINKS],
        returns: Returns::Graph,
        statuses: &[304, 400, 406, 503, 504],
        example: "/links",
        handler: |call| Box::pin(links::list(call)),
        ..Route::get("/links", "links")
    },
    Route {
        summary: "The document as it was published",
        description: "Its own bytes, compressed ones as they are; ranges and conditions by RFC 9110.",
        parameters: &[API_URI, VERSION],
        returns: Returns::Document,
        statuses: &[206, 304, 400, 404, 412, 416, 503],
        example: "/datasets/regions/document",
        handler: |call| Box::pin(document::document(call)),
        ..Route::get("/datasets/{apiUri}/document", "document")
    },
    Route {
        summary: "The technological passport of a dataset (order 111/НҚ/2021, annex 2), as far as the dataset tells",
        description: "In the annex's numbers and words. What a person must still write is shown as missing; what is \
                      from a publication plan says so; what the scan for personal data found, and the steps taken.",
        parameters: &[API_URI, VERSION, LANG_OF_PASSPORT, FORMAT_OF_PASSPORT],
        returns: Returns::Passport,
        statuses: &[304, 400, 404, 406, 503, 504],
        example: "/datasets/astana_pharmacies/passport?lang=kk&format=md",
        handler: |call| Box::pin(passport::passport(call)),
        ..Route::get("/datasets/{apiUri}/passport", "passport")
    },
    Route {
        method: "POST",
        summary: "A step that the passport of a dataset has taken: draft, agreed, commission, approved, published",
        description: "Takes a token (Authorization: Bearer) that may publish the dataset, which need not be there yet. \
                      Members: step; where known at (a day, else today), by, note. 409 says which step was expected.",
        parameters: &[API_URI],
        returns: Returns::Object,
        statuses: &[201, 400, 401, 403, 408, 409, 413, 415],
        handler: |call| Box::pin(passport_steps::add(call)),
        ..Route::get("/datasets/{apiUri}/passport/steps", "passportStep")
    },
    Route {
        summary: "A query",
        description: "Further parameters are the values of $name and $1 in the query.",
        parameters: &[SQL, LANG, FORMAT],
        is_open: true,
        statuses: &[304, 400, 406, 503, 504],
        example: "/sql?q=SELECT+count(*)+AS+n+FROM+cities+WHERE+population+%3E+$least&least=100000",
        handler: |call| Box::pin(sql::get(call)),
        ..Route::get("/sql", "sql")
    },
    Route {
        method: "POST",
        summary: "A query in the body",
        description: "SQL as text, or {\"sql\": …, \"params\": …}.",
        parameters: &[LANG, FORMAT],
        is_open: true,
        statuses: &[304, 400, 406, 408, 413, 415, 503, 504],
        example: "/sql",
        handler: |call| Box::pin(sql::post(call)),
        ..Route::get("/sql", "sqlByBody")
    },
    Route {
        method: "POST",
        summary: "What somebody asks a public body for: one request, a list of them, or CSV with a head",
        description: "Takes a token (Authorization: Bearer) for requests. Members: kind (publish, update), requester \
                      (citizen, business), text, body; where known id, received_at, contact (only a salted hash is \
                      kept), dataset, topic. All are kept or none, durably, and nothing that was kept is ever \
                      overwritten. One request answers its id and its address, several their count and ids.",
        parameters: &[],
        returns: Returns::Object,
        statuses: &[201, 400, 401, 403, 408, 409, 413, 415],
        handler: |call| Box::pin(requests::file(call)),
        ..Route::get("/requests", "fileRequests")
    },
    Route {
        method: "POST",
        summary: "What happened to many requests: one event, a list of them, or CSV with a head",
        description: "Takes a token (Authorization: Bearer) for requests. Members are those of the events of one \
                      request, and request: the id of each. All are kept or none.",
        parameters: &[],
        returns: Returns::Object,
        statuses: &[201, 400, 401, 403, 404, 408, 409, 413, 415],
        handler: |call| Box::pin(requests::note_all(call)),
        ..Route::get("/requests/events", "noteAllEvents")
    },
    Route {
        method: "POST",
        summary: "What happened to a request: one event, a list of them, or CSV with a head",
        description: "Takes a token (Authorization: Bearer) for requests. Members: event (processed, sent, published, \
                      refused, notified); where known at, dataset, version, reason. A publication that is not known \
                      here is kept, and warnings says so.",
        parameters: &[REQUEST],
        returns: Returns::Object,
        statuses: &[201, 400, 401, 403, 404, 408, 409, 413, 415],
        handler: |call| Box::pin(requests::note(call)),
        ..Route::get("/requests/{id}/events", "noteEvents")
    },
    Route {
        summary: "How a request stands, for who has its name: what was asked, its state, its clocks and their due dates",
        description: "As JSON, or as a page for who asked (format=html, or a browser's Accept) in Kazakh or in \
                      Russian. Neither is to be stored or indexed.",
        parameters: &[REQUEST, LANG_OF_STATUS, FORMAT_OF_STATUS],
        returns: Returns::Status,
        statuses: &[400, 404, 406, 409, 503, 504],
        handler: |call| Box::pin(requests::status(call)),
        ..Route::get("/requests/{id}", "request")
    },
    Route {
        summary: "The named queries",
        parameters: &[LANG, FORMAT],
        statuses: &[400, 406],
        links: Link::QUERIES,
        example: "/queries",
        handler: |call| at_once(named::list(&call)),
        ..Route::get("/queries", "queries")
    },
    Route {
        summary: "The rows of a named query",
        description: "Further parameters are those of the query; /queries lists them.",
        parameters: &[QUERY, LANG, FORMAT],
        is_open: true,
        statuses: &[304, 400, 404, 406, 503, 504],
        example: "/queries/frequent_findings?severity=note&most=3",
        handler: |call| Box::pin(named::run(call)),
        ..Route::get("/queries/{name}", "query")
    },
    Route {
        summary: "The monthly report as a page: demand, deadlines, freshness, quality, what to publish next",
        parameters: &[AS_OF, LANG_OF_REPORT],
        returns: Returns::Text("text/html; charset=utf-8"),
        statuses: &[400, 503, 504],
        example: "/report?as_of=2026-11-01&lang=ru",
        handler: |call| Box::pin(report::report(call)),
        ..Route::get("/report", "report")
    },
    Route {
        method: "POST",
        summary: "What an extract of an information system holds, whether it is restricted, and how ready it is",
        description: "The body is the file: CSV with a head, JSON or XLSX, of at most 256 MiB; nothing of it is kept. \
                      Values of persons are masked in the answer. It is judged by the four criteria of order 111, \
                      paragraph 7; personal data restrict it until a person says otherwise.",
        parameters: &[AS_OF_EXTRACT, TOPIC, NOT_RESTRICTED, PUBLISHED_AT, PASSPORT, LANG_OF_PASSPORT],
        returns: Returns::Object,
        statuses: &[400, 408, 413, 415, 503, 504],
        handler: |call| Box::pin(extract::analyse(call)),
        ..Route::get("/assess/extract", "assessExtract")
    },
    Route {
        summary: "These routes for programs (OpenAPI 3.1)",
        returns: Returns::Object,
        statuses: &[400],
        example: "/openapi.json",
        handler: |call| at_once(operation::openapi(&call)),
        ..Route::get("/openapi.json", "openapi")
    },
    Route {
        summary: "These routes for people",
        returns: Returns::Text("text/html; charset=utf-8"),
        statuses: &[400],
        example: "/docs",
        handler: |call| at_once(operation::docs(&call)),
        ..Route::get("/docs", "docs")
    },
    Route {
        summary: "The process lives",
        returns: Returns::Object,
        statuses: &[400],
        example: "/health",
        handler: |call| at_once(operation::health(&call)),
        ..Route::get("/health", "health")
    },
    Route {
        summary: "Whether all is loaded (503 until then), what is served, and how many documents were refused",
        returns: Returns::Object,
        statuses: &[400, 503],
        example: "/ready",
        handler: |call| at_once(operation::ready(&call)),
        ..Route::get("/ready", "ready")
    },
    Route {
        summary: "Counts for Prometheus (OpenMetrics)",
        returns: Returns::Text("application/openmetrics-text; version=1.0.0; charset=utf-8"),
        statuses: &[400],
        example: "/metrics",
        handler: |call| at_once(operation::metrics(&call)),
        ..Route::get("/metrics", "metrics")
    },
];

/// An answer that waits for nothing.
fn at_once(answer: Result<Response>) -> Pin<Box<dyn Future<Output = Result<Response>> + Send>> {
    Box::pin(std::future::ready(answer))
}
