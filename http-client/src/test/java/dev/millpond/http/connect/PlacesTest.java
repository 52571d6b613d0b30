package dev.millpond.http.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.pool.PoolStats;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections here have a name each, in the order of their making, and nothing else. */
@Timeout(120)
class PlacesTest {

    private static final HttpRoute A = new HttpRoute(new HttpHost("a", 80));
    private static final HttpRoute B = new HttpRoute(new HttpHost("b", 80));
    private static final HttpRoute C = new HttpRoute(new HttpHost("c", 80));

    private static final class Named implements Pooled {
        private final String name;
        private boolean open = true;

        Named(String name) {
            this.name = name;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void abort() {
            open = false;
        }
    }

    private final class Asking extends Lease<Named> {
        private @Nullable Place<Named> place;
        private boolean refused;

        Asking(HttpRoute route, @Nullable Object owner) {
            super(route, owner);
        }

        @Override
        protected void granted(Place<Named> granted) {
            assertThat(place).isNull();
            place = granted;
        }

        @Override
        protected void refused() {
            refused = true;
        }

        Place<Named> place() {
            assertThat(place).isNotNull();
            return java.util.Objects.requireNonNull(place);
        }

        /** The name of the connection that it got, or of one that is opened in its place. */
        String name() {
            Named known = place().connection();
            if (known != null) {
                return known.name;
            }
            Named opened = new Named("new " + ++made);
            all.add(opened);
            place().connection(opened);
            return opened.name;
        }

        void giveBack() {
            places.release(place(), owner, 0);
        }
    }

    private long now = Long.MAX_VALUE - 5; // so that the clock overflows, as System.nanoTime() may
    private int made;
    private final List<Named> all = new ArrayList<>();
    private Places<Named> places = new Places<>(2, 3, () -> now);

    private Asking lease(HttpRoute route) {
        return lease(route, null);
    }

    private Asking lease(HttpRoute route, @Nullable Object owner) {
        Asking lease = new Asking(route, owner);
        boolean waits = places.lease(lease);
        assertThat(waits).isEqualTo(lease.place == null && !lease.refused);
        return lease;
    }

    private List<String> open() {
        return all.stream().filter(Named::isOpen).map(named -> named.name).toList();
    }

    private static String text(PoolStats stats) {
        return stats.getLeased() + " leased, " + stats.getAvailable() + " idle, " + stats.getPending() + " waiting of "
                + stats.getMax();
    }

    @Test
    void theLastThatWasUsedIsLeasedFirst() {
        Asking first = lease(A);
        Asking second = lease(A);
        assertThat(first.name()).isEqualTo("new 1");
        assertThat(second.name()).isEqualTo("new 2");
        second.giveBack();
        first.giveBack();
        assertThat(text(places.stats())).isEqualTo("0 leased, 2 idle, 0 waiting of 3");
        assertThat(lease(A).name()).isEqualTo("new 1");
        assertThat(lease(A).name()).isEqualTo("new 2");
    }

    @Test
    void whoFindsNoPlaceInItsRouteWaitsAndOthersDoNot() {
        Asking first = lease(A);
        first.name();
        lease(A);
        Asking third = lease(A);
        Asking fourth = lease(A);
        Asking other = lease(B);
        assertThat(third.place).isNull();
        assertThat(other.name()).isEqualTo("new 2");
        assertThat(text(places.stats(A))).isEqualTo("2 leased, 0 idle, 2 waiting of 2");
        assertThat(text(places.stats(B))).isEqualTo("1 leased, 0 idle, 0 waiting of 2");
        other.giveBack();
        assertThat(third.place).isNull();
        first.giveBack();
        assertThat(third.name()).isEqualTo("new 1");
        assertThat(fourth.place).isNull();
    }

    @Test
    void whatIsIdleElsewhereMakesRoomTheOldestFirst() {
        Asking b = lease(B);
        Asking c = lease(C);
        Asking a = lease(A);
        b.name();
        c.name();
        a.name();
        c.giveBack();
        now++;
        b.giveBack();
        Asking another = lease(A);
        assertThat(another.place().connection()).isNull();
        assertThat(open()).containsExactly("new 1", "new 3");
        assertThat(text(places.stats())).isEqualTo("2 leased, 1 idle, 0 waiting of 3");
        assertThat(text(places.stats(C))).isEqualTo("0 leased, 0 idle, 0 waiting of 2");
    }

    @Test
    void whereAllIsLeasedWhoeverComesNextWaitsForAnyOfThem() {
        Asking b = lease(B);
        Asking c = lease(C);
        Asking a = lease(A);
        b.name();
        Asking waiting = lease(A);
        assertThat(waiting.place).isNull();
        b.giveBack();
        assertThat(waiting.place().connection()).isNull();
        assertThat(open()).isEmpty();
        assertThat(List.of(a, c)).allSatisfy(leased -> assertThat(leased.place).isNotNull());
    }

    @Test
    void aConnectionOfSomebodyIsForNobodyElse() {
        Asking own = lease(A, "own");
        assertThat(own.name()).isEqualTo("new 1");
        own.giveBack();
        Asking nobodys = lease(A);
        assertThat(nobodys.name()).isEqualTo("new 2");
        nobodys.giveBack();
        // Its own goes before nobody's, and nobody's before a new one.
        assertThat(lease(A, "own").name()).isEqualTo("new 1");
        Asking others = lease(A, "other");
        assertThat(others.name()).isEqualTo("new 2");
        others.giveBack();
        // There is no room for another besides that one, which makes room.
        assertThat(lease(A, "third").name()).isEqualTo("new 3");
        assertThat(open()).containsExactly("new 1", "new 3");
    }

    @Test
    void whatHasClosedOrExpiredIsNotLeased() {
        Asking closed = lease(A);
        Asking expired = lease(A);
        closed.name();
        expired.name();
        places.release(expired.place(), null, 10);
        closed.giveBack();
        all.get(0).open = false;
        now += 9;
        assertThat(lease(A).name()).isEqualTo("new 2");
        assertThat(text(places.stats())).isEqualTo("1 leased, 0 idle, 0 waiting of 3");
        Asking brief = lease(A);
        brief.name();
        places.release(brief.place(), null, 10);
        now += 10;
        assertThat(lease(A).name()).isEqualTo("new 4");
        assertThat(open()).containsExactly("new 2", "new 4");
    }

    @Test
    void sweepingDropsWhatCanNotBeUsedAndServesWhoWaits() {
        places = new Places<>(2, 2, () -> now);
        Asking a = lease(A);
        Asking b = lease(B);
        a.name();
        b.name();
        places.release(a.place(), null, 10);
        places.release(b.place(), null, 20);
        places.sweep();
        assertThat(open()).containsExactly("new 1", "new 2");
        now += 10;
        places.sweep();
        assertThat(open()).containsExactly("new 2");
        all.get(1).open = false;
        places.sweep();
        assertThat(text(places.stats())).isEqualTo("0 leased, 0 idle, 0 waiting of 2");
    }

    @Test
    void whatIsGivenBackWithoutAConnectionIsRoomForOthers() {
        lease(A);
        Asking empty = lease(A);
        Asking waiting = lease(A);
        places.release(empty.place());
        assertThat(waiting.place().connection()).isNull();
        assertThat(text(places.stats())).isEqualTo("2 leased, 0 idle, 0 waiting of 3");
    }

    @Test
    void whatWasLeasedForNothingIsAsItWas() {
        Asking own = lease(A, "own");
        own.name();
        places.release(own.place(), "own", 10);
        Asking unused = lease(A, "own");
        places.release(unused.place());
        assertThat(lease(A).place().connection()).isNull();
        now += 10;
        assertThat(lease(A, "own").place().connection()).isNull();
        assertThat(open()).isEmpty();
    }

    @Test
    void whoNoLongerWaitsIsPassedOver() {
        Asking first = lease(A);
        first.name();
        lease(A);
        Asking gone = lease(A);
        Asking next = lease(A);
        places.cancel(gone);
        assertThat(places.stats().getPending()).isOne();
        first.giveBack();
        assertThat(gone.place).isNull();
        assertThat(next.name()).isEqualTo("new 1");
        places.cancel(next);
        assertThat(next.name()).isEqualTo("new 1");
    }

    @Test
    void closingRefusesWhoWaitsAndWhoComesAndKeepsNothing() {
        Asking idle = lease(A);
        Asking leased = lease(A);
        idle.name();
        leased.name();
        Asking waiting = lease(A);
        idle.giveBack();
        assertThat(waiting.name()).isEqualTo("new 1");
        Asking more = lease(A);
        waiting.giveBack();
        more.giveBack();
        Asking last = lease(A);
        lease(B);
        Asking stuck = lease(A);
        places.close();
        assertThat(stuck.refused).isTrue();
        assertThat(lease(C).refused).isTrue();
        last.giveBack();
        leased.giveBack();
        assertThat(open()).isEmpty();
        assertThat(text(places.stats())).isEqualTo("1 leased, 0 idle, 0 waiting of 3");
    }

    @Test
    void manyThreadsNeverHaveMoreThanTheLimitsAndAllAreServed() throws Exception {
        Places<Named> shared = new Places<>(2, 3, System::nanoTime);
        AtomicInteger leased = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Future<?>> users = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Random random = new Random(i);
            users.add(threads.submit(() -> {
                for (int round = 0; round < 5_000; round++) {
                    HttpRoute route = List.of(A, B, C).get(random.nextInt(3));
                    Object owner = random.nextInt(4) == 0 ? "owner" : null;
                    Place<Named> place = await(shared, route, owner);
                    most.accumulateAndGet(leased.incrementAndGet(), Math::max);
                    if (place.connection() == null) {
                        place.connection(new Named("any"));
                    }
                    leased.decrementAndGet();
                    shared.release(place, owner, 0);
                }
                return null;
            }));
        }
        for (Future<?> user : users) {
            user.get(100, TimeUnit.SECONDS);
        }
        threads.shutdown();
        assertThat(most.get()).isBetween(1, 3);
        assertThat(shared.stats().getLeased()).isZero();
        assertThat(shared.stats().getPending()).isZero();
        assertThat(shared.stats().getAvailable()).isBetween(1, 3);
    }

    private static Place<Named> await(Places<Named> places, HttpRoute route, @Nullable Object owner) throws Exception {
        CompletableFuture<Place<Named>> granted = new CompletableFuture<>();
        places.lease(new Lease<>(route, owner) {
            @Override
            protected void granted(Place<Named> place) {
                granted.complete(place);
            }

            @Override
            protected void refused() {
                granted.cancel(true);
            }
        });
        return granted.get(100, TimeUnit.SECONDS);
    }
}
