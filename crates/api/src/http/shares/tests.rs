use std::net::IpAddr;

use futures_util::FutureExt;
use tokio::task::unconstrained;

use super::*;

fn at(number: u8) -> Principal {
    Principal::Address(Some(IpAddr::from([10, 0, 0, number])))
}

#[tokio::test]
async fn slow_reads_of_all_users_at_one_address_leave_half_to_other_addresses() {
    let reads = SlowReads::new(4);
    let take = |user, address| reads.turn(Principal::User(UserId::new(user)), at(address));
    let busy = (take(1, 1).await.unwrap(), take(2, 1).await.unwrap());
    let mut third = Box::pin(take(3, 1));
    assert!((&mut third).now_or_never().is_none());
    let other = (take(4, 2).await.unwrap(), take(5, 2).await.unwrap());
    drop(other);
    drop(busy);
    drop(third.await.unwrap());
    assert!(
        reads.addresses.share.clients.lock().unwrap().is_empty(),
        "idle addresses are forgotten"
    );
}

/// So many requests in one task use up the budget of the runtime, which does not matter here.
#[tokio::test]
async fn slow_reads_that_wait_at_one_address_are_bounded() {
    let reads = SlowReads::new(4);
    let take = |user| reads.turn(Principal::User(UserId::new(user)), at(1));
    let busy = (take(1).await.unwrap(), take(2).await.unwrap());
    let mut waiting = Vec::new();
    for user in 0..WAITING_OF_ADDRESS as i64 {
        let mut one = Box::pin(take(user + 3));
        assert!(unconstrained(&mut one).now_or_never().is_none());
        waiting.push(one);
    }
    assert_eq!(refusal(unconstrained(take(1_000)).await), Some(Reason::RateLimited));
    drop(busy);
}

fn refusal<T>(taken: Result<T, ApiError>) -> Option<Reason> {
    taken.err().map(|error| error.reason)
}

#[test]
fn one_user_leaves_slots_to_the_others() {
    let slots = Slots::new("an upload", 4, UserShare::one_and_the_next("an upload"));
    // Every user is at another address.
    let take = |user: i64| slots.take(UserId::new(user), at(user as u8));
    let mine = [take(1).unwrap(), take(1).unwrap()];
    assert_eq!(refusal(take(1)), Some(Reason::RateLimited));
    let other = [take(2).unwrap(), take(3).unwrap()];
    assert_eq!(refusal(take(4)), Some(Reason::Unavailable));
    drop(mine);
    assert_eq!(refusal(take(1)), None);
    drop(other);
    assert!(slots.share.share.clients.lock().unwrap().is_empty(), "idle clients are forgotten");
}

#[test]
fn all_users_at_one_address_leave_half_of_the_slots_to_others() {
    let slots = Slots::new("an import", 4, UserShare::one("an import"));
    let take = |user, address| slots.take(UserId::new(user), at(address));
    let _busy = [take(1, 1).unwrap(), take(2, 1).unwrap()];
    let refused = take(3, 1).err().unwrap();
    assert_eq!(refused.reason, Reason::RateLimited);
    let message =
        "Your address has an import under way 2 times; wait until one ends, then try again";
    assert_eq!(refused.message, message);
    assert!(take(4, 2).is_ok() && take(3, 2).is_ok());
}

#[test]
fn a_refusal_says_what_to_do() {
    let slots = Slots::new("an import", 2, UserShare::one("an import or export"));
    let take = || slots.take(UserId::new(1), at(1));
    let _mine = take().unwrap();
    let message = take().err().unwrap().message;
    let expected = "You have an import or export under way; wait until it ends, then try again";
    assert_eq!(message, expected);
}

#[test]
fn two_kinds_of_requests_can_have_one_share() {
    let share = UserShare::one("an import or export");
    let [imports, exports] =
        ["an import", "an export"].map(|request| Slots::new(request, 2, share.clone()));
    let import = imports.take(UserId::new(1), at(1)).unwrap();
    assert_eq!(refusal(exports.take(UserId::new(1), at(1))), Some(Reason::RateLimited));
    assert_eq!(refusal(exports.take(UserId::new(2), at(2))), None);
    drop(import);
    assert_eq!(refusal(exports.take(UserId::new(1), at(1))), None);
}

#[tokio::test]
async fn long_requests_of_one_user_take_turns() {
    let slots = Slots::new("an upload", 6, UserShare::one_and_the_next("an upload"));
    let [first, second, other] =
        [1, 1, 2].map(|user| slots.take(UserId::new(user), at(1)).unwrap());
    let turn = first.turn().await.unwrap();
    assert!(second.turn().now_or_never().is_none());
    assert!(other.turn().now_or_never().is_some());
    drop((turn, first));
    drop(second.turn().await.unwrap());
}

#[tokio::test]
async fn long_requests_of_one_address_take_turns() {
    let slots = Slots::new("an upload", 20, UserShare::one("an upload"));
    let take = |user, address| slots.take(UserId::new(user), at(address)).unwrap();
    let all: Vec<_> = (0..=TURNS_OF_ADDRESS as i64).map(|user| take(user, 1)).collect();
    let (last, first) = all.split_last().unwrap();
    let turns: Vec<_> = first.iter().map(|slot| slot.turn().now_or_never().unwrap()).collect();
    assert!(last.turn().now_or_never().is_none());
    assert!(take(100, 2).turn().now_or_never().is_some());
    drop(turns);
    assert!(last.turn().now_or_never().is_some());
}

#[tokio::test]
async fn slow_reads_of_one_client_wait_and_those_of_others_do_not() {
    let reads = SlowReads::new(8);
    let take = |user| reads.turn(Principal::User(UserId::new(user)), at(1));
    let mine = (take(1).await.unwrap(), take(1).await.unwrap());
    let mut waiting: Vec<_> = (0..WAITING).map(|_| Box::pin(take(1))).collect();
    for third in &mut waiting {
        assert!(third.now_or_never().is_none());
    }
    assert_eq!(refusal(take(1).await), Some(Reason::RateLimited));
    drop(take(2).await.unwrap());
    drop(mine);
    waiting.swap_remove(0).await.unwrap();
    drop(waiting);
    assert!(reads.clients.share.clients.lock().unwrap().is_empty(), "idle clients are forgotten");
}
