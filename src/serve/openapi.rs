//! The routes for programs: `OpenAPI` 3.1, made of the table that the router is made of.

use serde_json::{Value, json};
use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType};
use utoipa::openapi::{
    Components, ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref,
    Required, Response, ResponseBuilder, Schema, Type,
};

use super::bodies;
use super::format::formats;
use super::links::Picture;
use super::route::{Kind, Parameter, Returns, Route};
use super::routes::ROUTES;
use crate::assess::passport::Form;
use crate::assess::requests::Form as StatusForm;
use crate::encode::Format;

/// The description of every route.
#[must_use]
pub fn description() -> OpenApi {
    let mut paths = PathsBuilder::new();
    for route in ROUTES {
        let method = match route.method {
            "POST" => HttpMethod::Post,
            "PUT" => HttpMethod::Put,
            "DELETE" => HttpMethod::Delete,
            _ => HttpMethod::Get,
        };
        paths = paths.path(route.path, PathItem::new(method, operation(route)));
    }
    let mut components = Components::new();
    components.schemas.extend(schemas().into_iter().map(|(name, schema)| (name.to_owned(), schema.into())));
    let info = InfoBuilder::new()
        .title("derek")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Published open data as typed tables: SQL, rows and nearest look-ups."))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    OpenApiBuilder::new().info(info).paths(paths.build()).components(Some(components)).build()
}

fn operation(route: &Route) -> OperationBuilder {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(route.name))
        .summary(Some(route.summary))
        .description(Some(route.description).filter(|text| !text.is_empty()));
    for parameter in route.parameters {
        operation = operation.parameter(described(parameter));
    }
    for status in route.all_statuses() {
        let response = if status == 200 { success(route) } else { outcome(route, status) };
        operation = operation.response(status.to_string(), response);
    }
    if let Some(body) = bodies::of(route) {
        operation = operation.request_body(Some(body));
    }
    operation
}

/// Four numbers, separated by commas.
const BOX: &str = "^-?[0-9]+([.][0-9]+)?(,-?[0-9]+([.][0-9]+)?){3}$";

fn described(parameter: &Parameter) -> ParameterBuilder {
    let place = if parameter.is_in_path { ParameterIn::Path } else { ParameterIn::Query };
    let required = if parameter.is_required { Required::True } else { Required::False };
    let schema = match parameter.kind {
        Kind::Text if parameter.is_required => json!({ "type": "string", "minLength": 1 }),
        Kind::Text => json!({ "type": "string" }),
        Kind::Count { default, most } => {
            json!({ "type": "integer", "minimum": 1, "maximum": most, "default": default })
        }
        Kind::Degrees(bound) => json!({ "type": "number", "minimum": -bound, "maximum": bound }),
        Kind::Metres(most) if most.is_finite() => json!({ "type": "number", "minimum": 0, "maximum": most }),
        Kind::Metres(_) => json!({ "type": "number", "minimum": 0 }),
        Kind::Box => json!({ "type": "string", "pattern": BOX }),
        Kind::OneOf(words) => json!({ "type": "string", "enum": words() }),
    };
    let example = match parameter.kind {
        _ if parameter.example.is_empty() => None,
        Kind::Text | Kind::OneOf(_) | Kind::Box => Some(json!(parameter.example)),
        _ => serde_json::from_str::<Value>(parameter.example).ok(),
    };
    ParameterBuilder::new()
        .name(parameter.name)
        .parameter_in(place)
        .required(required)
        .description(Some(parameter.description))
        .schema(Some(schema_of(&schema)))
        .example(example)
}

/// What a route answers when all is well.
fn success(route: &Route) -> Response {
    let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build();
    let content = |schema: Option<Ref>| ContentBuilder::new().schema(schema).build();
    let response = ResponseBuilder::new().description(route.summary);
    let response = match route.returns {
        Returns::List | Returns::Graph => {
            let response = formats().fold(response, |response, format| {
                let schema = (format == Format::Json).then(|| Ref::from_schema_name("List"));
                response.content(format.content_type(), content(schema))
            });
            let pictures: &[Picture] = if route.returns == Returns::Graph { &Picture::ALL } else { &[] };
            pictures
                .iter()
                .fold(response, |response, picture| response.content(picture.content_type(), content(None)))
        }
        Returns::Object => {
            response.content("application/json", ContentBuilder::new().schema(Some(any_object())).build())
        }
        Returns::Document => ["application/json", "application/xml", "application/gzip", "application/zstd"]
            .into_iter()
            .fold(response, |response, kind| response.content(kind, content(None))),
        Returns::Passport => Form::ALL.into_iter().fold(response, |response, form| {
            let schema = if form == Form::Json { any_object() } else { Schema::Object(text.clone()) };
            response.content(form.content_type(), ContentBuilder::new().schema(Some(schema)).build())
        }),
        Returns::Status => StatusForm::ALL.into_iter().fold(response, |response, form| {
            let schema = if form == StatusForm::Json { any_object() } else { Schema::Object(text.clone()) };
            response.content(form.content_type(), ContentBuilder::new().schema(Some(schema)).build())
        }),
        Returns::Tile => response.content("application/vnd.mapbox-vector-tile", content(None)),
        Returns::Text(kind) => response.content(kind, ContentBuilder::new().schema(Some(text)).build()),
        Returns::Redirect => response,
    };
    let response = route.links.iter().fold(response, |response, link| {
        let to = LinkBuilder::new().operation_id(link.to);
        let to = link.parameters.iter().fold(to, |to, (name, value)| to.parameter(*name, *value));
        response.link(link.to, to.build())
    });
    named(response).build()
}

/// A response with the header that names its request.
fn named(response: ResponseBuilder) -> ResponseBuilder {
    let header = HeaderBuilder::new().description(Some("Names the request in the log.")).build();
    response.header("X-Request-Id", header)
}

fn any_object() -> Schema {
    Schema::Object(ObjectBuilder::new().schema_type(SchemaType::Type(Type::Object)).build())
}

/// What the other statuses mean.
fn outcome(route: &Route, status: u16) -> Response {
    let is_of_requests = route.path.starts_with("/requests");
    let meaning = match status {
        201 if route.name == "fileRequests" => {
            "All of it is kept, durably: the id of one request, which Location leads to, or count and ids of several"
        }
        201 if is_of_requests => {
            "All of it is kept, durably: how many events were added, and warnings of publications not known here"
        }
        201 if route.name == "passportStep" => {
            "The step is kept, durably: all steps that the passport has taken"
        }
        201 => "A new version is published",
        206 => "A part of the document, as `Range` asked for",
        304 => "The answer is the one that `If-None-Match` names",
        307 => "The documentation",
        400 => "The query or a parameter is wrong",
        401 => "No token, or one that is unknown, revoked or expired",
        403 => "The token is for something else",
        404 => "There is no such thing",
        409 if is_of_requests => "There is no store to keep requests in",
        409 if route.name == "passportStep" => {
            "There is no store to keep steps in, or the step may not follow those that there are"
        }
        409 => "There is no store to publish into",
        405 => "The route does not take this method",
        406 => "None of the forms that were asked for is available",
        408 => "The body did not come in time",
        412 => "A condition of the request is not met",
        413 => "The body is too long",
        415 => "The body is packed in a way that is not read: expected gzip, zstd or nothing",
        422 => "No table can be made of the document",
        416 => "The document has no such range",
        429 => "The client asks too often: `Retry-After` says when it may ask again",
        503 => "The server has too much to do, or is not ready: try again",
        504 => "The query ran over its time",
        _ => "A fault of the server's own: the log has the cause under the request's id",
    };
    let response = ResponseBuilder::new().description(meaning);
    if route.name == "ready" && status == 503 {
        let content = ContentBuilder::new().schema(Some(any_object())).build();
        return response.content("application/json", content).build();
    }
    if status == 201 {
        let content = ContentBuilder::new().schema(Some(any_object())).example(bodies::kept(route)).build();
        return named(response).content("application/json", content).build();
    }
    let is_error = status >= 400 && !matches!(status, 412 | 416);
    if !is_error {
        return response.build();
    }
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
    response.content("application/json", content).build()
}

/// A schema as it is written in JSON.
pub(super) fn schema_of(value: &Value) -> Schema {
    serde_json::from_value(value.clone())
        .expect("the schemas of this file are schemas: a test reads them all")
}

fn schemas() -> [(&'static str, Schema); 4] {
    let error = json!({
        "type": "object",
        "required": ["error"],
        "properties": { "error": {
            "type": "object",
            "required": ["code", "message", "request_id"],
            "properties": {
                "code": { "type": "string", "description": "What went wrong, for programs." },
                "message": { "type": "string" },
                "hint": { "type": "string", "description": "What to try." },
                "place": { "type": "object", "description": "Line, column or field." },
                "request_id": { "type": "string", "description": "Names the request in the log." }
            }
        } }
    });
    let column = json!({
        "type": "object",
        "required": ["name", "type"],
        "properties": {
            "name": { "type": "string" },
            "type": { "type": "string", "description": "Int, Double, Boolean, Date, String, Geoposition, Object, List, or Arrow's name." },
            "labelKk": { "type": "string" },
            "labelRu": { "type": "string" },
            "labelEn": { "type": "string" },
            "label": { "type": "string", "description": "The label in the language of lang=." }
        }
    });
    let list = json!({
        "type": "object",
        "description": "Rows are streamed: an answer that broke off has a member error in place of row_count.",
        "required": ["columns", "rows"],
        "properties": {
            "columns": { "type": "array", "items": { "$ref": "#/components/schemas/Column" } },
            "rows": { "type": "array", "items": { "type": "object" } },
            "row_count": { "type": "integer" },
            "truncated": { "type": "boolean", "description": "Rows were left out because of the limit on one answer." },
            "next": { "type": ["string", "null"], "description": "The value of after= for the next page." },
            "elapsed_ms": { "type": "number" }
        }
    });
    let question = json!({
        "type": "object",
        "required": ["sql"],
        "additionalProperties": false,
        "properties": {
            "sql": { "type": "string", "minLength": 1 },
            "params": {
                "description": "Values by name for $name, or in order for $1, $2.",
                "oneOf": [{ "type": "object" }, { "type": "array", "items": {} }]
            }
        }
    });
    [("Error", error), ("Column", column), ("List", list), ("Question", question)]
        .map(|(name, schema)| (name, schema_of(&schema)))
}
