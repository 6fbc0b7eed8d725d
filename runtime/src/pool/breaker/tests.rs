//! A breaker over time, which the tests tell it.

use super::*;

const START: Duration = Duration::from_secs(100);

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "connection refused")
}

fn breaker() -> Breaker {
    Breaker::new(Duration::from_secs(30), Duration::from_secs(10), START)
}

fn go(breaker: &Breaker, now: Instant) -> Turn<'_> {
    match breaker.ask(now, true) {
        Answer::Go(turn) => turn,
        Answer::Wait(..) => panic!("it has to wait"),
        Answer::Refused(error) => panic!("it is refused: {error}"),
    }
}

/// Fails at each next moment until the breaker is open; returns when, and after how many.
fn open(breaker: &Breaker, mut now: Instant, kind: ErrorKind) -> (Instant, u32) {
    for failures in 1..100 {
        if go(breaker, now).failed(now, &error(kind), false) {
            return (now, failures);
        }
        now = breaker.next().unwrap();
    }
    panic!("it never opens");
}

#[test]
fn pauses_double_up_to_the_longest_and_are_never_the_same_for_all() {
    let breaker = breaker();
    for failures in 1..40 {
        let whole =
            Duration::from_millis(100 * (1 << failures.min(10) >> 1)).min(Duration::from_secs(30));
        let pause = breaker.pause(failures);
        assert!(
            pause >= whole / 2 && pause <= whole,
            "{failures}: {pause:?}"
        );
    }
    let pauses: std::collections::HashSet<_> = (0..10).map(|_| breaker.pause(9)).collect();
    assert!(pauses.len() > 1);
}

#[test]
fn after_a_failure_one_tries_at_a_time_and_not_before_its_time() {
    let (breaker, start) = (breaker(), Instant::now());
    drop(go(&breaker, start));
    let (first, second) = (go(&breaker, start), go(&breaker, start));
    assert!(!first.failed(start, &error(ErrorKind::Unavailable), false));
    assert!(!second.failed(start, &error(ErrorKind::Unavailable), false));
    let next = breaker.next().unwrap();
    let Answer::Wait(until, _) = breaker.ask(start, false) else {
        panic!("it is too early");
    };
    assert_eq!(until, next);
    let turn = go(&breaker, next);
    assert!(matches!(breaker.ask(next, false), Answer::Wait(..)));
    drop(turn);
    assert_eq!(go(&breaker, next).succeeded(), None);
    let (_first, _second) = (go(&breaker, next), go(&breaker, next));
}

#[test]
fn starts_that_fail_at_the_same_time_are_one_failure() {
    let (breaker, start) = (breaker(), Instant::now());
    let turns: Vec<_> = (0..20).map(|_| go(&breaker, start)).collect();
    let later = start + Duration::from_millis(1);
    for turn in turns {
        assert!(!turn.failed(later, &error(ErrorKind::Unavailable), false));
    }
    let Health::Degraded(trouble) = breaker.health(later, breaker.serves()) else {
        panic!("it is not well");
    };
    assert_eq!(trouble.failures, 1);
}

#[test]
fn many_failures_open_it_and_an_attempt_closes_it() {
    let (breaker, start) = (breaker(), Instant::now());
    let (now, failures) = open(&breaker, start, ErrorKind::Unavailable);
    assert_eq!(failures, FAILURES);
    assert!(
        now - start > Duration::from_secs(2),
        "a backend has time to restart"
    );
    assert!(now - start < Duration::from_secs(10), "nobody waits for it");
    let Answer::Refused(refused) = breaker.ask(now, false) else {
        panic!("it is open");
    };
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    assert!(refused.message().contains("connection refused"));
    assert!(refused.detail("retry-after").is_some());
    assert!(matches!(
        breaker.health(now, breaker.serves()),
        Health::Unavailable(_)
    ));
    let next = breaker.next().unwrap();
    let probe = go(&breaker, next);
    assert!(
        matches!(breaker.ask(next, false), Answer::Refused(_)),
        "half open, for one"
    );
    assert!(!probe.failed(next, &error(ErrorKind::Unavailable), false));
    let next = breaker.next().unwrap();
    assert!(go(&breaker, next).succeeded().is_some());
    assert!(matches!(
        breaker.health(next, breaker.serves()),
        Health::Healthy
    ));
    drop(go(&breaker, next));
}

#[test]
fn a_time_out_that_outlasts_the_callers_opens_it_soon() {
    let (breaker, mut now) = (breaker(), Instant::now());
    let slow = Duration::from_secs(30);
    assert!(!go(&breaker, now).failed(now + slow, &error(ErrorKind::Timeout), false));
    now = breaker.next().unwrap();
    assert!(go(&breaker, now).failed(now + slow, &error(ErrorKind::Timeout), false));
}

#[test]
fn nobody_waits_for_a_password() {
    let (breaker, start) = (breaker(), Instant::now());
    let (now, failures) = open(&breaker, start, ErrorKind::Denied);
    assert_eq!(failures, 1);
    let Answer::Refused(refused) = breaker.ask(now, false) else {
        panic!("it is open");
    };
    assert_eq!(refused.kind(), ErrorKind::Denied);
    let next = breaker.next().unwrap();
    assert!(next - now <= FIRST_PAUSE, "but it is soon tried again");
    assert!(go(&breaker, next).succeeded().is_some());
}

#[test]
fn who_serves_on_is_not_unavailable() {
    let (breaker, start) = (breaker(), Instant::now());
    breaker.served();
    assert!(!breaker.serves(), "all is well, and nothing is noted");
    let (now, _) = open(&breaker, start, ErrorKind::Exhausted);
    breaker.served();
    assert!(matches!(
        breaker.health(now, breaker.serves()),
        Health::Degraded(_)
    ));
    breaker.report();
    assert!(matches!(
        breaker.health(now, breaker.serves()),
        Health::Unavailable(_)
    ));
}

#[test]
fn no_caller_probes_unless_nobody_else_does() {
    let (breaker, start) = (breaker(), Instant::now());
    open(&breaker, start, ErrorKind::Unavailable);
    let next = breaker.next().unwrap();
    assert!(matches!(breaker.ask(next, false), Answer::Refused(_)));
    let later = next + NOBODY_PROBES;
    assert!(matches!(breaker.ask(later, false), Answer::Go(_)));
}

#[test]
fn a_turn_that_nobody_goes_on_with_is_given_to_another() {
    let (breaker, start) = (breaker(), Instant::now());
    assert!(!go(&breaker, start).failed(start, &error(ErrorKind::Unavailable), false));
    let next = breaker.next().unwrap();
    let forsaken = go(&breaker, next);
    assert!(matches!(breaker.ask(next + START, false), Answer::Wait(..)));
    let later = next + START + NOBODY_PROBES;
    let second = go(&breaker, later);
    assert!(second.is_alone());
    drop(forsaken);
    assert!(
        matches!(breaker.ask(later, true), Answer::Wait(..)),
        "the second still has it"
    );
    drop(second);
    drop(go(&breaker, later));
}

#[test]
fn an_attempt_that_fails_for_another_reason_puts_off_the_next_one() {
    let (breaker, start) = (breaker(), Instant::now());
    assert!(!go(&breaker, start).is_awaited(), "nothing has failed");
    let (now, _) = open(&breaker, start, ErrorKind::Unavailable);
    let next = breaker.next().unwrap();
    assert!(next > now);
    let probe = go(&breaker, next);
    assert!(probe.is_awaited());
    let unsupported = Error::new(ErrorKind::Unsupported, "no such version");
    assert!(!probe.failed(next, &unsupported, false));
    assert!(breaker.next().unwrap() > next);
    let Answer::Refused(refused) = breaker.ask(next, false) else {
        panic!("it is open");
    };
    assert!(refused.message().contains("no such version"), "{refused}");
}

#[test]
fn a_turn_from_before_the_trouble_does_not_end_as_one_that_others_wait_for() {
    let (breaker, start) = (breaker(), Instant::now());
    let (early, turn) = (go(&breaker, start), go(&breaker, start));
    assert!(!turn.failed(start, &error(ErrorKind::Unavailable), false));
    assert!(!early.is_awaited() && !early.is_alone());
    let next = breaker.next().unwrap();
    let late = go(&breaker, next);
    assert!(late.is_awaited());
    assert_eq!(early.succeeded(), None);
    assert!(!late.is_awaited(), "the trouble is over");
    assert!(!breaker.is_troubled());
    assert!(!late.failed(next, &error(ErrorKind::Unavailable), false));
    assert!(breaker.is_troubled());
}

#[test]
fn a_probe_ends_with_the_trouble_that_it_is_for() {
    let (breaker, start) = (breaker(), Instant::now());
    assert!(breaker.trouble().is_none());
    let (now, _) = open(&breaker, start, ErrorKind::Unavailable);
    let trouble = breaker.trouble().unwrap();
    let next = breaker.next();
    assert_eq!(breaker.next_in(trouble), next);
    let later = next.unwrap().max(now);
    assert!(go(&breaker, later).succeeded().is_some());
    assert!(breaker.next_in(trouble).is_none());
    open(&breaker, later, ErrorKind::Unavailable);
    assert!(breaker.next_in(trouble).is_none());
    assert!(breaker.trouble().is_some());
}
