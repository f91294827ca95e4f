//! What queries cost: budgets, walks that are shared between checks and threads, the stack.

use super::*;

#[test]
fn a_runaway_query_ends() {
    let list = format!("[{}]", vec!["1"; 2000].join(","));
    let evidence = raw(&list);
    for text in ["$[?$[?$[?@ == 2]]]", "$[?count($[?@ == 1]) == 3]", "$[?in(@, $[*])]", "$..[?@ == 1]"] {
        let query = compile(text, Mode::Raw).unwrap();
        let evaluator = Evaluator::new(&evidence, now(), []);
        let mut budget = Budget::new(1000);
        assert_eq!(evaluator.select(&query, &mut budget), Err(OutOfBudget { limit: 1000 }), "{text}");
        assert_eq!(budget.spent(), 1000);
    }
    // Walked once, the inner query is paid for once: what was a square becomes a line.
    let query = compile("$[?count($[?@ == 1]) == 2000]", Mode::Raw).unwrap();
    let shared = Evaluator::new(&evidence, now(), [&query]);
    let mut budget = Budget::new(40_000);
    assert_eq!(shared.select(&query, &mut budget).unwrap().len(), 2000);
}

#[test]
fn a_check_pays_the_same_whoever_walked_first() {
    let evidence = tenant();
    let texts = [
        "$.users.all[?in(@.id, $.groups.all[?@.n < 3].owners[*])]",
        "$.users.all[?none_of(@.id, $.groups.all[?@.n < 3].owners[*])]",
        "$.groups.all[?@.n < 3].owners[*]",
    ];
    let queries: Vec<Query> = texts.iter().map(|t| compile(t, Mode::Snapshot).unwrap()).collect();
    let costs = |order: &[usize]| {
        let evaluator = Evaluator::new(&evidence, now(), &queries);
        let mut costs = vec![0; queries.len()];
        for i in order {
            let mut budget = Budget::default();
            evaluator.select(&queries[*i], &mut budget).unwrap();
            // Asking again costs nothing.
            let once = budget.spent();
            evaluator.select(&queries[*i], &mut budget).unwrap();
            assert_eq!(budget.spent(), once);
            costs[*i] = once;
        }
        costs
    };
    assert_eq!(costs(&[0, 1, 2]), costs(&[2, 1, 0]));
    assert!(costs(&[0, 1, 2]).iter().all(|cost| *cost > 0));
}

#[test]
fn threads_share_walks() {
    let evidence = tenant();
    let query = compile(
        "$.users.all[?in(@.id, $.groups.all[?in(@.owners[0], $.users.all[*].id)].owners)]",
        Mode::Snapshot,
    )
    .unwrap();
    let evaluator = Evaluator::new(&evidence, now(), [&query]);
    let counts: Vec<usize> = std::thread::scope(|scope| {
        let ask = || evaluator.select(&query, &mut Budget::default()).unwrap().len();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(counts, [2; 8]);
}

#[test]
fn a_deep_document_needs_no_deep_stack() {
    let deep = format!("{}1{}", "[".repeat(120), "]".repeat(120));
    let query = compile("$..[?@ == 1]", Mode::Raw).unwrap();
    assert_eq!(selected(&raw(&deep), &query), "1");
    let twice = compile("$[?@ == $[0]]", Mode::Raw).unwrap();
    assert_eq!(selected(&raw(&format!("[{deep},{deep}]")), &twice), format!("{deep} {deep}"));
}
