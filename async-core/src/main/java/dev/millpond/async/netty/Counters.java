package dev.millpond.async.netty;

import dev.millpond.async.CoreStats;
import java.util.concurrent.atomic.LongAdder;

/** The running counters behind {@link CoreStats}. */
final class Counters {

    final LongAdder connected = new LongAdder();
    final LongAdder accepted = new LongAdder();
    final LongAdder bytesRead = new LongAdder();
    final LongAdder bytesWritten = new LongAdder();
    final LongAdder lookUps = new LongAdder();
    final LongAdder timers = new LongAdder();
    final Retention retention = new Retention();

    CoreStats snapshot(String transport, long open, long pendingWrites, long pendingWriteBytes) {
        return new CoreStats(
                transport,
                connected.sum(),
                accepted.sum(),
                open,
                bytesRead.sum(),
                bytesWritten.sum(),
                pendingWrites,
                pendingWriteBytes,
                lookUps.sum(),
                retention.held(),
                timers.sum());
    }
}
