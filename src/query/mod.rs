//! Queries: RFC 9535 JSONPath with four set functions, compiled once and walked over documents.
//! Comes in: query text, documents. Goes out: nodes. Not here: what a match means (`engine`).
//! Parsing is `jsonpath-rust`'s; types, names, regexes and evaluation are ours.

pub mod ir;
// worker C: mod compile; mod evaluate; mod compare; mod functions; mod normalized; ...

// The interface that the rooms above use (worker C builds it):
//
// pub enum Mode<'c> { Raw, Snapshot }            // Raw: `$` is one document; Snapshot: $.area.name
// pub fn compile(text: &str, mode: Mode) -> Result<Query, Vec<QueryError>>
// pub fn compile_condition(text: &str) -> Result<Condition, Vec<QueryError>>  // a filter that stands alone ("@.x == 1")
// pub fn compile_relative(field: &str) -> Result<Query, Vec<QueryError>>      // "start.dateTime" -> singular query from @
// pub struct QueryError { message: String, help: Option<String>, at: Range<usize> /* bytes in text */ }
//
// pub trait Source<'d>: Sync { fn section(&self, id: &str) -> Option<NodeRef<'d>>; fn param(&self, name: &str) -> Option<NodeRef<'d>>; fn document(&self) -> Option<NodeRef<'d>>; }
// pub struct Evaluator<'d, S> { … }              // holds the source, evidence time, memo of $-rooted queries
// impl Evaluator { new(source, now: DateTime<Utc>, queries: impl Iterator<Item=&Query>) ;
//    select(&self, &Query, &mut Budget) -> Result<Cow/Arc<[NodeRef<'d>]>, OutOfBudget>          // $-rooted, memoised
//    select_from(&self, &Query, NodeRef<'d>, &mut Budget) -> Result<Vec<NodeRef<'d>>, …>        // @-rooted
//    holds(&self, &Condition, NodeRef<'d>, &mut Budget) -> Result<bool, …> }
// pub fn normalized_path(node) -> String ; pub fn json_pointer(node) -> String
