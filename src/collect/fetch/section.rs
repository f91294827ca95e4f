//! One section: a list in pages, one object, a report, or a request per object. Comes in: the section,
//! and the records of those it depends on. Goes out: its items and its record. Not here: which objects
//! (`objects`), what is joined into items (`children`).

use std::collections::BTreeMap;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};

use super::super::client::page::{Page, Walk};
use super::super::client::{Ask, Failure, batch};
use super::super::intake::Intake;
use super::super::plan::How;
use super::super::progress::Event;
use super::children::Children;
use super::objects::{self, Object, Objects};
use super::window::{Window, is_timed, windows};
use super::{Shared, whole_seconds};
use crate::sections::throttle::Throttle;
use crate::sections::{Answer, Graph, Section, Shape};
use crate::snapshot::record::{SectionRecord, State};
use crate::snapshot::stream::Staged;

/// Pages whose joined objects are asked for at the same time.
const AHEAD: usize = 3;
/// Batches at a time; the quota decides how many of them really are.
const BATCHES: usize = 48;

/// A section's items and its record.
type Found = (Option<Staged>, SectionRecord);

/// Fetches a section.
pub(super) async fn fetch(
    shared: &Arc<Shared>,
    section: &'static Section,
    parents: &BTreeMap<&'static str, SectionRecord>,
    how: &How,
) -> Result<Found, Failure> {
    let Some(graph) = section.graph else {
        return Ok((None, SectionRecord::of(State::NotAsked)));
    };
    let mut intake = Intake::new(section, &shared.store, shared.veil.clone())?;
    intake.without.clone_from(&how.without);
    let query = section.query_without(&how.without);
    let request = Arc::new(Request { shared: shared.clone(), section, graph, query });
    let mut path = graph.path.to_owned();
    let windows = windows(&graph, whole_seconds(shared.clock.now()), shared.days, how.reach);
    if graph.over.is_some() {
        let objects = match objects::of(shared, section, &graph, parents).await? {
            Objects::These(objects) => objects,
            Objects::None(record) => return Ok((None, *record)),
        };
        intake.gaps.extend(objects.gap.clone());
        path.clone_from(&objects.path);
        request.per_object(&mut intake, Arc::new(objects), &windows).await?;
    } else {
        match request.lists(&mut intake, &windows).await {
            // A single field may be what is refused: without it the rest can be read.
            Err(Failure::Refused(refusal)) if how.can_do_with_less(&graph) => {
                let less = how.with_less(&graph, &refusal.reason());
                return Box::pin(fetch(shared, section, parents, &less)).await;
            }
            done => done?,
        }
    }
    let from = windows.first().filter(|_| is_timed(&graph)).map(|window| window.from);
    let (staged, record) = intake.finish(whole_seconds(shared.clock.now()), from);
    let source = Some(format!("GET /{}{path}", graph.version));
    Ok((staged, SectionRecord { source, ..record }))
}

/// What is asked for. Owned wherever answers are waited for: the compiler can't see through borrows there.
struct Request {
    shared: Arc<Shared>,
    section: &'static Section,
    graph: Graph,
    query: String,
}

impl Request {
    /// Lists, one for each span of time. Only where nothing came at all is it a failure.
    async fn lists(&self, intake: &mut Intake, windows: &[Window]) -> Result<(), Failure> {
        let mut pages = 0;
        for window in windows {
            let query = window.fill(&self.query);
            let ask = self.shared.client.ask(self.graph.version, self.graph.path, &query)?;
            match self.list(intake, ask, &mut pages).await {
                Ok(()) => {}
                Err(failure) if pages == 0 || fatal(&failure) => return Err(failure),
                Err(failure) => {
                    intake.gaps.push(format!("after {pages} pages: {failure}"));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn list(&self, intake: &mut Intake, ask: Ask, pages: &mut usize) -> Result<(), Failure> {
        if self.graph.answer == Answer::Csv {
            let page = self.shared.client.report(&ask, self.section).await?;
            return self.take(intake, page, pages);
        }
        let children = Arc::new(Children::new(self.shared.clone(), self.graph, &intake.without));
        let walk =
            stream::try_unfold((Walk::new(ask), self.shared.clone()), |(mut walk, shared)| async move {
                Ok::<_, Failure>(walk.next(&shared.client).await?.map(|page| (page, (walk, shared))))
            });
        // The next pages are asked for while objects are joined into this one.
        let join = |page| {
            let children = children.clone();
            async move { children.join(page).await }
        };
        let mut joined = Box::pin(walk.map_ok(join).try_buffered(AHEAD));
        let mut result = Ok(());
        while let Some(page) = joined.next().await {
            let taken = page.and_then(|page| self.take(intake, page, pages));
            if taken.is_err() {
                result = taken;
                break;
            }
        }
        drop(joined);
        children.told(intake);
        result
    }

    /// Takes a page's items in.
    fn take(&self, intake: &mut Intake, page: Page, pages: &mut usize) -> Result<(), Failure> {
        if page.single && self.section.shape == Shape::List {
            return Err(one_object());
        }
        intake.request(page.request);
        for item in page.items {
            intake.add(item, &self.shared.store)?;
        }
        *pages += 1;
        if self.section.id == "users.accounts" {
            // The size of a tenant decides how much it may ask of the directory.
            self.shared.client.limiter().users_are(intake.len());
        }
        self.shared.progress.tell(Event::Items(self.section.id, intake.len()));
        Ok(())
    }

    /// A request for each object, twenty in a batch.
    async fn per_object(
        self: &Arc<Self>,
        intake: &mut Intake,
        objects: Arc<objects::List>,
        windows: &[Window],
    ) -> Result<(), Failure> {
        let mut tally = Tally::default();
        let count = objects.all.len();
        let some = self.shared.client.at_once(Throttle::of(&objects.path));
        let parts = (0..count).step_by(some).map(|start| start..count.min(start + some));
        let jobs: Vec<(Window, Range<usize>)> =
            windows.iter().flat_map(|window| parts.clone().map(|part| (*window, part))).collect();
        let batches = stream::iter(jobs).map(|(window, part)| {
            let (own, objects) = (self.clone(), objects.clone());
            async move { own.batch(&objects, window, part).await }
        });
        // In any order: the key gives them theirs. One that is late must not keep the others' room.
        let mut batches = pin!(batches.buffer_unordered(BATCHES));
        while let Some(answers) = batches.next().await {
            for (place, ask, answer) in answers {
                let Some(object) = objects.all.get(place) else { continue };
                match self.object(intake, ask, object, answer, objects.declared).await {
                    Ok(()) => tally.right += 1,
                    Err(failure) if fatal(&failure) => return Err(failure),
                    // Who was there when the objects were listed may be gone by now.
                    Err(failure) if failure.is_gone() && !objects.declared => tally.miss(failure),
                    Err(failure) => tally.fail(failure),
                }
            }
            self.shared.progress.tell(Event::Items(self.section.id, intake.len()));
            // A permission that an application lacks for the first twenty it lacks for all. A person may see
            // some objects and others not.
            let enough = tally.right == 0 && tally.wrong >= batch::MOST.min(count);
            if tally.is_too_much() || enough && tally.is_refusal() && !self.shared.person {
                break;
            }
        }
        tally.tell(intake, objects.may_be_gone)
    }

    /// The answers for some of the objects.
    async fn batch(
        &self,
        objects: &objects::List,
        window: Window,
        part: Range<usize>,
    ) -> Vec<(usize, Option<Ask>, Result<Page, Failure>)> {
        let query = window.fill(&self.query);
        let (mut asked, mut asks, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for (place, object) in objects.all.iter().enumerate().skip(part.start).take(part.len()) {
            match objects::ask(&self.shared.client, &self.graph, &objects.path, &query, &object.by) {
                Some(Ok(ask)) => {
                    asked.push(place);
                    asks.push(ask);
                }
                Some(Err(failure)) => all.push((place, None, Err(failure))),
                None => {
                    let failure = Failure::Answer("an object has no usable id".to_owned());
                    all.push((place, None, Err(failure)));
                }
            }
        }
        let answers = self.shared.client.batch(&asks).await;
        let asks = asks.into_iter().map(Some);
        all.extend(
            asked.into_iter().zip(asks).zip(answers).map(|((place, ask), answer)| (place, ask, answer)),
        );
        all
    }

    /// One object's answer, and the pages after it.
    async fn object(
        &self,
        intake: &mut Intake,
        ask: Option<Ask>,
        object: &Object,
        answer: Result<Page, Failure>,
        declared: bool,
    ) -> Result<(), Failure> {
        let mut page = answer?;
        let Some(ask) = ask else { return Ok(()) };
        let mut walk = Walk::after(&page, &ask, &self.shared.client)?;
        loop {
            if page.single && !declared && self.section.shape == Shape::List {
                return Err(one_object());
            }
            intake.request(page.request.take());
            for mut item in page.take_items() {
                for (name, value) in &object.joins {
                    item.insert((*name).to_owned(), value.clone());
                }
                intake.add(item, &self.shared.store)?;
            }
            match walk.next(&self.shared.client).await? {
                Some(next) => page = next,
                None => return Ok(()),
            }
        }
    }
}

fn one_object() -> Failure {
    Failure::Answer("one object came where a list was expected".to_owned())
}

/// Nothing more can come after this.
fn fatal(failure: &Failure) -> bool {
    matches!(failure, Failure::SignIn(_) | Failure::Disk(_))
}

/// How the requests for single objects went.
#[derive(Debug, Default)]
struct Tally {
    right: usize,
    wrong: usize,
    first: Option<Failure>,
    /// The first object that is not there any more.
    gone: Option<Failure>,
}

impl Tally {
    fn fail(&mut self, failure: Failure) {
        self.wrong += 1;
        self.first.get_or_insert(failure);
    }

    fn miss(&mut self, failure: Failure) {
        self.gone.get_or_insert(failure);
    }

    /// More would not be kept either.
    fn is_too_much(&self) -> bool {
        matches!(self.first, Some(Failure::TooLarge(_)))
    }

    fn is_refusal(&self) -> bool {
        matches!(self.first, Some(Failure::Refused(_)))
    }

    /// All went wrong: a failure. Some did: a gap. All are gone: then it is not the objects that are.
    fn tell(self, intake: &mut Intake, may_be_gone: bool) -> Result<(), Failure> {
        match self.first.or(self.gone.filter(|_| self.right == 0 && !may_be_gone)) {
            Some(failure) if self.right == 0 => Err(failure),
            Some(failure) => {
                let all = self.right + self.wrong;
                intake.gaps.push(format!("{} of {all} requests failed: {failure}", self.wrong));
                Ok(())
            }
            None => Ok(()),
        }
    }
}
