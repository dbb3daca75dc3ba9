//! SQL text → one statement that is a query, within bounds that are checked before anything recurses.

use datafusion::error::DataFusionError;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::fault;
use crate::error::{Code, Error, Place, Result};

/// What a text of SQL may be at most. Parsers and planners recurse into what a client sends: without
/// bounds a long chain of operators overflows the stack, and that ends the process.
#[derive(Debug, Clone, Copy)]
pub struct TextLimits {
    /// Length of the text.
    pub max_sql_bytes: usize,
    /// Words, signs and literals.
    pub max_tokens: usize,
    /// Operators, the words AND, OR, NOT and UNION among them: an upper bound for a chain of them.
    pub max_operators: usize,
    /// Brackets inside one another.
    pub max_depth: usize,
    /// Tables that are read, those of a CTE as often as it is named.
    pub max_tables: u64,
}

impl Default for TextLimits {
    fn default() -> Self {
        Self {
            max_sql_bytes: 65_536,
            max_tokens: 20_000,
            max_operators: 1_000,
            max_depth: 48,
            max_tables: 64,
        }
    }
}

/// The one query that a text holds.
///
/// # Errors
/// `query.too_complex`, `query.syntax`, or `query.read_only` where it is not one query.
pub(super) fn statement(sql: &str, limits: &TextLimits) -> Result<Statement> {
    let tokens = tokens(sql, limits)?;
    let mut parser = DFParserBuilder::new(tokens).build().map_err(|error| fault::planning(&error))?;
    let mut statements = parser.parse_statements().map_err(|error| fault::planning(&error))?;
    let Some(statement) = statements.pop_front() else {
        return Err(Error::new(Code::QuerySyntax, "there is no SQL in the text").hint("try SELECT 1"));
    };
    if !statements.is_empty() {
        let message = format!("one statement at a time, but the text holds {}", statements.len() + 1);
        return Err(Error::new(Code::QueryReadOnly, message).hint("send each query on its own"));
    }
    if is_query(&statement) { Ok(statement) } else { Err(read_only(&statement)) }
}

/// The one expression that a text holds, such as the condition of `where=`.
pub(super) fn expression(sql: &str, limits: &TextLimits) -> Result<ast::Expr> {
    let tokens = tokens(sql, limits)?;
    let mut parser = DFParserBuilder::new(tokens).build().map_err(|error| fault::planning(&error))?;
    parser.parse_into_expr().map(|parsed| parsed.expr).map_err(|error| fault::planning(&error))
}

/// The terms that a text of `order=` holds, as they stand behind ORDER BY.
pub(super) fn order(sql: &str, limits: &TextLimits) -> Result<Vec<ast::OrderByExpr>> {
    let tokens = tokens(sql, limits)?;
    let mut parser = Parser::new(&GenericDialect {}).with_tokens_with_locations(tokens);
    let terms = parser.parse_comma_separated(Parser::parse_order_by_expr);
    let terms = terms.and_then(|terms| parser.expect_token(&Token::EOF).map(|_| terms));
    terms.map_err(|error| fault::planning(&error.into()))
}

fn tokens(sql: &str, limits: &TextLimits) -> Result<Vec<TokenWithSpan>> {
    if sql.len() > limits.max_sql_bytes {
        return Err(too_complex("bytes", sql.len(), limits.max_sql_bytes));
    }
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().map_err(|error| {
        let place = Place::at(error.location.line, error.location.column);
        Error::new(Code::QuerySyntax, format!("not SQL: {}", error.message)).at(place)
    })?;
    let words = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).count();
    if words > limits.max_tokens {
        return Err(too_complex("words and signs", words, limits.max_tokens));
    }
    let operators = tokens.iter().filter(|token| is_operator(&token.token)).count();
    if operators > limits.max_operators {
        return Err(too_complex("operators", operators, limits.max_operators)
            .hint("a list takes any number of values: id IN (1, 2, 3)"));
    }
    let mut depth = 0_usize;
    for token in &tokens {
        match token.token {
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limits.max_depth {
            let place = Place::at(token.span.start.line, token.span.start.column);
            let message = format!("more than {} brackets inside one another", limits.max_depth);
            return Err(Error::new(Code::QueryTooComplex, message).at(place));
        }
    }
    Ok(tokens)
}

fn too_complex(what: &str, found: usize, limit: usize) -> Error {
    Error::new(Code::QueryTooComplex, format!("the SQL has {found} {what}; at most {limit} are planned"))
}

fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::UNION
                | Keyword::INTERSECT
                | Keyword::EXCEPT
                | Keyword::CASE
                | Keyword::JOIN
                | Keyword::IS
                | Keyword::LIKE
                | Keyword::BETWEEN
        ),
        Token::Eq
        | Token::DoubleEq
        | Token::Neq
        | Token::Lt
        | Token::Gt
        | Token::LtEq
        | Token::GtEq
        | Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::Mod
        | Token::StringConcat
        | Token::Ampersand
        | Token::Pipe
        | Token::Caret
        | Token::Tilde
        | Token::ExclamationMark
        | Token::DoubleColon
        | Token::Period
        | Token::Arrow
        | Token::LongArrow => true,
        _ => false,
    }
}

/// Whether a statement only reads datasets. The plan is checked again: see `QueryService`.
fn is_query(statement: &Statement) -> bool {
    match statement {
        Statement::Statement(statement) => match statement.as_ref() {
            ast::Statement::Query(query) => !selects_into(&query.body),
            ast::Statement::ExplainTable { .. }
            | ast::Statement::ShowTables { .. }
            | ast::Statement::ShowColumns { .. } => true,
            ast::Statement::Explain { statement, .. } => {
                matches!(statement.as_ref(), ast::Statement::Query(_))
            }
            _ => false,
        },
        Statement::Explain(explain) => is_query(&explain.statement),
        _ => false,
    }
}

fn selects_into(body: &ast::SetExpr) -> bool {
    match body {
        ast::SetExpr::Select(select) => select.into.is_some(),
        ast::SetExpr::Query(query) => selects_into(&query.body),
        ast::SetExpr::SetOperation { left, right, .. } => selects_into(left) || selects_into(right),
        ast::SetExpr::Values(_) | ast::SetExpr::Table(_) => false,
        _ => true,
    }
}

fn read_only(statement: &Statement) -> Error {
    let text = statement.to_string();
    let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let words: Vec<&str> = text.split_whitespace().take(2).take_while(is_word).collect();
    let kind = if words == ["SELECT"] { "SELECT … INTO".to_owned() } else { words.join(" ") };
    Error::new(Code::QueryReadOnly, format!("only queries are answered, not {kind}"))
        .hint("SELECT, WITH, VALUES, EXPLAIN, DESCRIBE, SHOW TABLES and SHOW COLUMNS are queries")
}

/// The error of a statement that the planner, too, takes for one that writes.
pub(super) fn not_read_only(error: &DataFusionError) -> Error {
    Error::new(Code::QueryReadOnly, format!("only queries are answered: {}", error.strip_backtrace()))
}
